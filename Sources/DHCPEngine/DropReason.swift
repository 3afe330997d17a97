/// Why a packet was not answered: exactly one per packet; docs/outcomes.md has a paragraph on each.
public enum DropReason: String, Hashable, Sendable, CaseIterable {
    // What is no message of ours.
    case truncated = "truncated"
    case malformedHeader = "malformed-header"
    case malformedOption = "malformed-option"
    case notARequest = "not-a-request"
    case unknownMessageType = "unknown-message-type"
    case unsupportedHardwareType = "unsupported-hardware-type"
    case replyDoesNotFit = "reply-does-not-fit"
    // Who we do not serve.
    case unknownClient = "unknown-client"
    case noSubnet = "no-subnet"
    case noAddressOnSubnet = "no-address-on-subnet"
    case otherServer = "other-server"
    case missingServerIdentifier = "missing-server-identifier"
    case unexpectedServerIdentifier = "unexpected-server-identifier"
    case missingAddress = "missing-address"
    case missingClientIdentifier = "missing-client-identifier"
    case unexpectedUnicast = "unexpected-unicast"
    case unknownSource = "unknown-source"
    case notOnLink = "not-on-link"
    // What calls for no answer.
    case released = "released"
    case declined = "declined"
    // Abuse.
    case sourceMismatch = "source-mismatch"
    case portLimit = "port-limit"
    case networkLimit = "network-limit"
    case tooManyUnresolved = "too-many-unresolved"
    case tooManyLookups = "too-many-lookups"
    case relayLoop = "relay-loop"
    // Our own trouble.
    case sendFailed = "send-failed"
}
