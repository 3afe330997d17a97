import FuzzProperties

/// libFuzzer's entry: an input that breaks a property ends the process.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(PropertyFailure) {
        try FuzzTarget.dhcpv4.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        fatalError(error.description)
    }
    return 0
}
