import NativeDriver

extension ValueForm where Value == Int? {
    /// How many items a list has; what is below 1, and `infinite`, is nil.
    static let pageLength = ValueForm(
        "an integer, below 1 or infinite for no limit", render: { "\($0 ?? -1)" }
    ) { text -> Int?? in
        if text.trimmed.lowercased() == "infinite" { return .some(nil) }
        return Int(text.trimmed).map { $0 < 1 ? nil : $0 }
    }
}

extension ValueForm where Value == SourceMismatch {
    /// `count` or `refuse`.
    static let sourceMismatch = ValueForm("count or refuse", render: \.rawValue) {
        SourceMismatch(rawValue: $0.trimmed)
    }
}
