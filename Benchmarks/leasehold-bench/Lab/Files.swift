import Glibc

/// Reads a whole file.
func readFile(_ path: String) throws(Failure) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .call("read \(path)") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(file, &buffer, buffer.count)
        guard count >= 0 else { throw .call("read \(path)") }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}

/// Writes a whole file, mode 0644.
func writeFile(_ path: String, _ text: String) throws(Failure) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw .call("write \(path)") }
    defer { close(file) }
    var text = text
    let written = text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)[...]
        while !rest.isEmpty {
            let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
    guard written else { throw .call("write \(path)") }
}

/// Writes a file beside the path and renames it into place, as Neutron does (neutron_lib replace_file).
func replaceFile(_ path: String, _ text: String) throws(Failure) {
    let draft = path + ".new"
    try writeFile(draft, text)
    guard rename(draft, path) == 0 else { throw .call("rename \(draft)") }
}

/// Makes a directory unless it is there.
func makeDirectory(_ path: String) throws(Failure) {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .call("create \(path)") }
}

/// Removes a directory with the plain files in it.
func removeDirectory(_ path: String) {
    if let directory = opendir(path) {
        while let entry = readdir(directory) {
            let name = entryName(entry)
            if name != "." && name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(directory)
    }
    rmdir(path)
}

/// The name in a directory entry.
func entryName(_ entry: UnsafeMutablePointer<dirent>) -> String {
    // The name begins inside the structure and may be longer than the tuple that Swift sees.
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return "" }
    return String(cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
}
