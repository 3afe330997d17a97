import Testing

/// A value as users write it and the bytes that clients receive.
struct OptionVector: Sendable {
    let code: UInt16
    let value: String
    let bytes: [UInt8]

    init(_ code: UInt16, _ value: String, _ bytes: [UInt8]) {
        self.code = code
        self.value = value
        self.bytes = bytes
    }
}

private func text(_ value: String) -> [UInt8] { Array(value.utf8) }
let twoServers: [UInt8] = [10, 0, 0, 1, 10, 0, 0, 2]
let sixServer: [UInt8] = [0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
private let exampleOrg: [UInt8] = [7] + text("example") + [3] + text("org") + [0]

let vectorsV4: [OptionVector] =
    [
        .init(1, "255.255.255.0", [255, 255, 255, 0]),
        .init(2, "-18000", [255, 255, 0xB9, 0xB0]),
        .init(12, "vm", text("vm")), .init(14, "/dump/core", text("/dump/core")),
        .init(24, "600i", [0, 0, 2, 88]), .init(25, "296s", [1, 40]), .init(29, "1", [1]),
        .init(30, "0", [0]),
        .init(39, "1", [1]),
        .init(78, "1:0a:00:00:01", [1, 10, 0, 0, 1]), .init(79, "1:61", [1, 0x61]),
        .init(86, "TREE", text("TREE")), .init(87, "ou.org", text("ou.org")),
        .init(88, "3:6f:72:67:0", [3, 0x6F, 0x72, 0x67, 0]),
        .init(90, "1:1:0", [1, 1, 0]), .init(91, "60", [0, 0, 0, 60]),
        .init(98, "http://uap.example", text("http://uap.example")), .init(99, "0:64:65", [0, 0x64, 0x65]),
        .init(116, "1", [1]), .init(117, "0:6:0:0", [0, 6, 0, 0]), .init(122, "1:1:2", [1, 1, 2]),
        .init(123, "10:2:3", [0x10, 2, 3]), .init(124, "0:0:0:9:1:61", [0, 0, 0, 9, 1, 0x61]),
        .init(137, "4:6c:6f:73:74:0", [4] + text("lost") + [0]),
        .init(139, "1:4:a:0:0:1", [1, 4, 10, 0, 0, 1]),
        .init(140, "1:3:1:61:0", [1, 3, 1, 0x61, 0]), .init(141, "3:73:69:70:0", [3] + text("sip") + [0]),
        .init(143, "0:1:61", [0, 1, 0x61]), .init(144, "10:2:3", [0x10, 2, 3]), .init(145, "1:2", [1, 2]),
        .init(146, "0:1", [0, 1]), .init(151, "0:61", [0, 0x61]),
        .init(152, "1700000000", [0x65, 0x53, 0xF1, 0]),
        .init(153, "5", [0, 0, 0, 5]), .init(154, "6", [0, 0, 0, 6]), .init(155, "7", [0, 0, 0, 7]),
        .init(156, "2", [2]), .init(157, "1", [1]), .init(158, "4:a:0:0:1", [4, 10, 0, 0, 1]),
        .init(159, "0:6:0:1", [0, 6, 0, 1]),
        .init(161, "https://mud.example/x", text("https://mud.example/x")),
        .init(162, "0:1:1", [0, 1, 1]), .init(175, "b0:1:1", [0xB0, 1, 1]),
        .init(208, "f1:00:74:7e", [0xF1, 0, 0x74, 0x7E]), .init(209, "pxelinux.cfg", text("pxelinux.cfg")),
        .init(210, "/boot/", text("/boot/")), .init(211, "30i", [0, 0, 0, 30]),
        .init(212, "0:10:20", [0, 0x10, 0x20]),
        .init(213, "3:6e:65:74:0", [3] + text("net") + [0]), .init(220, "0:1", [0, 1]),
        .init(221, "0:61", [0, 0x61]),
        .init(13, "300", [1, 44]),
        .init(15, "example.org", text("example.org")),
        .init(17, "/exports/root", text("/exports/root")),
        .init(18, "ext.bin", text("ext.bin")),
        .init(19, "1", [1]), .init(20, "0", [0]),
        .init(21, "10.1.0.0,255.255.0.0", [10, 1, 0, 0, 255, 255, 0, 0]),
        .init(22, "1500", [5, 220]), .init(23, "64", [64]), .init(26, "1450", [5, 170]), .init(27, "1", [1]),
        .init(28, "10.0.0.255", [10, 0, 0, 255]), .init(31, "1", [1]),
        .init(33, "10.1.0.0,10.0.0.1", [10, 1, 0, 0, 10, 0, 0, 1]),
        .init(34, "0", [0]), .init(35, "60", [0, 0, 0, 60]), .init(36, "1", [1]), .init(37, "64", [64]),
        .init(38, "7200", [0, 0, 28, 32]), .init(40, "nis.example", text("nis.example")),
        .init(43, "01:04:0a:00:00:01", [1, 4, 10, 0, 0, 1]), .init(46, "8", [8]),
        .init(47, "scope", text("scope")),
        .init(50, "10.0.0.9", [10, 0, 0, 9]), .init(51, "1h", [0, 0, 14, 16]), .init(52, "3", [3]),
        .init(53, "5", [5]), .init(54, "10.0.0.2", [10, 0, 0, 2]), .init(55, "01:03:06", [1, 3, 6]),
        .init(56, "no", text("no")), .init(57, "1500", [5, 220]), .init(58, "12h", [0, 0, 0xA8, 0xC0]),
        .init(59, "4294967295", [255, 255, 255, 255]), .init(60, "PXEClient", text("PXEClient")),
        .init(61, "01:fa:16:3e:00:00:01", [1, 0xFA, 0x16, 0x3E, 0, 0, 1]),
        .init(64, "nisplus.example", text("nisplus.example")),
        .init(66, "tftp.example", text("tftp.example")),
        .init(67, "undionly.kpxe", text("undionly.kpxe")), .init(77, "iPXE", text("iPXE")),
        .init(80, "1", [1]),
        .init(81, "0:0:0", [0, 0, 0]), .init(82, "1:2:aa:bb", [1, 2, 0xAA, 0xBB]), .init(93, "7", [0, 7]),
        .init(94, "1:3:10", [1, 3, 0x10]), .init(97, "0:1:2", [0, 1, 2]),
        .init(100, "CET-1CEST", text("CET-1CEST")),
        .init(101, "Europe/Zurich", text("Europe/Zurich")), .init(108, "1800", [0, 0, 7, 8]),
        .init(114, "https://portal.example/api", text("https://portal.example/api")),
        .init(118, "10.0.0.0", [10, 0, 0, 0]),
        .init(
            119, "example.org,eng.example.org", exampleOrg + [3] + text("eng") + [0xC0, 0]),
        .init(120, "sip.example.org", [0, 3] + text("sip") + exampleOrg),
        .init(121, "10.1.0.0/16,10.0.0.1,0.0.0.0/0,10.0.0.1", [16, 10, 1, 10, 0, 0, 1, 0, 10, 0, 0, 1]),
        .init(125, "0:0:1:2:0", [0, 0, 1, 2, 0]),
        .init(249, "20.0.0.1/24,20.0.0.1", [24, 20, 0, 0, 20, 0, 0, 1]),
        .init(255, "10.0.0.7", [10, 0, 0, 7]),
    ]
    + [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 32, 41, 42, 44, 45, 48, 49, 65, 68, 69, 70, 71, 72, 73, 74, 75, 76,
        85,
        89, 92, 136, 138, 142, 150,
    ].map {
        OptionVector($0, "10.0.0.1,10.0.0.2", twoServers)
    }

let vectorsV6: [OptionVector] = [
    .init(1, "00:01:02", [0, 1, 2]), .init(2, "00:03:02", [0, 3, 2]), .init(3, "1:2", [1, 2]),
    .init(4, "1:2", [1, 2]), .init(5, "1:2", [1, 2]), .init(6, "0:17", [0, 0x17]), .init(7, "255", [255]),
    .init(8, "100", [0, 100]), .init(12, "2001:db8::1", sixServer), .init(13, "0:0", [0, 0]),
    .init(14, "1", [1]), .init(15, "a,bc", [0, 1] + text("a") + [0, 2] + text("bc")),
    .init(16, "0:1", [0, 1]),
    .init(17, "0:1", [0, 1]), .init(21, "example.org", exampleOrg), .init(22, "[2001:db8::1]", sixServer),
    .init(23, "2001:db8::1,[2001:db8::1]", sixServer + sixServer),
    .init(24, "example.org,example.org", exampleOrg + exampleOrg), .init(27, "2001:db8::1", sixServer),
    .init(28, "2001:db8::1", sixServer), .init(29, "example.org", exampleOrg),
    .init(30, "example.org.", exampleOrg),
    .init(31, "2001:db8::1", sixServer), .init(32, "1d", [0, 1, 0x51, 0x80]), .init(39, "0:1", [0, 1]),
    .init(41, "CET-1", text("CET-1")), .init(42, "Europe/Zurich", text("Europe/Zurich")),
    .init(56, "[2001:db8::1]", [0, 1, 0, 16] + sixServer),
    .init(59, "http://[2001:db8::1]/boot", text("http://[2001:db8::1]/boot")),
    .init(60, "root=/dev/sda,quiet", [0, 13] + text("root=/dev/sda") + [0, 5] + text("quiet")),
    .init(103, "https://portal.example", text("https://portal.example")),
    .init(9, "01:00:00:01", [1, 0, 0, 1]), .init(11, "1:1:0", [1, 1, 0]), .init(18, "65:74:68", text("eth")),
    .init(19, "5", [5]), .init(20, "1", [1]), .init(25, "0:0:0:1", [0, 0, 0, 1]), .init(26, "0:1", [0, 1]),
    .init(33, "3:6f:72:67:0", [3] + text("org") + [0]), .init(34, "[2001:db8::1]", sixServer),
    .init(36, "0:64", [0, 0x64]), .init(37, "0:0:0:9:1", [0, 0, 0, 9, 1]), .init(38, "sub", text("sub")),
    .init(40, "[2001:db8::1]", sixServer), .init(43, "0:12", [0, 0x12]), .init(44, "1:2", [1, 2]),
    .init(45, "1:2", [1, 2]), .init(46, "60", [0, 0, 0, 60]), .init(47, "1:2", [1, 2]),
    .init(48, "2001:db8::1", sixServer), .init(51, "4:6c:6f:73:74:0", [4] + text("lost") + [0]),
    .init(52, "[2001:db8::1]", sixServer), .init(53, "0:3:0:1", [0, 3, 0, 1]),
    .init(57, "3:6e:65:74:0", [3] + text("net") + [0]), .init(58, "3:73:69:70:0", [3] + text("sip") + [0]),
    .init(61, "7", [0, 7]), .init(62, "1:3:10", [1, 3, 0x10]),
    .init(64, "4:61:66:74:72:0", [4] + text("aftr") + [0]),
    .init(65, "3:65:72:70:0", [3] + text("erp") + [0]), .init(66, "0:1", [0, 1]),
    .init(67, "40:1", [0x40, 1]),
    .init(68, "0:61", [0, 0x61]), .init(74, "0:1", [0, 1]), .init(79, "0:1:aa", [0, 1, 0xAA]),
    .init(80, "2001:db8::1", sixServer), .init(82, "3600i", [0, 0, 14, 16]),
    .init(83, "3600i", [0, 0, 14, 16]),
    .init(86, "[2001:db8::1]", sixServer), .init(87, "1:1", [1, 1]), .init(88, "[2001:db8::1]", sixServer),
    .init(112, "https://mud.example/x", text("https://mud.example/x")), .init(135, "547", [2, 35]),
    .init(136, "0:1:61", [0, 1, 0x61]), .init(144, "0:1:1", [0, 1, 1]),
]
