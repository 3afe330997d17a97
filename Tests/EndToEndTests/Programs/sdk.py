"""What openstacksdk does with Leasehold: create, list with every filter, page, update with If-Match, delete;
and which exception each refusal arrives as. `python sdk.py [endpoint]`."""

import ipaddress
import sys
import unittest
import uuid
import warnings

import openstack
from openstack import exceptions
from openstack.network.v2 import agent, network, network_ip_availability, port, subnet, subnet_pool

ENDPOINT = "http://127.0.0.1:9696"
# Attributes that answers have and that can't be filtered by, in Neutron neither.
NO_FILTERS = {
    "Port": {"ip_address", "subnet_id", "binding:profile", "binding:vif_details"},
    "Subnet": {"use_default_subnet_pool"},
}


def connect():
    return openstack.connection.Connection(auth_type="none", auth={"endpoint": ENDPOINT})


class Case(unittest.TestCase):
    """A connection, and what a test made, deleted in reverse."""

    def setUp(self):
        warnings.simplefilter("ignore")  # The SDK's, about itself.
        self.cloud = connect()
        self.net = self.cloud.network
        self.addCleanup(self.cloud.close)

    def network(self, **attributes):
        made = self.net.create_network(**attributes)
        self.addCleanup(self.net.delete_network, made.id)
        return made

    def subnet(self, on, cidr="10.10.0.0/24", **attributes):
        version = ipaddress.ip_network(cidr).version
        made = self.net.create_subnet(network_id=on.id, cidr=cidr, ip_version=version, **attributes)
        self.addCleanup(self.net.delete_subnet, made.id)
        return made

    def port(self, on, **attributes):
        made = self.net.create_port(network_id=on.id, **attributes)
        self.addCleanup(self.net.delete_port, made.id)
        return made

    def pool(self, **attributes):
        made = self.net.create_subnet_pool(**attributes)
        self.addCleanup(self.net.delete_subnet_pool, made.id)
        return made

    def assertEveryFilter(self, kind, find, wanted, other):
        """Every filter that the SDK knows finds `wanted` by its own value and not by another's."""
        tried = 0
        for key, parameter in kind._query_mapping._mapping.items():
            if key in {"limit", "marker", "fields", "sort_key", "sort_dir"} or "tags" in key:
                continue
            if key in NO_FILTERS.get(kind.__name__, set()):
                with self.assertRaises(exceptions.BadRequestException, msg=key):
                    list(kind.list(self.net, **{key: "x"}))
                continue
            # The SDK's query may name a header's or body's attribute by the API's name.
            name = {"binding:host_id": "binding_host_id", "binding:vif_type": "binding_vif_type",
                    "binding:vnic_type": "binding_vnic_type", "tenant_id": "project_id",
                    "security_groups": "security_group_ids"}.get(key, key)
            value, another = getattr(wanted, name), getattr(other, name)
            if key == "fixed_ips":
                value, another = (f"ip_address={it[0]['ip_address']}" for it in (value, another))
            if value is None or value == []:
                continue
            tried += 1
            found = {it.id for it in find(**{key: value})}
            self.assertIn(wanted.id, found, f"{key}={value}")
            if another != value:
                self.assertNotIn(other.id, found, f"{key}={value}")
        for key, value, expected in (
            ("tags", "red,blue", [True, False]), ("any_tags", "red,green", [True, True]),
            ("not_tags", "red,blue", [False, True]), ("not_any_tags", "blue", [False, True]),
        ):
            if key in kind._query_mapping._mapping:
                tried += 1
                found = {it.id for it in find(**{key: value})}
                self.assertEqual([wanted.id in found, other.id in found], expected, key)
        return tried


class Filters(Case):
    def tagged(self, *pair):
        self.net.set_tags(pair[0], ["red", "blue"])
        self.net.set_tags(pair[1], ["green"])

    def test_networks(self):
        a = self.network(name="a", description="first", is_admin_state_up=False, is_shared=True,
                         is_port_security_enabled=False)
        b = self.network(name="b", description="second")
        self.tagged(a, b)
        self.assertGreater(self.assertEveryFilter(network.Network, self.net.networks, a, b), 11)

    def test_subnets(self):
        on, other = self.network(name="on"), self.network(name="other")
        a = self.subnet(on, name="a", description="first", is_dhcp_enabled=False)
        b = self.subnet(other, "fd00:10::/64", name="b", ipv6_ra_mode="slaac", ipv6_address_mode="slaac")
        self.tagged(a, b)
        self.assertGreater(self.assertEveryFilter(subnet.Subnet, self.net.subnets, a, b), 11)
        self.assertGreater(
            self.assertEveryFilter(subnet.Subnet, self.net.subnets, b, a) if not self.tagged(b, a) else 0, 12)

    def test_ports(self):
        on, other = self.network(name="on"), self.network(name="other")
        self.subnet(on, "10.11.0.0/24")
        self.subnet(other, "10.12.0.0/24")
        a = self.port(on, name="a", description="first", device_id="vm-1", device_owner="compute:nova",
                      is_admin_state_up=False, binding_host_id="host-1", is_port_security_enabled=False)
        b = self.port(other, name="b", device_id="vm-2", binding_vnic_type="direct")
        self.tagged(a, b)
        self.assertGreater(self.assertEveryFilter(port.Port, self.net.ports, a, b), 15)
        first = a.fixed_ips[0]
        for query, expected in (
            (f"subnet_id={first['subnet_id']}", {a.id}), ("ip_address_substr=10.1", {a.id, b.id}),
            ("ip_address_substr=10.12.0", {b.id}), ("ip_address=10.13.0.1", set()),
        ):
            found = {it.id for it in self.net.ports(fixed_ips=query)} & {a.id, b.id}
            self.assertEqual(found, expected, query)

    def test_subnet_pools(self):
        a = self.pool(name="a", prefixes=["10.64.0.0/16"], description="first", is_shared=True)
        b = self.pool(name="b", prefixes=["fd64::/48"])
        self.tagged(a, b)
        self.assertGreater(self.assertEveryFilter(subnet_pool.SubnetPool, self.net.subnet_pools, a, b), 8)

    def test_agents(self):
        here = next(self.net.agents())
        for key in agent.Agent._query_mapping._mapping:
            if key in {"limit", "marker", "fields", "sort_key", "sort_dir", "description"}:
                continue
            value = getattr(here, key)
            self.assertIn(here.id, {it.id for it in self.net.agents(**{key: value})}, key)
            another = not value if isinstance(value, bool) else "another"
            self.assertNotIn(here.id, {it.id for it in self.net.agents(**{key: another})}, key)

    def test_availability(self):
        on = self.network(name="measured")
        self.subnet(on, "10.20.0.0/29")
        self.port(on)
        for query in ({"network_id": on.id}, {"network_name": "measured"}, {"ip_version": 4}):
            found = [it for it in self.net.network_ip_availabilities(**query) if it.network_id == on.id]
            self.assertEqual(len(found), 1, query)
            self.assertEqual(found[0].total_ips, 5)
            self.assertGreaterEqual(found[0].used_ips, 1)
        kind = network_ip_availability.NetworkIPAvailability
        self.assertIn("project_id", kind._query_mapping._mapping)
        self.assertEqual(
            self.net.get_network_ip_availability(on.id).subnet_ip_availability[0]["cidr"], "10.20.0.0/29")


class Lists(Case):
    def test_pages_have_everything_once_in_order(self):
        on = self.network(name="pages")
        self.subnet(on, "10.30.0.0/24", is_dhcp_enabled=False)
        made = [self.port(on, name=f"p{number % 4}").id for number in range(11)]
        for limit in (1, 3, 10, 11, 100):
            found = [it.id for it in self.net.ports(network_id=on.id, limit=limit)]
            self.assertEqual(sorted(found), sorted(made), limit)
        names = [it.name for it in self.net.ports(
            network_id=on.id, limit=2, sort_key="name", sort_dir="desc")]
        self.assertEqual(names, sorted(names, reverse=True))
        self.assertEqual(len(names), 11)

    def test_a_page_goes_on_after_its_marker(self):
        for number in range(5):
            self.network(name=f"m{number}")
        everything = [it.id for it in self.net.networks(sort_key="name", sort_dir="asc")]
        rest = [it.id for it in self.net.networks(
            sort_key="name", sort_dir="asc", limit=2, marker=everything[1])]
        self.assertEqual(rest, everything[2:])

    def test_fields_limit_what_is_sent(self):
        self.network(name="fields", description="hidden")
        found = next(self.net.networks(name="fields", fields=["id", "name"]))
        self.assertEqual(found.name, "fields")
        self.assertIsNone(found.description)

    def test_many_are_created_at_once_or_none(self):
        made = self.cloud.network.post(
            "/networks", json={"networks": [{"name": "bulk-1"}, {"name": "bulk-2"}]}).json()["networks"]
        for it in made:
            self.addCleanup(self.net.delete_network, it["id"])
        self.assertEqual([it["name"] for it in made], ["bulk-1", "bulk-2"])
        answer = self.cloud.network.post(
            "/networks", json={"networks": [{"name": "bulk-3"}, {"name": "x" * 256}]})
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(list(self.net.networks(name="bulk-3")), [])


class Changes(Case):
    def test_an_update_at_a_known_revision(self):
        on = self.network(name="rev")
        changed = self.net.update_network(on, if_revision=on.revision_number, description="once")
        self.assertEqual(changed.description, "once")
        with self.assertRaises(exceptions.PreconditionFailedException) as caught:
            self.net.update_network(on.id, if_revision=changed.revision_number - 1, description="twice")
        self.assertEqual(
            caught.exception.details,
            f"Constrained to {changed.revision_number - 1}, but current revision is {changed.revision_number}")
        self.assertEqual(self.net.get_network(on.id).description, "once")

    def test_subnets_and_ports_at_a_known_revision(self):
        on = self.network(name="rev")
        first = self.net.get_subnet(self.subnet(on, is_dhcp_enabled=False).id)
        held = self.port(on)
        for update, get, it in (
            (self.net.update_subnet, self.net.get_subnet, first), (self.net.update_port, self.net.get_port, held),
        ):
            now = get(it.id).revision_number
            update(it.id, if_revision=now, name="changed")
            with self.assertRaises(exceptions.PreconditionFailedException):
                update(it.id, if_revision=now, name="lost")
            self.assertEqual(get(it.id).name, "changed")

    def test_a_delete_at_an_old_revision(self):
        on = self.net.create_network(name="rev")
        self.net.update_network(on.id, name="rev2")
        with self.assertRaises(exceptions.PreconditionFailedException):
            self.net.delete_network(on.id, if_revision=on.revision_number, ignore_missing=False)
        self.net.delete_network(on.id, if_revision=self.net.get_network(on.id).revision_number)
        self.assertIsNone(self.net.find_network("rev2"))

    def test_what_is_created_is_shown_and_deleted(self):
        on = self.net.create_network(name="life", mtu=1400, dns_domain="example.org.")
        first = self.net.create_subnet(
            network_id=on.id, cidr="10.40.0.0/24", ip_version=4, gateway_ip="10.40.0.254",
            allocation_pools=[{"start": "10.40.0.10", "end": "10.40.0.20"}], dns_nameservers=["9.9.9.9"],
            host_routes=[{"destination": "10.41.0.0/16", "nexthop": "10.40.0.253"}])
        held = self.net.create_port(
            network_id=on.id, fixed_ips=[{"subnet_id": first.id, "ip_address": "10.40.0.15"}],
            mac_address="fa:16:3e:00:40:15", extra_dhcp_opts=[{"opt_name": "mtu", "opt_value": "1300"}],
            allowed_address_pairs=[{"ip_address": "10.40.0.99"}])
        self.assertEqual(self.net.get_network(on.id).mtu, 1400)
        self.assertEqual(self.net.get_subnet(first.id).allocation_pools[0]["end"], "10.40.0.20")
        shown = self.net.find_port(held.id)
        self.assertEqual(shown.fixed_ips, [{"subnet_id": first.id, "ip_address": "10.40.0.15"}])
        self.assertEqual(shown.extra_dhcp_opts[0]["opt_value"], "1300")
        self.assertEqual(shown.allowed_address_pairs[0]["mac_address"], "fa:16:3e:00:40:15")
        self.net.update_port(held.id, fixed_ips=[{"ip_address": "10.40.0.16"}])
        self.assertEqual(self.net.get_port(held.id).fixed_ips[0]["ip_address"], "10.40.0.16")
        self.net.delete_port(held.id, ignore_missing=False)
        self.net.delete_subnet(first.id, ignore_missing=False)
        self.net.delete_network(on.id, ignore_missing=False)
        for find, it in (
            (self.net.find_port, held), (self.net.find_subnet, first), (self.net.find_network, on),
        ):
            self.assertIsNone(find(it.id))

    def test_tags(self):
        on = self.network(name="tags")
        self.net.set_tags(on, ["a", "b"])
        self.net.add_tag(on, "c d")
        self.assertEqual(sorted(self.net.get_network(on.id).tags), ["a", "b", "c d"])
        self.assertTrue(self.net.get_network(on.id).check_tag(self.net, "a"))
        self.net.remove_tag(on, "a")
        with self.assertRaises(exceptions.NotFoundException):
            on.check_tag(self.net, "a")
        self.net.set_tags(on, [])
        self.assertEqual(self.net.get_network(on.id).tags, [])

    def test_subnets_come_out_of_pools(self):
        pool = self.pool(name="pool", prefixes=["10.80.0.0/16"], default_prefix_length=26,
                         minimum_prefix_length=24, maximum_prefix_length=28)
        on = self.network(name="pooled")
        first = self.net.create_subnet(network_id=on.id, ip_version=4, subnet_pool_id=pool.id)
        second = self.net.create_subnet(network_id=on.id, ip_version=4, subnet_pool_id=pool.id, prefixlen=28)
        self.assertEqual(ipaddress.ip_network(first.cidr).prefixlen, 26)
        self.assertEqual(ipaddress.ip_network(second.cidr).prefixlen, 28)
        self.assertTrue(ipaddress.ip_network(first.cidr).subnet_of(ipaddress.ip_network("10.80.0.0/16")))
        with self.assertRaises(exceptions.BadRequestException):
            self.net.create_subnet(network_id=on.id, ip_version=4, subnet_pool_id=pool.id, prefixlen=30)
        with self.assertRaises(exceptions.BadRequestException) as caught:
            self.net.delete_subnet_pool(pool.id, ignore_missing=False)
        self.assertEqual(
            caught.exception.details, "Unable to delete subnet pool: Subnet pool has existing allocations.")
        grown = self.net.update_subnet_pool(pool.id, prefixes=["10.80.0.0/16", "10.81.0.0/16"])
        self.assertEqual(grown.prefixes, ["10.80.0.0/15"])
        for it in (first, second):
            self.net.delete_subnet(it.id)

    def test_quotas_are_set_and_kept_to(self):
        project = uuid.uuid4().hex
        self.assertEqual(self.net.get_quota(project).ports, 500)
        self.net.update_quota(project, networks=1)
        self.addCleanup(self.net.delete_quota, project)
        first = self.network(name="first", project_id=project)
        with self.assertRaises(exceptions.ConflictException) as caught:
            self.net.create_network(name="second", project_id=project)
        self.assertEqual(caught.exception.details, "Quota exceeded for resources: ['network'].")
        details = self.net.get_quota(project, details=True)
        self.assertEqual((details.networks["limit"], details.networks["used"]), (1, 1))
        self.net.delete_quota(project)
        self.assertEqual(self.net.get_quota(project).networks, self.net.get_quota_default(project).networks)
        self.assertEqual(first.project_id, project)

    def test_agents_are_given_networks(self):
        here = next(self.net.agents(agent_type="DHCP Agent"))
        on = self.network(name="scheduled")
        self.subnet(on, "10.90.0.0/24")
        self.assertEqual([it.id for it in self.net.network_hosting_dhcp_agents(on)], [here.id])
        self.assertIn(on.id, [it.id for it in self.net.dhcp_agent_hosting_networks(here)])
        # The SDK does not look at the status here.
        again = self.net.add_dhcp_agent_to_network(here, on)
        self.assertEqual(again["NeutronError"]["type"], "NetworkHostedByDHCPAgent")
        self.net.remove_dhcp_agent_from_network(here, on)
        self.assertEqual(list(self.net.network_hosting_dhcp_agents(on)), [])
        self.net.add_dhcp_agent_to_network(here, on)
        self.assertEqual([it.id for it in self.net.network_hosting_dhcp_agents(on)], [here.id])
        self.assertEqual(self.net.update_agent(here.id, description="x").description, "x")
        self.net.update_agent(here.id, description="")

    def test_zones_and_extensions(self):
        self.assertIn(("nova", "network"), {(it.name, it.resource) for it in self.net.availability_zones()})
        aliases = {it.alias for it in self.net.extensions()}
        self.assertIn("revision-if-match", aliases)
        for alias in aliases:
            self.assertEqual(self.net.find_extension(alias).alias, alias)


class Refusals(Case):
    def refused(self, exception, status, details, call, *arguments, **named):
        with self.assertRaises(exception) as caught:
            call(*arguments, **named)
        self.assertIs(type(caught.exception), exception)
        self.assertEqual(caught.exception.status_code, status)
        self.assertEqual(caught.exception.details, details)

    def test_not_found(self):
        nobody = str(uuid.uuid4())
        for noun, get, delete in (
            ("Network", self.net.get_network, self.net.delete_network),
            ("Subnet", self.net.get_subnet, self.net.delete_subnet),
            ("Port", self.net.get_port, self.net.delete_port),
            ("Agent", self.net.get_agent, self.net.delete_agent),
        ):
            text = f"{noun} {nobody} could not be found."
            self.refused(exceptions.NotFoundException, 404, text, get, nobody)
            self.refused(exceptions.NotFoundException, 404, text, delete, nobody, ignore_missing=False)
        self.refused(
            exceptions.NotFoundException, 404, f"Subnet pool {nobody} could not be found.",
            self.net.get_subnet_pool, nobody)
        self.refused(
            exceptions.NotFoundException, 404, f"Network {nobody} could not be found.",
            self.net.create_port, network_id=nobody)
        self.refused(
            exceptions.NotFoundException, 404, f"Network {nobody} could not be found.",
            self.net.create_subnet, network_id=nobody, cidr="10.0.0.0/24", ip_version=4)

    def test_conflicts(self):
        on = self.network(name="held")
        first = self.subnet(on, "10.50.0.0/24", is_dhcp_enabled=False)
        held = self.port(on, mac_address="fa:16:3e:00:50:01",
                         fixed_ips=[{"subnet_id": first.id, "ip_address": "10.50.0.5"}])
        self.refused(
            exceptions.ConflictException, 409,
            f"Unable to complete operation on network {on.id}. There are one or more ports still in use on the "
            f"network, id for these ports is: {held.id}.", self.net.delete_network, on.id)
        self.refused(
            exceptions.ConflictException, 409,
            f"Unable to complete operation on subnet {first.id}: One or more ports have an IP allocation from "
            "this subnet.", self.net.delete_subnet, first.id)
        self.refused(
            exceptions.ConflictException, 409,
            f"Unable to complete operation for network {on.id}. The mac address fa:16:3e:00:50:01 is in use.",
            self.net.create_port, network_id=on.id, mac_address="fa:16:3e:00:50:01")
        self.refused(
            exceptions.ConflictException, 409,
            f"IP address 10.50.0.5 already allocated in subnet {first.id}", self.net.create_port,
            network_id=on.id, fixed_ips=[{"subnet_id": first.id, "ip_address": "10.50.0.5"}])

    def test_bad_requests(self):
        on = self.network(name="bad")
        self.refused(
            exceptions.BadRequestException, 400,
            "Invalid input for operation: ten is not in a CIDR format.",
            self.net.create_subnet, network_id=on.id, cidr="ten", ip_version=4)
        self.refused(
            exceptions.BadRequestException, 400,
            f"Invalid input for name. Reason: '{'x' * 256}' exceeds maximum length of 255.",
            self.net.create_network, name="x" * 256)
        self.refused(
            exceptions.BadRequestException, 400,
            "Failed to parse request. Required attribute 'network_id' not specified", self.net.create_port)
        self.refused(
            exceptions.BadRequestException, 400,
            "Invalid input for mac_address. Reason: 'fa:16' is not a valid MAC address.",
            self.net.create_port, network_id=on.id, mac_address="fa:16")
        answer = self.net.get("/networks", params={"colour": "red"})
        self.refused(
            exceptions.BadRequestException, 400, "['colour'] is invalid attribute for filtering",
            exceptions.raise_from_response, answer)

    def test_paths_and_verbs_that_are_not_there(self):
        for status, method, path in ((404, "GET", "/nothing"), (405, "PATCH", "/networks")):
            answer = self.net.request(path, method)
            self.assertEqual(answer.status_code, status)
            self.assertIn("NeutronError", answer.json())
            with self.assertRaises(exceptions.HttpException):
                exceptions.raise_from_response(answer)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].startswith("http"):
        ENDPOINT = sys.argv.pop(1)
    unittest.main(verbosity=1, warnings="ignore")
