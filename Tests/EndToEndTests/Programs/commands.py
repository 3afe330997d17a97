"""The stock `openstack` client against Leasehold: some seventy commands in one process (each process of its own
would cost more than a second of start-up). `python commands.py [endpoint]`.

Quotas and --project need an identity service; one of sixty lines stands in for Keystone here."""

import contextlib
import http.server
import io
import json
import shlex
import sys
import threading

from openstackclient import shell

ENDPOINT = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:9696"
PROJECT = {"id": "3f5a1c0e9d8b4a7f8e6d5c4b3a291807", "name": "demo", "domain_id": "default", "enabled": True}
failures, count = [], 0


class Identity(http.server.BaseHTTPRequestHandler):
    """As much of Keystone's v3 as the client asks for."""

    def answer(self, status, body, **headers):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(data), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        base = f"http://{self.headers['Host']}"
        version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": f"{base}/v3/"}]}
        path, _, query = self.path.partition("?")
        if path in ("", "/"):
            self.answer(300, {"versions": {"values": [version]}})
        elif path.rstrip("/") == "/v3":
            self.answer(200, {"version": version})
        elif path == f"/v3/projects/{PROJECT['id']}":
            self.answer(200, {"project": PROJECT})
        elif path == "/v3/projects":
            self.answer(200, {"projects": [PROJECT] if query in ("", "name=demo") else [], "links": {}})
        else:
            self.answer(404, {"error": {"code": 404, "title": "Not Found", "message": path}})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        base = f"http://{self.headers['Host']}/v3"

        def service(kind, url):
            return {"type": kind, "id": kind, "name": kind, "endpoints": [
                {"id": kind, "interface": "public", "region": "here", "region_id": "here", "url": url}]}

        token = {
            "methods": ["password"], "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z", "project": {**PROJECT, "domain": {"id": "default"}},
            "user": {"id": "alice", "name": "alice", "domain": {"id": "default", "name": "Default"}},
            "roles": [{"id": "admin", "name": "admin"}],
            "catalog": [service("network", ENDPOINT), service("identity", base)],
        }
        self.answer(201, {"token": token}, X_Subject_Token="a-token")

    def log_message(self, *_):
        pass


identity = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Identity)
threading.Thread(target=identity.serve_forever, daemon=True).start()
OPTIONS = shlex.split(
    f"--os-auth-url http://127.0.0.1:{identity.server_port}/v3 --os-username alice --os-password secret"
    " --os-project-name demo --os-user-domain-name Default --os-project-domain-name Default"
    " --os-identity-api-version 3")


def execute(line):
    """The client's exit status and what it prints."""
    global count
    count += 1
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = shell.main(OPTIONS + shlex.split(line))
        except SystemExit as exit:
            status = exit.code
    return status, out.getvalue(), err.getvalue()


def told(line, what):
    failures.append(f"openstack {line}: {what}")


def does(line):
    """The command succeeds."""
    status, out, err = execute(line)
    if status != 0:
        told(line, f"exit status {status}: {err.strip() or out.strip()}")
    return out


def shows(line, **expected):
    """The command succeeds and shows these fields."""
    out = does(f"{line} -f json")
    try:
        shown = json.loads(out)
    except ValueError:
        return {}
    for name, value in expected.items():
        name = name if name in shown else name.replace("__", ":")
        if shown.get(name, "absent") != value:
            told(line, f"{name} is {shown.get(name, 'absent')!r}, not {value!r}")
    return shown


def lists(line, column, expected=None, has=None):
    """The command succeeds and lists these values in a column."""
    out = does(f"{line} -f json")
    try:
        found = [row[column] for row in json.loads(out)]
    except (ValueError, KeyError) as error:
        told(line, f"{type(error).__name__} {error}: {out[:200]}")
        return []
    if expected is not None and sorted(map(str, found)) != sorted(map(str, expected)):
        told(line, f"{column} are {found}, not {expected}")
    if has is not None and has not in found:
        told(line, f"{column} are {found}, without {has}")
    return found


def fails(line, text):
    """The command fails and says this."""
    status, out, err = execute(line)
    if status == 0 or text not in out + err:
        told(line, f"exit status {status}, not with {text!r}: {(out + err).strip()}")


# Networks
shows("network create net1", name="net1", status="ACTIVE", admin_state_up=True, mtu=1500, shared=False)
shows("network create --share --mtu 1400 --description d --tag a --tag b --dns-domain example.org. net2",
      name="net2", shared=True, mtu=1400, description="d", tags=["a", "b"], dns_domain="example.org.")
shows("network create --provider-network-type vxlan --provider-segment 4242 --disable-port-security net3",
      port_security_enabled=False)
shows("network create --project demo --no-share net4", project_id=PROJECT["id"])
shows("network create --availability-zone-hint nova --default --external net5", is_default=True)
lists("network list", "Name", ["net1", "net2", "net3", "net4", "net5"])
lists("network list --long", "State", [True] * 5)
lists("network list --name net1", "Name", ["net1"])
lists("network list --project demo", "Name", ["net4"])
lists("network list --share", "Name", ["net2"])
lists("network list --external", "Name", ["net5"])
lists("network list --tags a,b", "Name", ["net2"])
lists("network list --not-any-tags a", "Name", ["net1", "net3", "net4", "net5"])
lists("network list --provider-network-type vxlan --provider-segment 4242", "Name", ["net3"])
does("network set --name net3b --description new --disable --tag c net3")
shows("network show net3b", description="new", admin_state_up=False, tags=["c"])
does("network unset --tag c net3b")
shows("network show net3b", tags=[])
fails("network show nosuch", "No Network found for nosuch")
fails(f"network create {'x' * 256}", "exceeds maximum length of 255")

# Subnet pools
shows("subnet pool create --pool-prefix 10.96.0.0/16 --default-prefix-length 26 --min-prefix-length 24"
      " --max-prefix-length 28 --default-quota 512 --tag p pool1", default_prefixlen=26, default_quota=512,
      min_prefixlen=24, max_prefixlen=28, prefixes=["10.96.0.0/16"])
shows("subnet pool create --pool-prefix fd96::/48 --share pool6", ip_version=6, shared=True, min_prefixlen=64)
lists("subnet pool list", "Name", ["pool1", "pool6"])
lists("subnet pool list --long --share", "Name", ["pool6"])
does("subnet pool set --pool-prefix 10.97.0.0/16 --description grown pool1")
shows("subnet pool show pool1", description="grown", prefixes=["10.96.0.0/15"])
does("subnet pool unset --tag p pool1")
fails("subnet pool create --pool-prefix 10.0.0.0/40 bad", "is not a valid IP subnet")

# Subnets
shows("subnet create --network net1 --subnet-range 10.1.0.0/24 --dns-nameserver 9.9.9.9 sub1", cidr="10.1.0.0/24",
      gateway_ip="10.1.0.1", enable_dhcp=True, dns_nameservers=["9.9.9.9"],
      allocation_pools=[{"start": "10.1.0.2", "end": "10.1.0.254"}])
shows("subnet create --network net1 --subnet-range 10.2.0.0/24 --gateway none --no-dhcp --tag s"
      " --allocation-pool start=10.2.0.10,end=10.2.0.20"
      " --host-route destination=10.9.0.0/16,gateway=10.2.0.9 sub2", gateway_ip=None, enable_dhcp=False,
      host_routes=[{"destination": "10.9.0.0/16", "nexthop": "10.2.0.9"}], tags=["s"])
shows("subnet create --network net1 --ip-version 6 --subnet-range fd00:1::/64 --ipv6-ra-mode dhcpv6-stateful"
      " --ipv6-address-mode dhcpv6-stateful sub6", ipv6_ra_mode="dhcpv6-stateful", ip_version=6)
shows("subnet create --network net2 --subnet-pool pool1 --prefix-length 27 pooled", cidr="10.96.0.0/27")
shows("subnet create --network net4 --subnet-pool pool6 --ip-version 6 pooled6", cidr="fd96::/64")
lists("subnet list --network net1", "Name", ["sub1", "sub2", "sub6"])
lists("subnet list --ip-version 6", "Name", ["sub6", "pooled6"])
lists("subnet list --no-dhcp --long", "Name", ["sub2"])
lists("subnet list --subnet-range 10.1.0.0/24", "Name", ["sub1"])
lists("subnet list --gateway 10.1.0.1", "Name", ["sub1"])
does("subnet set --dns-nameserver 1.1.1.1 --gateway 10.1.0.1 --service-type compute:nova sub1")
shows("subnet show sub1", dns_nameservers=["1.1.1.1", "9.9.9.9"], service_types=["compute:nova"])
does("subnet unset --dns-nameserver 9.9.9.9 --service-type compute:nova sub1")
shows("subnet show sub1", dns_nameservers=["1.1.1.1"], service_types=[])
fails("subnet create --network net1 --subnet-range 10.1.0.0/25 overlap", "overlaps with another subnet")

# Ports
shows("port create --network net1 --fixed-ip subnet=sub1,ip-address=10.1.0.5 --mac-address fa:16:3e:11:22:33"
      " --extra-dhcp-option name=bootfile-name,value=pxe.0,ip-version=4 --host h1 --device vm1"
      " --device-owner compute:nova --tag t port1", mac_address="fa:16:3e:11:22:33", binding_host_id="h1",
      device_id="vm1", tags=["t"],
      extra_dhcp_opts=[{"opt_name": "bootfile-name", "opt_value": "pxe.0", "ip_version": 4}])
shows("port create --network net1 --disable --description second --allowed-address ip-address=10.1.0.77 port2",
      admin_state_up=False, description="second")
shows("port create --network net1 --no-fixed-ip --disable-port-security port3", fixed_ips=[],
      port_security_enabled=False)
lists("port list --network net1 --device-owner compute:nova", "Name", ["port1"])
lists("port list --fixed-ip ip-address=10.1.0.5 --long", "Name", ["port1"])
lists("port list --fixed-ip ip-substring=10.1.0.5 --mac-address fa:16:3e:11:22:33", "Name", ["port1"])
lists("port list --host h1 --tags t", "Name", ["port1"])
lists("port list --name port2", "Name", ["port2"])
# Outside of the pool, where port2 may have been given an address.
does("port set --name port1b --fixed-ip subnet=sub2,ip-address=10.2.0.30 port1")
if {it["ip_address"] for it in shows("port show port1b", name="port1b").get("fixed_ips", [])} != {
        "10.1.0.5", "10.2.0.30"}:
    told("port show port1b", "it lacks an address")
does("port unset --fixed-ip subnet=sub2,ip-address=10.2.0.30 --tag t port1b")
shows("port show port1b", tags=[])
fails("port create --network net1 --fixed-ip ip-address=10.1.0.5 again", "already allocated")
fails("port create --network net1 --mac-address fa:16:3e:11:22:33 again", "is in use")

# Agents, zones, availability, extensions, quotas
agent = lists("network agent list --agent-type dhcp", "ID")[0]
shows(f"network agent show {agent}", agent_type="DHCP agent", alive=True, admin_state_up=True)
lists("network agent list --network net1", "ID", [agent])
lists(f"network list --agent {agent}", "Name", has="net1")
does(f"network agent remove network --dhcp {agent} net1")
lists("network agent list --network net1", "ID", [])
does(f"network agent add network --dhcp {agent} net1")
does(f"network agent set --description edge {agent}")
shows(f"network agent show {agent}", description="edge")
lists("availability zone list --network", "Zone Name", has="nova")
lists("ip availability list", "Network Name", has="net1")
shows("ip availability show net1", network_name="net1")
lists("extension list --network", "Alias", has="revision-if-match")
shows("extension show agent", alias="agent")
does("quota set --networks 7 --ports 20 demo")
shows("quota show --network demo")
shows("quota show --default --network")
lists("quota list --network", "Networks", ["7"])
does("quota delete --network demo")

# Away with it all
fails("network delete net1", "1 of 1 networks failed to delete")
does("port delete port1b port2 port3")
does("subnet delete sub1 sub2 sub6 pooled pooled6")
does("subnet pool delete pool1 pool6")
does("network delete net1 net2 net3b net4 net5")
lists("network list", "Name", [])
fails("network delete net1 nosuch", "2 of 2 networks failed to delete")

for failure in failures:
    print(f"failure={failure}")
print(f"commands={count}")
print(f"failed={len(failures)}")
