import NetworkModel

extension APIRequest {
    /// The revision that an `If-Match: revision_number=N` header demands. As in Neutron, the number may stand
    /// in quotes, and tags of any other form say nothing.
    func revisionToMatch() throws(APIError) -> Int? {
        guard let header = headers["if-match"] else { return nil }
        var revision: Int?
        for tag in header.split(separator: ",") {
            var text = String(tag).trimmingBlanks()
            if text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") {
                text = String(text.dropFirst().dropLast())
            }
            guard text.hasPrefix("revision_number=") else { continue }
            if revision != nil {
                throw APIError(
                    ModelError.badRequest("if-match", "Multiple revision_number etags are not supported"))
            }
            guard let number = parseInteger(String(text.dropFirst("revision_number=".count))) else {
                throw APIError(
                    ModelError.badRequest(
                        "if-match",
                        "Revision number etag must be in the format of revision_number=<int>"))
            }
            revision = number
        }
        return revision
    }
}
