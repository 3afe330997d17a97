/// A Python script over openstacksdk: two projects that try what is the other's, whatever says who they are.
///
/// It prints a line `wrong=…` for each answer that is not Neutron's, and `checked=N` in the end.
enum TwoProjects {
    /// - Parameter connections: Python that defines `admin`, `blue`, `red` and `reader` (of project blue).
    static func script(_ connections: String) -> String {
        """
        import sys, warnings
        warnings.simplefilter("ignore")
        import openstack
        from openstack import exceptions as e
        \(connections)
        checked = 0
        def same(what, found, wanted):
            global checked
            checked += 1
            if found != wanted: print(f"wrong={what}: {found!r} and not {wanted!r}")
        def refused(what, kind, text, call):
            global checked
            checked += 1
            try: answer = call()
            except kind as error:
                if text not in str(error): print(f"wrong={what}: {error} does not say {text!r}")
            except Exception as error: print(f"wrong={what}: {type(error).__name__}: {error}")
            else: print(f"wrong={what}: it is done: {answer}")
        def names(items): return sorted(item.name for item in items)
        b, r, a, rd = blue.network, red.network, admin.network, reader.network

        net = b.create_network(name="blue-net")
        sub = b.create_subnet(name="blue-sub", network_id=net.id, ip_version=4, cidr="10.1.0.0/24")
        port = b.create_port(name="blue-port", network_id=net.id)
        b.set_tags(net, ["mine"])
        open_net = a.create_network(name="open", is_shared=True)
        open_sub = a.create_subnet(name="open-sub", network_id=open_net.id, ip_version=4, cidr="10.2.0.0/24")
        guest = b.create_port(name="guest", network_id=open_net.id)
        r_net = r.create_network(name="red-net")

        # What each sees.
        same("blue's networks", names(b.networks()), ["blue-net", "open"])
        same("red's networks", names(r.networks()), ["open", "red-net"])
        same("the reader's networks", names(rd.networks()), ["blue-net", "open"])
        same("the administrator's networks", names(a.networks()), ["blue-net", "open", "red-net"])
        same("red's subnets", names(r.subnets()), ["open-sub"])
        same("red's ports", names(r.ports()), [])
        same("red's search by id", names(r.networks(id=net.id)), [])
        same("red's search by project", names(r.ports(project_id=net.project_id)), [])
        same("red's search by tag", names(r.networks(tags="mine")), [])
        same("whose it is", net.project_id != r_net.project_id, True)
        same("the provider for blue", b.get_network(net.id).provider_network_type, None)
        same("the provider for the administrator", a.get_network(net.id).provider_network_type, "local")
        same("the host for blue", b.get_port(port.id).binding_host_id, None)

        # To see.
        lost = "could not be found"
        refused("red shows blue's network", e.NotFoundException, lost, lambda: r.get_network(net.id))
        refused("red shows blue's subnet", e.NotFoundException, lost, lambda: r.get_subnet(sub.id))
        refused("red shows blue's port", e.NotFoundException, lost, lambda: r.get_port(port.id))
        refused("red shows a guest's port", e.NotFoundException, lost, lambda: r.get_port(guest.id))
        # To change.
        refused("red changes blue's network", e.NotFoundException, lost, lambda: r.update_network(net.id, name="x"))
        refused("red changes blue's subnet", e.NotFoundException, lost, lambda: r.update_subnet(sub.id, name="x"))
        refused("red changes blue's port", e.NotFoundException, lost, lambda: r.update_port(port.id, name="x"))
        refused("red deletes blue's network", e.NotFoundException, lost, lambda: r.delete_network(net.id, ignore_missing=False))
        refused("red deletes blue's subnet", e.NotFoundException, lost, lambda: r.delete_subnet(sub.id, ignore_missing=False))
        refused("red deletes blue's port", e.NotFoundException, lost, lambda: r.delete_port(port.id, ignore_missing=False))
        policy = "is disallowed by policy"
        refused("red tags blue's network", e.ForbiddenException, policy, lambda: r.set_tags(net, ["x"]))
        refused("red changes the shared network", e.ForbiddenException, "rule:update_network " + policy,
            lambda: r.update_network(open_net.id, name="x"))
        refused("red deletes the shared network", e.ForbiddenException, "rule:delete_network " + policy,
            lambda: r.delete_network(open_net.id, ignore_missing=False))
        # To use.
        refused("red's port on blue's network", e.NotFoundException, lost, lambda: r.create_port(network_id=net.id))
        refused("red's subnet on blue's network", e.ForbiddenException, "rule:create_subnet " + policy,
            lambda: r.create_subnet(network_id=net.id, ip_version=4, cidr="10.9.0.0/24"))
        refused("red makes something for blue", e.BadRequestException, "other than the authenticated project",
            lambda: r.create_network(name="x", project_id=net.project_id))
        same("red's port on the shared network", r.create_port(network_id=open_net.id, name="red-port").status, "DOWN")
        refused("red chooses an address on the shared network", e.ForbiddenException, "rule:create_port:fixed_ips:ip_address",
            lambda: r.create_port(network_id=open_net.id, fixed_ips=[{"ip_address": "10.2.0.77"}]))
        refused("red chooses a MAC on the shared network", e.ForbiddenException, "rule:create_port:mac_address",
            lambda: r.create_port(network_id=open_net.id, mac_address="fa:16:3e:00:00:77"))
        refused("red shares a network", e.ForbiddenException, "rule:update_network:shared",
            lambda: r.update_network(r_net.id, is_shared=True))
        refused("red makes a provider network", e.ForbiddenException, "rule:create_network:provider:network_type",
            lambda: r.create_network(name="x", provider_network_type="local"))
        # Quotas and agents are the administrator's.
        refused("red raises its quota", e.ForbiddenException, "", lambda: r.update_quota(r_net.project_id, networks=1000))
        refused("red reads blue's quota", e.ForbiddenException, "", lambda: r.get_quota(net.project_id))
        refused("red lowers blue's quota", e.ForbiddenException, "", lambda: r.update_quota(net.project_id, networks=0))
        same("red's agents", list(r.agents()), [])
        same("the administrator's agents", len(list(a.agents())), 1)
        # Readers read.
        same("the reader's port", rd.get_port(port.id).name, "blue-port")
        refused("the reader makes a network", e.ForbiddenException, "rule:create_network " + policy, lambda: rd.create_network(name="x"))
        refused("the reader changes a port", e.ForbiddenException, "rule:update_port " + policy, lambda: rd.update_port(port.id, name="x"))
        refused("the reader deletes a network", e.ForbiddenException, "rule:delete_network " + policy,
            lambda: rd.delete_network(net.id, ignore_missing=False))
        # Nothing of it has changed anything.
        same("blue's network", b.get_network(net.id).name, "blue-net")
        same("blue's tags", b.get_network(net.id).tags, ["mine"])
        same("the shared network", b.get_network(open_net.id).name, "open")
        a.update_network(net.id, name="renamed")
        same("what the administrator changed", b.get_network(net.id).name, "renamed")
        print(f"checked={checked}")
        """
    }
}
