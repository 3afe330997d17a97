import NetworkModel

extension Agent {
    init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"adminStateUp\":")
        let adminStateUp = try reader.bool()
        try reader.expect(",\"agentType\":")
        let agentType = try reader.string()
        try reader.expect(",\"availabilityZone\":")
        let availabilityZone = try reader.string()
        try reader.expect(",\"binary\":")
        let binary = try reader.string()
        try reader.expect(",\"configurations\":")
        let configurations = try AgentConfigurations(&reader)
        try reader.expect(",\"createdAt\":")
        let createdAt = try Timestamp(&reader)
        try reader.expect(",\"description\":")
        let description = try reader.string()
        try reader.expect(",\"heartbeatAt\":")
        let heartbeatAt = try Timestamp(&reader)
        try reader.expect(",\"host\":")
        let host = try reader.string()
        try reader.expect(",\"id\":")
        let id = try reader.identifier()
        try reader.expect(",\"startedAt\":")
        let startedAt = try Timestamp(&reader)
        try reader.expect(",\"topic\":")
        let topic = try reader.string()
        try reader.expect("}")
        self.init(
            id: id, agentType: agentType, binary: binary, topic: topic, host: host,
            adminStateUp: adminStateUp, description: description, availabilityZone: availabilityZone,
            createdAt: createdAt, startedAt: startedAt, heartbeatAt: heartbeatAt,
            configurations: configurations)
    }

    func write(to writer: inout RecordWriter) {
        writer.write("{\"adminStateUp\":")
        writer.bool(adminStateUp)
        writer.write(",\"agentType\":")
        writer.string(agentType)
        writer.write(",\"availabilityZone\":")
        writer.string(availabilityZone)
        writer.write(",\"binary\":")
        writer.string(binary)
        writer.write(",\"configurations\":")
        configurations.write(to: &writer)
        writer.write(",\"createdAt\":")
        createdAt.write(to: &writer)
        writer.write(",\"description\":")
        writer.string(description)
        writer.write(",\"heartbeatAt\":")
        heartbeatAt.write(to: &writer)
        writer.write(",\"host\":")
        writer.string(host)
        writer.write(",\"id\":")
        writer.identifier(id)
        writer.write(",\"startedAt\":")
        startedAt.write(to: &writer)
        writer.write(",\"topic\":")
        writer.string(topic)
        writer.write("}")
    }
}

extension AgentConfigurations {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"dhcpDriver\":")
        let dhcpDriver = try reader.string()
        try reader.expect(",\"dhcpLeaseDuration\":")
        let dhcpLeaseDuration = Int(try reader.integer())
        try reader.expect(",\"logAgentHeartbeats\":")
        let logAgentHeartbeats = try reader.bool()
        try reader.expect(",\"networks\":")
        let networks = Int(try reader.integer())
        try reader.expect(",\"ports\":")
        let ports = Int(try reader.integer())
        try reader.expect(",\"problems\":")
        let problems = try reader.strings()
        try reader.expect(",\"subnets\":")
        let subnets = Int(try reader.integer())
        try reader.expect("}")
        self.init(
            dhcpDriver: dhcpDriver, dhcpLeaseDuration: dhcpLeaseDuration,
            logAgentHeartbeats: logAgentHeartbeats, networks: networks, subnets: subnets, ports: ports,
            problems: problems)
    }

    fileprivate func write(to writer: inout RecordWriter) {
        writer.write("{\"dhcpDriver\":")
        writer.string(dhcpDriver)
        writer.write(",\"dhcpLeaseDuration\":")
        writer.integer(dhcpLeaseDuration)
        writer.write(",\"logAgentHeartbeats\":")
        writer.bool(logAgentHeartbeats)
        writer.write(",\"networks\":")
        writer.integer(networks)
        writer.write(",\"ports\":")
        writer.integer(ports)
        writer.write(",\"problems\":")
        writer.strings(problems)
        writer.write(",\"subnets\":")
        writer.integer(subnets)
        writer.write("}")
    }
}
