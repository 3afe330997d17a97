import NativeDriver

extension ValueForm where Value == SourceMismatch {
    /// `count` or `refuse`.
    static let sourceMismatch = ValueForm("count or refuse", render: \.rawValue) {
        SourceMismatch(rawValue: $0.trimmed)
    }
}
