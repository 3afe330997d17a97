import NetworkModel

/// `/v2.0/subnetpools`
let subnetPoolHandler = ResourceHandler<SubnetPool, SubnetPoolRequest>(
    table: subnetPoolTable, notFoundType: "SubnetPoolNotFound", noun: "Subnet pool", access: subnetPoolAccess,
    newRequest: { SubnetPoolRequest() },
    find: { $0.subnetPool($1) },
    all: { ListSource($0.subnetPools) },
    narrowing: Narrowing(
        find: { $0.subnetPool($1) },
        rules: Narrowing<SubnetPool>.byStandardAttributes { $0.subnetPoolIDs(with: $1) }),
    create: { requests, context in
        { (state) throws(ModelError) in
            var generator = SystemRandomNumberGenerator()
            return try state.createSubnetPools(requests, in: context, using: &generator)
        }
    },
    update: { id, request, revision, context in
        { (state) throws(ModelError) in
            try state.updateSubnetPool(id, request, ifMatch: revision, in: context)
        }
    },
    delete: { id, revision, context in
        { (state) throws(ModelError) in try state.deleteSubnetPool(id, ifMatch: revision, in: context) }
    })
