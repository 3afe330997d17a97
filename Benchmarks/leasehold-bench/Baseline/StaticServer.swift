import Glibc

/// nginx with files in memory: how fast answers can be that nobody has to think about.
final class StaticServer {
    static let program = "nginx"
    let port: UInt16 = 9697
    private let pid: pid_t

    /// Starts nginx with a file of that name and content for each answer, and waits until it listens.
    init(_ files: [(name: String, content: [UInt8])]) throws {
        guard Program.exists(Self.program) else {
            throw Failure("no `\(Self.program)` on PATH (Debian package nginx-light)")
        }
        let directory = "/run/bench-nginx"
        try makeDirectory(directory)
        try makeDirectory("\(directory)/files")
        for file in files {
            try writeFile("\(directory)/files/\(file.name)", String(decoding: file.content, as: UTF8.self))
        }
        try writeFile("\(directory)/nginx.conf", Self.configuration(directory, port))
        pid = try Program.start(
            [Self.program, "-e", "\(directory)/error.log", "-c", "\(directory)/nginx.conf"],
            log: "\(directory)/nginx.log")
        let port = port
        try wait(for: "nginx to listen", limit: 10) { (try? HTTPConnection(port: port)) != nil }
    }

    func stop() {
        kill(pid, SIGTERM)
        _ = Program.wait(pid)
    }

    private static func configuration(_ directory: String, _ port: UInt16) -> String {
        """
        daemon off;
        user root;
        worker_processes auto;
        pid \(directory)/nginx.pid;
        error_log \(directory)/error.log;
        events { worker_connections 1024; }
        http {
          access_log off;
          default_type application/json;
          sendfile on;
          open_file_cache max=100;
          keepalive_requests 100000000;
          client_body_temp_path \(directory)/body;
          proxy_temp_path \(directory)/proxy;
          fastcgi_temp_path \(directory)/fastcgi;
          uwsgi_temp_path \(directory)/uwsgi;
          scgi_temp_path \(directory)/scgi;
          server { listen 127.0.0.1:\(port); root \(directory)/files; }
        }

        """
    }
}
