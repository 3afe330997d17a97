import NIOSSL

/// The certificate that a server shows its clients, with its private key.
public struct ServerCertificate: Sendable {
    /// TLS 1.2 and later.
    let configuration: TLSConfiguration

    /// Reads PEM files: the certificate followed by those between it and the authority, and its key.
    ///
    /// - Throws: ``Failure``, which names the file.
    public init(certificateFile: String, keyFile: String) throws(Failure) {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificateFile)
        } catch {
            throw Failure(description: "the certificate file \(certificateFile) cannot be used: \(error)")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
        } catch {
            throw Failure(description: "the key file \(keyFile) cannot be used: \(error)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        do {
            // Nothing else looks whether they belong together before the first client comes.
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Failure(
                description:
                    "the key file \(keyFile) does not belong to the certificate file \(certificateFile): \(error)"
            )
        }
        self.configuration = configuration
    }

    /// Why the files cannot be used.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The object and the cause, without a full stop at the end.
        public let description: String
    }
}
