"""Requests that schemathesis makes up name networks, subnets, ports … that don't exist, and would seldom get past
that. These hooks put identifiers of things that do exist in their place. Which one follows from what was made up,
so that a run can be repeated."""

import json
import os
import re
import time
import urllib.request
import zlib

import schemathesis

UUID = re.compile(r"^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$")
COLLECTIONS = {
    "networks": "networks", "subnets": "subnets", "ports": "ports", "subnetpools": "subnetpools", "agents": "agents",
    "dhcp-networks": "networks", "network-ip-availabilities": "networks",
}
KINDS = {"network_id": "networks", "subnet_id": "subnets", "subnetpool_id": "subnetpools", "port_id": "ports"}


class Existing:
    """What there is, looked up again from time to time."""

    def __init__(self):
        self.endpoint = os.environ["LEASEHOLD_ENDPOINT"]
        self.looked, self.found = {}, {}

    def of(self, kind):
        if time.monotonic() - self.looked.get(kind, 0) > 1:
            self.looked[kind] = time.monotonic()
            request = f"{self.endpoint}/v2.0/{kind}?fields=id&limit=50"
            with urllib.request.urlopen(request) as answer:
                self.found[kind] = [it["id"] for it in json.load(answer)[kind]]
        return self.found[kind]

    def instead_of(self, made_up, kind):
        """Something that exists for nine of ten identifiers."""
        number = zlib.crc32(repr(made_up).encode())
        found = self.of(kind)
        return made_up if number % 10 == 0 or not found else found[number // 10 % len(found)]


existing = Existing()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if not path_parameters:
        return path_parameters
    parts = context.operation.path.split("/")
    for name, value in path_parameters.items():
        if isinstance(value, str) and UUID.match(value):
            kind = KINDS.get(name) or COLLECTIONS.get(parts[parts.index("{%s}" % name) - 1])
            if kind:
                path_parameters[name] = existing.instead_of(value, kind)
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    def replaced(value, key=None):
        if isinstance(value, dict):
            return {name: replaced(it, name) for name, it in value.items()}
        if isinstance(value, list):
            return [replaced(it, key) for it in value]
        if key in KINDS and isinstance(value, str) and UUID.match(value):
            return existing.instead_of(value, KINDS[key])
        return value

    return replaced(body)
