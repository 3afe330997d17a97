import Addressing
import Glibc
import NetworkModel
import ProcessorTime
import Testing

@testable import NeutronAPI

/// The reason or sentence with which the validator refuses the JSON text, or "ok".
private func refusal<Value>(_ validator: Validator<Value>, _ json: String) throws -> String {
    let value = try JSONParser().parse(Array(json.utf8))
    do throws(InvalidValue) {
        _ = try validator.parse(value)
        return "ok"
    } catch {
        return switch error {
        case .reason(let text): "reason: \(text)"
        case .operation(let text): "operation: \(text)"
        case .request(let text): "request: \(text)"
        case .model(let error): error.type
        }
    }
}

@Suite struct Validators {
    /// What checks lists of so many items.
    private func checks(_ count: Int) throws -> [() throws -> Void] {
        let numbers = (0..<count).map { JSONValue.string("10.0.\($0 >> 8).\($0 & 255)") }
        let routes = numbers.map { number in
            JSONValue.object(
                JSONObject(members: [
                    .init(key: "destination", value: .string("192.0.2.0/24")),
                    .init(key: "nexthop", value: number),
                ]))
        }
        let query = (0..<count).map { "a\($0)=1" }.joined(separator: "&")
        let request = try #require(APIRequest(method: "GET", target: "/v2.0/networks?\(query)", headers: [:]))
        return [
            { _ = duplicates(of: numbers + numbers) },
            { _ = try Validator<[IPAddress]>.nameservers.parse(.array(numbers)) },
            { _ = try Validator<[HostRoute]>.hostRoutes.parse(.array(routes)) },
            { _ = try? ListQuery(request, table: networkTable) { _ in .unknownPath } },
        ]
    }

    @Test func `the time that a list takes grows as the list does`() throws {
        // Sixteen times as much where each item is looked up, 256 times where all are compared with all.
        for (few, many) in zip(try checks(1000), try checks(16_000)) {
            let ratio = try costRatio(
                of: { try processorTime(many) }, to: { try processorTime(few) }, below: 64)
            #expect(ratio < 64)
        }
    }

    @Test(arguments: [
        ("\"a\"", "ok"), ("\"\"", "ok"), ("5", "reason: '5' is not a valid string"),
        ("null", "reason: 'None' is not a valid string"), ("true", "reason: 'True' is not a valid string"),
        ("[\"a\"]", "reason: '['a']' is not a valid string"),
        ("{\"a\":1}", "reason: '{'a': 1}' is not a valid string"), ("\"a\\nb\\u0001😀\"", "ok"),
    ])
    func `strings are strings`(json: String, expected: String) throws {
        #expect(try refusal(Validator<String>.string(max: 255), json) == expected)
    }

    @Test(arguments: [
        ("a", true), ("", true), ("é ü", true), ("a\u{A0}b", true), ("日本", true), ("a\u{FFFD}", true),
        (" a", false), ("a ", false), (" ", false), ("\u{3000}a", false), ("a\u{A0}", false),
        ("a\tb", false), ("a\nb", false), ("a\n", false), ("a\u{2028}b", false), ("a\u{200B}b", false),
        ("a\u{AD}b", false), ("\u{E000}", false), ("😀", false), ("\u{FFFF}", false),
    ])
    func `names are of printable characters, without blanks at their ends`(text: String, isName: Bool) {
        #expect(((try? Validator<String>.name.parse(.string(text))) != nil) == isName)
        #expect(((try? Validator<String>.notEmptyName.parse(.string(text))) != nil) == (isName && text != ""))
    }

    @Test func `a name that is none is refused in Neutron's words`() throws {
        #expect(try refusal(Validator<String>.name, #"" a""#) == "reason: ' a' is not a valid string")
        #expect(try refusal(Validator<String>.notEmptyName, #"" a""#) == "reason: ' a' is not a valid string")
        #expect(
            try refusal(Validator<String>.notEmptyName, #"" ""#)
                == "reason: ' ' Blank strings are not permitted")
    }

    @Test func `a string has no U+0000, which would end it in the store`() throws {
        #expect(
            try refusal(Validator<String>.string(max: 255), #""a\u0000b""#)
                == #"reason: 'a\x00b' must not contain the character U+0000"#)
    }

    @Test func `a string may have 255 characters and no more, whatever they are`() throws {
        for character in ["a", "é", "😀"] {
            let most = String(repeating: character, count: 255)
            #expect(try refusal(Validator<String>.string(max: 255), "\"\(most)\"") == "ok")
            #expect(
                try refusal(Validator<String>.string(max: 255), "\"\(most)\(character)\"")
                    == "reason: '\(most)\(character)' exceeds maximum length of 255")
        }
    }

    @Test(arguments: [
        ("true", true), ("false", false), ("1", true), ("0", false), ("\"True\"", true),
        ("\" yes \"", true), ("\"on\"", true), ("\"T\"", true), ("\"y\"", true), ("\"off\"", false),
        ("\"N\"", false), ("\"f\"", false), ("\"0\"", false),
    ])
    func `booleans are read as oslo reads them`(json: String, expected: Bool) throws {
        #expect(try Validator<Bool>.boolean.parse(JSONParser().parse(Array(json.utf8))) == expected)
    }

    @Test(arguments: [
        ("\"maybe\"", "'maybe'"), ("2", "'2'"), ("null", "'None'"), ("\"\"", "''"), ("[]", "'[]'"),
    ])
    func `other booleans are refused`(json: String, shown: String) throws {
        #expect(
            try refusal(Validator<Bool>.boolean, json)
                == "operation: \(shown) cannot be converted to boolean")
    }

    @Test(arguments: [
        ("1450", 1450), ("\"1450\"", 1450), ("\" 7 \"", 7), ("1.9", 1), ("true", 1), ("\"-3\"", -3),
        ("1e3", 1000),
    ])
    func `integers are read as Python reads them`(json: String, expected: Int) throws {
        #expect(try Validator<Int>.integer().parse(JSONParser().parse(Array(json.utf8))) == expected)
    }

    @Test(arguments: [
        ("\"x\"", "operation: 'x' is not an integer"), ("\"1.5\"", "operation: '1.5' is not an integer"),
        ("null", "operation: 'None' is not an integer"), ("[1]", "operation: '[1]' is not an integer"),
        ("1e300", "operation: '1e300' is not an integer"),
        ("0", "reason: '0' is too small - must be at least '1'"),
        ("11", "reason: '11' is too large - must be no larger than '10'"), ("10", "ok"),
    ])
    func `integers have limits`(json: String, expected: String) throws {
        #expect(try refusal(Validator<Int>.integer(min: 1, max: 10), json) == expected)
    }

    @Test(arguments: [
        ("\"7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c\"", "ok"), ("\"7b3f5f232dd64ccf840dde08f97d1b1c\"", "ok"),
        ("\"7B3F5F23-2DD6-4CCF-840D-DE08F97D1B1C\"", "ok"), ("\"abc\"", "reason: 'abc' is not a valid UUID"),
        ("\"\"", "reason: '' is not a valid UUID"), ("7", "reason: '7' is not a valid UUID"),
        (
            "\"7b3f5f232dd64ccf840dde08f97d1b1é\"",
            "reason: '7b3f5f232dd64ccf840dde08f97d1b1é' is not a valid UUID"
        ),
    ])
    func `identifiers are UUIDs`(json: String, expected: String) throws {
        #expect(try refusal(Validator<ResourceID>.uuid, json) == expected)
    }

    @Test(arguments: [
        ("\"fa:16:3e:00:00:01\"", "ok"), ("\"FA-16-3E-00-00-01\"", "ok"), ("\"fa163e000001\"", "ok"),
        ("\"fa16.3e00.0001\"", "ok"),
        ("\"fa:16:3e:00:00\"", "reason: 'fa:16:3e:00:00' is not a valid MAC address"),
        ("\"00:00:00:00:00:00\"", "reason: '00:00:00:00:00:00' is not a valid MAC address"),
        ("\"ff:ff:ff:ff:ff:ff\"", "reason: 'ff:ff:ff:ff:ff:ff' is not a valid MAC address"),
        ("\"fa:16:3e:00:00:0g\"", "reason: 'fa:16:3e:00:00:0g' is not a valid MAC address"),
        ("null", "reason: 'None' is not a valid MAC address"),
        ("5", "reason: '5' is not a valid MAC address"),
    ])
    func `MACs are neither zero nor broadcast`(json: String, expected: String) throws {
        #expect(try refusal(Validator<MACAddress>.macAddress, json) == expected)
    }

    @Test(arguments: [
        ("\"10.0.0.1\"", "ok"), ("\"fd00::1\"", "ok"),
        ("\"10.0.0\"", "reason: '10.0.0' is not a valid IP address"),
        ("\"010.0.0.1\"", "reason: '010.0.0.1' is not an accepted IP address, '10.0.0.1' is recommended"),
        ("\"10.0.0.1 \"", "reason: '10.0.0.1 ' is not a valid IP address"),
        ("167772161", "reason: '167772161' is not a valid IP address"),
        ("null", "reason: 'None' is not a valid IP address"),
        ("\"fe80::1%eth0\"", "reason: 'fe80::1%eth0' is not a valid IP address"),
    ])
    func `addresses are unambiguous`(json: String, expected: String) throws {
        #expect(try refusal(Validator<IPAddress>.ipAddress, json) == expected)
    }

    @Test(arguments: [
        ("\"10.0.0.0/24\"", "ok"), ("\"10.0.0.5/24\"", "ok"), ("\"fd00::/64\"", "ok"),
        (
            "\"10.0.0.0\"",
            "reason: '10.0.0.0' isn't a recognized IP subnet cidr, '10.0.0.0/32' is recommended"
        ),
        (
            "\"10.0.0.0/255.255.255.0\"",
            "reason: '10.0.0.0/255.255.255.0' isn't a recognized IP subnet cidr, '10.0.0.0/24' is recommended"
        ),
        ("\"10.0.0.0/33\"", "reason: '10.0.0.0/33' is not a valid IP subnet"),
        ("\"10.0.0.0/255.0.255.0\"", "reason: '10.0.0.0/255.0.255.0' is not a valid IP subnet"),
        ("7", "reason: '7' is not a valid IP subnet"),
    ])
    func `subnets are blocks`(json: String, expected: String) throws {
        #expect(try refusal(Validator<IPPrefix>.cidr, json) == expected)
    }

    @Test(arguments: [
        ("\"10.0.0.0/24\"", "ok"), ("\"10.0.0.0/33\"", "operation: 10.0.0.0/33 is not in a CIDR format"),
        ("7", "operation: 7 is not in a CIDR format"),
        (
            "\"10.0.0.0\"",
            "reason: '10.0.0.0' isn't a recognized IP subnet cidr, '10.0.0.0/32' is recommended"
        ),
    ])
    func `a subnet's block is refused in words of its own`(json: String, expected: String) throws {
        #expect(try refusal(Validator<IPPrefix>.subnetCIDR, json) == expected)
    }

    @Test(arguments: [
        (#"[{"start":"10.0.0.2","end":"10.0.0.9"}]"#, "ok"), ("[]", "ok"),
        ("\"x\"", "operation: Invalid data format for allocation pools"),
        ("[1]", "operation: Invalid data format for allocation pools"),
        (
            #"[{"start":"10.0.0.2"}]"#,
            "reason: Validation of dictionary's keys failed. Expected keys: {'end', 'start'} Provided keys: {'start'}"
        ),
        (#"[{"start":"x","end":"10.0.0.9"}]"#, "reason: 'x' is not a valid IP address"),
        (#"[{"start":"10.0.0.9","end":"10.0.0.2"}]"#, "InvalidAllocationPool"),
        (#"[{"start":"10.0.0.9","end":"fd00::"}]"#, "InvalidAllocationPool"),
    ])
    func `pools have a start and an end`(json: String, expected: String) throws {
        #expect(try refusal(Validator<[AddressRange]>.allocationPools, json) == expected)
    }

    @Test(arguments: [
        (#"["8.8.8.8","fd00::53"]"#, "ok"), ("null", "ok"), ("[]", "ok"),
        (#""8.8.8.8""#, "reason: Invalid data format for nameserver: '8.8.8.8'"),
        (#"["dns"]"#, "reason: 'dns' is not a valid nameserver. 'dns' is not a valid IP address"),
        (#"["8.8.8.8","8.8.8.8"]"#, "reason: Duplicate nameserver '8.8.8.8'"),
    ])
    func `nameservers are distinct addresses`(json: String, expected: String) throws {
        #expect(try refusal(Validator<[IPAddress]>.nameservers, json) == expected)
    }

    @Test(arguments: [
        (#"[{"destination":"10.9.0.0/16","nexthop":"10.0.0.9"}]"#, "ok"), ("null", "ok"),
        ("{}", "reason: Invalid data format for hostroute: '{}'"),
        (
            #"[{"destination":"10.9.0.0/16"}]"#,
            "reason: Validation of dictionary's keys failed. Expected keys: {'destination', 'nexthop'} Provided keys: {'destination'}"
        ),
        (
            #"[{"destination":"10.9.0.7/16","nexthop":"10.0.0.9"}]"#,
            "reason: '10.9.0.7/16' is not a valid CIDR"
        ),
        (#"[{"destination":"x","nexthop":"10.0.0.9"}]"#, "reason: 'x' is not a valid IP subnet"),
        (#"[{"destination":"10.9.0.0/16","nexthop":"x"}]"#, "reason: 'x' is not a valid IP address"),
        (
            #"[{"destination":"10.9.0.0/16","nexthop":"10.0.0.9"},{"destination":"10.9.0.0/16","nexthop":"10.0.0.9"}]"#,
            "reason: Duplicate hostroute '{'destination': '10.9.0.0/16', 'nexthop': '10.0.0.9'}'"
        ),
    ])
    func `host routes have a destination and a next hop`(json: String, expected: String) throws {
        #expect(try refusal(Validator<[HostRoute]>.hostRoutes, json) == expected)
    }

    @Test(arguments: [
        (#"[{"ip_address":"10.0.0.5"},{"subnet_id":"7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c"}]"#, "ok"),
        ("[]", "ok"), ("\"x\"", "reason: Invalid data format for fixed IP: 'x'"),
        ("[7]", "reason: Invalid data format for fixed IP: '7'"), ("[{}]", "InvalidInput"),
        (#"[{"ip_address":"x"}]"#, "reason: 'x' is not a valid IP address"),
        (#"[{"subnet_id":"x"}]"#, "reason: 'x' is not a valid UUID"),
        (
            #"[{"ip_address":"10.0.0.5"},{"ip_address":"10.0.0.5"}]"#,
            "reason: Duplicate IP address '10.0.0.5'"
        ),
        (#"[{"ip":"10.0.0.5"}]"#, "reason: Unexpected keys supplied: ip"),
    ])
    func `fixed IPs name an address or a subnet`(json: String, expected: String) throws {
        #expect(try refusal(Validator<[FixedIPRequest]>.fixedIPs, json) == expected)
    }

    @Test(arguments: [
        (#"[{"opt_name":"bootfile-name","opt_value":"pxe.0"}]"#, "ok"), ("null", "ok"),
        (#"[{"opt_name":"mtu","opt_value":"1400","ip_version":"4"}]"#, "ok"),
        (#"[{"opt_name":"dns-server","opt_value":"fd00::1","ip_version":6}]"#, "ok"),
        (#"[{"opt_name":"router","opt_value":""}]"#, "ok"), (#"[{"opt_name":"mtu","opt_value":null}]"#, "ok"),
        (#"[{"opt_name":"tag:ipxe,67","opt_value":"x"}]"#, "ok"),
        ("{}", "operation: '{}' is not a list"),
        (#"[{"opt_name":"mtu"}]"#, "operation: No valid key specs matched for: {'opt_name': 'mtu'}"),
        (#"[{"opt_value":"1"}]"#, "operation: No valid key specs matched for: {'opt_value': '1'}"),
        (
            #"[{"opt_name":"mtu","opt_value":1400}]"#,
            "operation: No valid key specs matched for: {'opt_name': 'mtu', 'opt_value': 1400}"
        ),
        (
            #"[{"opt_name":"mtu","opt_value":""}]"#,
            "operation: No valid key specs matched for: {'opt_name': 'mtu', 'opt_value': ''}"
        ),
        (
            #"[{"opt_name":"root-path","opt_value":"a\nb"}]"#,
            "operation: No valid key specs matched for: {'opt_name': 'root-path', 'opt_value': 'a\\nb'}"
        ),
        (
            #"[{"opt_name":"mtu","opt_value":"1","ip_version":5}]"#,
            "operation: No valid key specs matched for: {'opt_name': 'mtu', 'opt_value': '1', 'ip_version': 5}"
        ),
        (
            #"[{"opt_name":"mtu","opt_value":"1","x":1}]"#,
            "operation: No valid key specs matched for: {'opt_name': 'mtu', 'opt_value': '1', 'x': 1}"
        ),
    ])
    func `DHCP options have Neutron's form`(json: String, expected: String) throws {
        #expect(try refusal(Validator<[ExtraDHCPOptionRequest]>.extraDHCPOptions, json) == expected)
    }

    @Test(arguments: [
        #"[{"opt_name":"no-such-option","opt_value":"x"}]"#, #"[{"opt_name":"mtu","opt_value":"big"}]"#,
        #"[{"opt_name":"router","opt_value":"not an address"}]"#, #"[{"opt_name":"0","opt_value":"1"}]"#,
        #"[{"opt_name":"router","opt_value":"10.0.0.1,2015::badd"}]"#,
        #"[{"opt_name":"mtu","opt_value":"2015::badd"}]"#,
        #"[{"opt_name":"bootfile-name","opt_value":"x","ip_version":6}]"#,
        #"[{"opt_name":"broadcast","opt_value":"10.0.0.255"}]"#,
        #"[{"opt_name":"no-such-option","opt_value":null}]"#,
    ])
    func `DHCP options that no server could send are refused with the reason`(json: String) throws {
        #expect(
            try refusal(Validator<[ExtraDHCPOptionRequest]>.extraDHCPOptions, json)
                .hasPrefix("operation: DHCP option "))
    }

    @Test(arguments: [
        #"[{"opt_name":"server-ip-address","opt_value":"2015::badd"}]"#,
        #"[{"opt_name":"dns-server","opt_value":"2015::1,2015::2"}]"#,
        #"[{"opt_name":"dns-server","opt_value":"10.0.0.1","ip_version":6}]"#,
    ])
    func `addresses of the other IP version are taken, as OpenStack's API tests send them`(
        json: String
    ) throws {
        #expect(try refusal(Validator<[ExtraDHCPOptionRequest]>.extraDHCPOptions, json) == "ok")
    }

    @Test(arguments: [
        (
            #"[{"ip_address":"10.0.0.0/24"},{"ip_address":"10.0.0.9","mac_address":"fa:16:3e:00:00:01"}]"#,
            "ok"
        ),
        ("null", "ok"), ("{}", "request: Allowed address pairs must be a list."),
        (#"[{"ip_address":"0.0.0.0/0"}]"#, "ok"),
        ("[1]", "reason: '1' is not a dictionary"), ("[{}]", "AllowedAddressPairsMissingIP"),
        (#"[{"ip_address":"x"}]"#, "request: 'x' is not a valid IP address"),
        (#"[{"ip_address":"10.0.0.1","mac_address":"x"}]"#, "request: 'x' is not a valid MAC address"),
        (#"[{"ip_address":"10.0.0.1","y":1}]"#, "request: Unrecognized attribute(s) 'y'"),
        (#"[{"ip_address":"10.0.0.1"},{"ip_address":"10.0.0.1"}]"#, "DuplicateAddressPairInRequest"),
    ])
    func `address pairs have an address and perhaps a MAC`(json: String, expected: String) throws {
        #expect(try refusal(Validator<[AllowedAddressPair]>.allowedAddressPairs, json) == expected)
    }

    @Test func `more than ten address pairs are refused`() throws {
        func pairs(_ count: Int) -> String {
            "[" + (1...count).map { "{\"ip_address\":\"10.0.0.\($0)\"}" }.joined(separator: ",") + "]"
        }
        #expect(try refusal(Validator<[AllowedAddressPair]>.allowedAddressPairs, pairs(10)) == "ok")
        #expect(
            try refusal(Validator<[AllowedAddressPair]>.allowedAddressPairs, pairs(11))
                == "AllowedAddressPairExhausted")
    }

    @Test(arguments: [
        (#"["a","b"]"#, "ok"), ("[]", "ok"), ("\"a\"", "reason: 'a' is not a list"),
        (#"["a","a"]"#, "reason: Duplicate items in the list: 'a'"),
        ("[1]", "reason: '1' is not a valid string"),
    ])
    func `lists have distinct items`(json: String, expected: String) throws {
        #expect(try refusal(Validator<[String]>.list(of: .string(max: 255)), json) == expected)
    }

    @Test(arguments: [
        ("{}", "ok"), ("null", "ok"), (#"{"a":{"b":[1,2.5,null]}}"#, "ok"),
        ("\"x\"", "reason: 'x' is not a dictionary"), ("[]", "reason: '[]' is not a dictionary"),
    ])
    func `a binding profile is an object`(json: String, expected: String) throws {
        #expect(try refusal(Validator<String>.jsonObject, json) == expected)
    }
}

@Suite struct Timestamps {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_356_000, "2026-11-22T14:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (4_102_444_800, "2100-01-01T00:00:00Z"), (1_709_251_199, "2024-02-29T23:59:59Z"),
        ] as [(Int64, String)])
    func `moments are written and read in ISO 8601`(seconds: Int64, text: String) {
        let moment = Timestamp(secondsSinceEpoch: seconds)
        #expect(moment.iso8601 == text)
        #expect(Timestamp(iso8601: text) == moment)
        #expect(Timestamp(iso8601: String(text.dropLast())) == moment)
    }

    @Test func `every day of four centuries comes back`() {
        for day in stride(from: Int64(-80_000), to: 80_000, by: 1) {
            let moment = Timestamp(secondsSinceEpoch: day * 86_400 + 45_296)
            #expect(Timestamp(iso8601: moment.iso8601) == moment)
        }
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22 14:00:00", "2026-13-22T14:00:00Z", "2026-11-22T25:00:00Z",
        "2026-11-22T14:00:00+01:00", "x026-11-22T14:00:00Z",
    ])
    func `other texts are no moments`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }
}
