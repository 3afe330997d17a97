"""Property-based tests of a running Leasehold against its own description:
`python schemathesis_run.py [examples] [endpoint]`. At least so many requests are made up, in equal parts for all
operations. Prints how many they were, and exits with a status other than 0 where one was answered wrongly."""

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

WANTED = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
ENDPOINT = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:9696"
HERE = os.path.dirname(os.path.abspath(__file__))
# A few requests are the same ones every time, so that they tell of a change; many are new ones, to find something.
SEED = os.environ.get("SEED") or ("1" if WANTED < 5000 else "")


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{ENDPOINT}{path}", data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def furnish():
    """Something of each kind, for requests to name."""
    for number in range(8):
        network = call("POST", "/v2.0/networks", {"network": {"name": f"n{number}"}})["network"]
        subnets = [
            {"network_id": network["id"], "ip_version": 4, "cidr": f"10.{number}.0.0/24", "enable_dhcp": False},
            {"network_id": network["id"], "ip_version": 6, "cidr": f"fd00:{number}::/64", "enable_dhcp": False},
        ]
        call("POST", "/v2.0/subnets", {"subnets": subnets})
        call("POST", "/v2.0/ports", {"ports": [{"network_id": network["id"]}] * 3})
        pool = {"name": f"p{number}", "prefixes": [f"10.{100 + number}.0.0/16"]}
        call("POST", "/v2.0/subnetpools", {"subnetpool": pool})


document = call("GET", "/openapi.json")
operations = sum(method in {"get", "put", "post", "delete"} for it in document["paths"].values() for method in it)
furnish()
# Some operations have fewer different requests than their part, so all get a little more.
command = [
    os.path.join(os.path.dirname(sys.executable), "schemathesis"),
    "--config-file", os.path.join(HERE, "schemathesis.toml"), "run", f"{ENDPOINT}/openapi.json",
    "--continue-on-failure",
    "--max-examples", str(math.ceil(1.3 * WANTED / operations)), "--generation-database", "none", "--no-color",
    "--request-timeout", "120", "--warnings", "off",
] + (["--phases", "fuzzing,stateful"] if WANTED < 5000 else []) + (
    ["--seed", SEED] if SEED else [])
environment = {
    **os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": HERE, "LEASEHOLD_ENDPOINT": ENDPOINT,
    "PYTHONDONTWRITEBYTECODE": "1",
}
# It leaves what it found in the folder that it runs in.
with tempfile.TemporaryDirectory() as folder:
    run = subprocess.run(
        command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
made = re.search(r"(\d+) generated", run.stdout)
print(run.stdout if run.returncode else "")
print(f"operations={operations}")
print(f"examples={made.group(1) if made else 0}")
print(f"status={run.returncode}")
sys.exit(run.returncode)
