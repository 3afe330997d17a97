import ArgumentParser
import NeutronAPI

/// The options of `subnet pool create` and `subnet pool set` that become attributes.
struct SubnetPoolAttributes: ParsableArguments {
    @Option(
        name: .customLong("pool-prefix"),
        help: ArgumentHelp("A block that subnets are cut from; may be repeated.", valueName: "cidr"))
    var prefixes: [String] = []
    @Option(help: ArgumentHelp("The prefix length of subnets that ask for none.", valueName: "length"))
    var defaultPrefixLength: Int?
    @Option(help: ArgumentHelp("The prefix length of the largest subnets.", valueName: "length"))
    var minPrefixLength: Int?
    @Option(help: ArgumentHelp("The prefix length of the smallest subnets.", valueName: "length"))
    var maxPrefixLength: Int?
    @Flag(
        name: .customLong("default"), inversion: .prefixedNo, exclusivity: .exclusive,
        help: "Make it the default pool of its IP version, or not.")
    var isDefault: Bool?
    @Option(
        help: ArgumentHelp(
            "The most that a project may have of it: addresses of IPv4, /64 blocks of IPv6.",
            valueName: "number"))
    var defaultQuota: Int?
    @Option(help: "A description for people.")
    var description: String?

    /// Adds what was said, but for the prefixes.
    func add(to body: inout RequestBody) {
        body.set("default_prefixlen", defaultPrefixLength)
        body.set("min_prefixlen", minPrefixLength)
        body.set("max_prefixlen", maxPrefixLength)
        body.set("is_default", isDefault)
        body.set("default_quota", defaultQuota)
        body.set("description", description)
    }
}

/// `leasehold subnet pool …`.
struct SubnetPoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool",
        abstract: "Subnet pools: address space that subnets are cut from.",
        discussion: """
            The options are those of `openstack subnet pool …`, which works with this service too.

            EXAMPLES
              leasehold subnet pool create --pool-prefix 10.64.0.0/12 \\
                  --default-prefix-length 24 lan
              leasehold subnet create --network blue --subnet-pool lan blue-v4
              leasehold subnet pool list
              leasehold subnet pool delete lan
            """,
        subcommands: [List.self, Show.self, Create.self, Update.self, Delete.self])
}

extension SubnetPoolCommand {
    struct List: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List subnet pools.",
            discussion: """
                EXAMPLES
                  leasehold subnet pool list --long
                  leasehold subnet pool list --default -f value -c ID
                """)

        @Flag(help: "Show more columns.") var long = false
        @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Only pools that are shared, or not.")
        var share: Bool?
        @Flag(
            name: .customLong("default"), inversion: .prefixedNo, exclusivity: .exclusive,
            help: "Only default pools, or none of them.")
        var isDefault: Bool?
        @Option(help: ArgumentHelp("Only pools of this project.", valueName: "id")) var project: String?
        @Option(help: "Only pools of this name.") var name: String?
        @OptionGroup(title: "Tags") var tags: TagFilterOptions
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// The filters as a query.
        var query: [QueryItem] {
            let filters = [
                ("shared", share?.queryText), ("is_default", isDefault?.queryText), ("project_id", project),
                ("name", name),
            ]
            return filters.compactMap { name, value in value.map { QueryItem(name, $0) } } + tags.query
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            let pools = try await client.list("subnetpools", key: "subnetpools", query: query)
            return try ResourceView.subnetPool.list(pools, long: long, output)
        }
    }

    struct Show: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show one subnet pool.",
            discussion: """
                EXAMPLES
                  leasehold subnet pool show lan -c prefixes
                """)

        @Argument(help: "The pool's name or id.") var subnetPool: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try ResourceView.subnetPool.show(try await client.find(.subnetPool, subnetPool), output)
        }
    }

    struct Create: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Create a subnet pool.",
            discussion: """
                All blocks of a pool are of one IP version.

                EXAMPLES
                  leasehold subnet pool create --pool-prefix 10.64.0.0/12 \\
                      --default-prefix-length 24 lan
                  leasehold subnet pool create --pool-prefix fd00:1::/48 --share lan6
                """)

        @OptionGroup var attributes: SubnetPoolAttributes
        @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Share it with all projects, or not.")
        var share: Bool?
        @Option(help: ArgumentHelp("The project that owns it.", valueName: "id")) var project: String?
        @OptionGroup(title: "Tags") var tags: TagOptions
        @Argument(help: "The new pool's name.") var name: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func validate() throws {
            if attributes.prefixes.isEmpty { throw ValidationError("Name a block with --pool-prefix.") }
        }

        /// What is sent.
        var body: RequestBody {
            var body = RequestBody()
            body.set("name", name)
            body.set("prefixes", unlessEmpty: attributes.prefixes.map { .string($0) })
            attributes.add(to: &body)
            body.set("shared", share)
            body.set("project_id", project)
            return body
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            try ResourceView.subnetPool.show(
                try await client.create(.subnetPool, body, tags: tags), output)
        }
    }

    struct Update: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Change a subnet pool.",
            discussion: """
                Only what is said changes; blocks can only be added.

                EXAMPLES
                  leasehold subnet pool set --pool-prefix 10.80.0.0/12 lan
                  leasehold subnet pool set --default-quota 4096 lan
                """)

        @Option(help: "A new name.") var name: String?
        @OptionGroup var attributes: SubnetPoolAttributes
        @OptionGroup(title: "Tags") var tags: TagOptions
        @Argument(help: "The pool's name or id.") var subnetPool: String
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// What is sent to change the pool.
        func body(present: JSONObject) -> RequestBody {
            var body = RequestBody()
            body.set("name", name)
            if !attributes.prefixes.isEmpty {
                let kept = present["prefixes"]?.array ?? []
                let added = attributes.prefixes.map { JSONValue.string($0) }
                body.set("prefixes", .array(kept + added.filter { !kept.contains($0) }))
            }
            attributes.add(to: &body)
            return body
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            let present = try await client.find(.subnetPool, subnetPool)
            try await client.update(.subnetPool, present, body(present: present), tags: tags)
            return nil
        }
    }

    struct Delete: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete subnet pools.",
            discussion: """
                A pool that subnets were cut from is refused.

                EXAMPLES
                  leasehold subnet pool delete lan lan6
                """)

        @Argument(help: "The pools' names or ids.") var subnetPools: [String]
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try await client.deleteAll(.subnetPool, subnetPools)
            return nil
        }
    }
}
