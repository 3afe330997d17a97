import Addressing
import Testing

@Suite struct MACAddressTests {
    @Test(arguments: [
        ("fa:16:3e:00:00:01", "fa:16:3e:00:00:01"), ("FA-16-3E-00-00-01", "fa:16:3e:00:00:01"),
        ("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff"),
    ])
    func aMACIsReadWithColonsOrHyphensAndWrittenWithColons(_ text: String, _ canonical: String) throws {
        let mac = try #require(MACAddress(text))
        #expect(mac.description == canonical)
        #expect(MACAddress(octets: mac.octets) == mac)
    }

    @Test(arguments: [
        "", "fa:16:3e:00:00", "fa:16:3e:00:00:01:02", "fa16.3e00.0001", "fa:16:3e:0:0:1", "fa:16-3e:00:00:01",
        "ga:16:3e:00:00:01", "fa163e000001", " fa:16:3e:00:00:1",
    ])
    func whatIsNoMACIsRefused(_ text: String) {
        #expect(MACAddress(text) == nil)
    }

    @Test func onlyTheLow48BitsCount() {
        #expect(MACAddress(rawValue: .max).rawValue == 0xFFFF_FFFF_FFFF)
        #expect(MACAddress(octets: [1, 2, 3]) == nil)
    }

    @Test func theGroupBitIsTheLowestOfTheFirstOctet() throws {
        #expect(try #require(MACAddress("01:00:5e:00:00:01")).isMulticast)
        #expect(try !#require(MACAddress("fa:16:3e:00:00:01")).isMulticast)
    }

    @Test func theInterfaceIdentifierHasTheUniversalBitFlipped() throws {
        #expect(try #require(MACAddress("00:16:3e:33:44:55")).eui64 == 0x0216_3EFF_FE33_4455)
        #expect(try #require(MACAddress("fa:16:3e:33:44:55")).eui64 == 0xF816_3EFF_FE33_4455)
    }
}
