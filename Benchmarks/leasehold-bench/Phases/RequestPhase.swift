import FoundationEssentials

/// What each request costs the service, with few ports in the store and with many.
enum RequestPhase {
    /// How many connections ask at a time.
    static let connections = 32
    /// How many ports the networks have whose ports are listed.
    static let listed = [1, 100, 1000]
    /// A /16 has room for 65,533 ports; those that lie in the store all day leave some of it to no one.
    private static let portsPerNetwork = 62_500

    /// What is asked for.
    enum Work: Hashable {
        case get, create, update, find, findMAC, findErrors, page
        case list(Int)

        static let all: [Work] =
            [.get, .create, .update, .find, .findMAC, .findErrors] + listed.map { .list($0) } + [.page]

        /// Its figures' name.
        var key: String {
            switch self {
            case .get: "get"
            case .create: "create"
            case .update: "update"
            case .find: "find"
            case .findMAC: "findMAC"
            case .findErrors: "findErrors"
            case .page: "page"
            case .list(let count): "list\(count)"
            }
        }

        /// What it is called in the table.
        var title: String {
            switch self {
            case .get: "get a port"
            case .create: "create a port"
            case .update: "rename a port"
            case .find: "find a port by its name"
            case .findMAC: "find a port by its MAC address"
            case .findErrors: "find the ports in ERROR (none)"
            case .page: "page of 100 ports from amid all"
            case .list(let count): "list \(count) port\(count == 1 ? "" : "s") of a network"
            }
        }

        var status: Int { self == .create ? 201 : 200 }
    }

    /// What the requests are about.
    private struct Stock {
        /// The networks with so many ports each.
        var listed: [Int: String] = [:]
        /// A network for what is created.
        var load = ""
        /// Ports that stay; their names are their numbers.
        var sample: [Sample] = []
    }

    /// A port that is asked for.
    private struct Sample: Decodable {
        var id: String
        var name: String
        var mac_address: String
    }

    static func measure(_ options: Options, _ sizes: Sizes, _ figures: inout Figures) throws {
        let place = try ServicePlace("requests", database: options.scratch + "/requests.sqlite", options)
        let service = try Service.start(place)
        let client = try NeutronClient(place)
        var stock = Stock()
        for count in listed {
            let network = try network("listed-\(count)", client)
            try client.ports(network, count: count)
            stock.listed[count] = network
        }
        stock.load = try network("load", client)
        var filled = 0
        for size in sizes.stored {
            let begin = now()
            try fill(from: filled, to: size, place, client)
            if size - filled >= 10_000 {
                figures["fill.rate"] = Double(size - filled) / (now() - begin)
            }
            filled = size
            stock.sample = try sample(place)
            for work in Work.all {
                figures.attempt("\(work.title), of \(size)") { figures in
                    try rate(of: work, stock, size, place, service, sizes, &figures)
                    try time(of: work, stock, size, place, sizes, &figures)
                }
            }
            figures["memory.\(size)"] = try Usage.memory(of: service.pid).resident
        }
        try ceiling(stock, place, sizes, &figures)
        try service.stop()
    }

    private static func network(_ name: String, _ client: NeutronClient) throws -> String {
        let network = try client.network(name).id
        _ = try client.subnet(network, "10.0.0.0/16", dhcp: false)
        return network
    }

    /// Creates ports until there are so many, in bulk.
    private static func fill(
        from filled: Int, to size: Int, _ place: ServicePlace, _ client: NeutronClient
    ) throws {
        var next = filled
        while next < size {
            let index = next / portsPerNetwork
            let network =
                next % portsPerNetwork == 0
                ? try network("stock-\(index)", client) : try client.networkID("stock-\(index)")
            let end = min(size, (index + 1) * portsPerNetwork)
            try HTTPLoad.run(port: place.port, connections: 4) { _, response in
                if let response { try NeutronClient.check(response, 201, "create ports") }
                guard next < end else { return nil }
                let names = (next..<min(next + 500, end)).map { "stock-\($0)" }
                next += names.count
                return Request.ports(network, names)
            }
        }
    }

    /// Some of the ports that lie in the store.
    private static func sample(_ place: ServicePlace) throws -> [Sample] {
        let connection = try HTTPConnection(port: place.port)
        // Identifiers are random: those from the middle are as good as any.
        let response = try connection.perform(
            .get(
                "/v2.0/ports?device_owner=\(Request.owner)&limit=2000&fields=id&fields=name&fields=mac_address"
            ))
        try NeutronClient.check(response, 200, "list ports")
        struct Page: Decodable { var ports: [Sample] }
        let page = try JSONDecoder().decode(Page.self, from: Data(response.body))
        let ports = page.ports.filter { $0.name.hasPrefix("stock-") }
        guard !ports.isEmpty else { throw Failure("no port of the stock among the first 2,000") }
        return ports
    }

    private static func request(_ work: Work, _ stock: Stock, _ number: Int) -> HTTPRequest {
        let port = stock.sample[number % stock.sample.count]
        switch work {
        case .get: return .get("/v2.0/ports/\(port.id)")
        case .create: return Request.port(stock.load, "load-\(number)")
        case .update:
            return HTTPRequest(
                method: "PUT", path: "/v2.0/ports/\(port.id)",
                // The name stays, so that it is found; something else is changed.
                body: "{\"port\":{\"description\":\"\(number)\"}}")
        case .find: return .get("/v2.0/ports?name=\(port.name)")
        case .findMAC: return .get("/v2.0/ports?mac_address=\(port.mac_address)")
        case .findErrors: return .get("/v2.0/ports?status=ERROR")
        case .page: return .get("/v2.0/ports?limit=100&marker=\(port.id)")
        case .list(let count): return .get("/v2.0/ports?network_id=\(stock.listed[count] ?? "")")
        }
    }

    /// Requests per second over many connections, and what each costs the service.
    private static func rate(
        of work: Work, _ stock: Stock, _ size: Int, _ place: ServicePlace, _ service: Service, _ sizes: Sizes,
        _ figures: inout Figures
    ) throws {
        let before = Usage.threadsCPU(of: service.pid)
        let begin = now()
        var count = 0
        var number = 0
        // Beyond that the network of what is created would be full at some size.
        let most = work == .create ? 60_000 / (2 * sizes.stored.count) : .max
        try HTTPLoad.run(port: place.port, connections: connections) { _, response in
            if let response {
                try NeutronClient.check(response, work.status, work.title)
                count += 1
            }
            guard now() - begin < sizes.requestSeconds, number < most else { return nil }
            number += 1
            return request(work, stock, number)
        }
        figures["\(work.key).\(size).rate"] = Double(count) / (now() - begin)
        figures["\(work.key).\(size).cpu"] = (Usage.threadsCPU(of: service.pid) - before) / Double(count)
    }

    /// What one request after the other takes.
    private static func time(
        of work: Work, _ stock: Stock, _ size: Int, _ place: ServicePlace, _ sizes: Sizes,
        _ figures: inout Figures
    ) throws {
        let connection = try HTTPConnection(port: place.port)
        var times: [Double] = []
        let begin = now()
        while times.count < 5 || (now() - begin < sizes.requestSeconds / 2 && times.count < 5000) {
            let request = request(work, stock, times.count)
            let sent = now()
            let response = try connection.perform(request)
            times.append(now() - sent)
            try NeutronClient.check(response, work.status, work.title)
        }
        figures["\(work.key).\(size).time"] = times.median
    }

    /// The same answers as files that nginx sends.
    private static func ceiling(
        _ stock: Stock, _ place: ServicePlace, _ sizes: Sizes, _ figures: inout Figures
    ) throws {
        var files: [(Work, [UInt8])] = []
        let connection = try HTTPConnection(port: place.port)
        for work in [Work.get, .list(1000)] {
            let response = try connection.perform(request(work, stock, 0))
            try NeutronClient.check(response, 200, work.title)
            files.append((work, response.body))
        }
        figures.attempt("nginx") { figures in
            let server = try StaticServer(files.map { ($0.0.key, $0.1) })
            defer { server.stop() }
            for (work, body) in files {
                let begin = now()
                var count = 0
                try HTTPLoad.run(port: server.port, connections: connections) { _, response in
                    if let response {
                        guard response.status == 200, response.body.count == body.count else {
                            throw Failure("nginx answered with \(response.status)")
                        }
                        count += 1
                    }
                    return now() - begin < sizes.requestSeconds ? .get("/\(work.key)") : nil
                }
                figures["\(work.key).nginx"] = Double(count) / (now() - begin)
            }
        }
    }
}
