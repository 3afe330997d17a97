import CDHCPLoad
import Glibc

/// Many networks served by one process: exchanges round all of them, memory, and a start.
enum ManyNetworksPhase {
    static func measure(_ options: Options, _ sizes: Sizes, _ figures: inout Figures) throws {
        let place = try ServicePlace(
            "many", database: options.scratch + "/many.sqlite", driver: .native, options)
        var service = try Service.start(place)
        pause(1)
        let empty = try Usage.memory(of: service.pid).proportional
        try Tenants.create(sizes.networks, ports: sizes.hostsPerNetwork, place)
        let client = try NeutronClient(place)
        let ports = sizes.networks * sizes.hostsPerNetwork
        try Tenants.waitUntilActive(ports, client)
        pause(2)
        figures["memory.empty"] = empty
        figures["memory.created"] = try Usage.memory(of: service.pid).proportional
        let networks = try ServedNetwork.all(client)
        guard networks.count == sizes.networks, networks.map(\.hosts.count).reduce(0, +) == ports else {
            throw Failure("the service does not list the \(ports) ports that it made")
        }
        let load = try DHCPLoad(networks)
        try service.stop()
        service = try Processors.startingApart { try Service.start(place) }
        figures.attempt("native") { figures in
            try load.waitUntilServed(by: "native", limit: 30)
            try ServedNetwork.closeBridgePorts(networks)
            // The kernel tells of a hundred bridges a second that they have no carrier now.
            Usage.waitUntilIdle([service.pid], over: 2)
            for manner in DHCPLoad.Manner.allCases {
                try ExchangePhase.sample(
                    "native.\(manner.rawValue)", [service.pid], manner, load, sizes, &figures)
            }
        }
        figures.attempt("native, starts") { figures in
            var lasts: [Double] = []
            var cpus: [Double] = []
            for _ in 0..<sizes.restarts {
                pause(sizes.secondsBeforeRestart)
                try service.stop()
                Quiet.wait(limit: 10)
                service = try Service.launch(place)
                let moments = try load.firstAnswers(every: 0.005, limit: 30).compactMap { $0 }
                cpus.append(Usage.threadsCPU(of: service.pid))
                guard moments.count == networks.count, let last = moments.max() else {
                    throw Failure("\(moments.count) of \(networks.count) answer after a start")
                }
                lasts.append(last - service.started)
                try service.waitUntilItListens()
            }
            figures["start.all"] = lasts.median
            figures["start.worst"] = lasts.max()
            figures["start.cpu"] = cpus.median
            pause(2)
            figures["memory.adopted"] = try Usage.memory(of: service.pid).proportional
        }
        try service.stop()
        figures.attempt("the native driver alone") { figures in
            let alone = try DriverPhase.start(networks, options)
            for (name, value) in alone.values { figures["alone.\(name)"] = value }
        }
        figures.attempt("C echo") { figures in
            for network in networks { try network.addNeighbours() }
            let echo = try EchoServer(networks)
            defer { echo.stop() }
            try load.waitUntilServed(by: "C echo", limit: 10)
            try ServedNetwork.closeBridgePorts(networks)
            for manner in DHCPLoad.Manner.allCases {
                try ExchangePhase.sample(
                    "echo.\(manner.rawValue)", [echo.pid], manner, load, sizes, &figures)
            }
        }
    }
}
