import Glibc
import LinuxKernel
import Testing

/// A directory of its own that goes with the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = "/tmp/leasehold-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try createDirectory(path: path)
    }

    deinit { try? removeTree(path: path) }
}

@Suite struct FilesTests {
    @Test func replacingLeavesTheNewContentsAndNothingBeside() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/host"
        try atomicReplace(path: path, contents: "old\n")
        try atomicReplace(path: path, contents: "new\n", durable: true)
        #expect(try readFile(path: path) == Array("new\n".utf8))
        #expect(try directoryEntries(path: directory.path) == ["host"])
    }

    @Test func fileHasItsModeWhateverTheUmask() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/opts"
        try atomicReplace(path: path, contents: "", mode: 0o666)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o666)
    }

    @Test func aLackOfDescriptorsNamesItsRemedy() {
        let ours = "\(FileError(operation: "open", path: "/x", errno: EMFILE))"
        #expect(ours.hasPrefix("open /x: Too many open files;") && ours.contains("LimitNOFILE="))
        #expect("\(FileError(operation: "open", path: "/x", errno: ENFILE))".contains("fs.file-max"))
        #expect("\(FileError(operation: "open", path: "/x", errno: ENOENT))".hasSuffix("directory (errno 2)"))
    }

    @Test func failureNamesOperationPathAndReason() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: FileError.self) {
            try atomicReplace(path: "\(directory.path)/missing/file", contents: "x")
        }
        #expect(error?.errno == ENOENT)
        #expect(error?.description.contains("create \(directory.path)/missing/file") == true)
        #expect(error?.description.contains("No such file or directory") == true)
    }

    @Test func failedRenameLeavesNoTemporaryFile() throws {
        let directory = try TemporaryDirectory()
        try createDirectory(path: "\(directory.path)/taken/by")
        #expect(throws: FileError.self) { try atomicReplace(path: "\(directory.path)/taken", contents: "x") }
        #expect(try directoryEntries(path: directory.path) == ["taken"])
    }

    @Test func directoriesAreMadeWithThoseAboveAndRemovedWithThoseBelow() throws {
        let directory = try TemporaryDirectory()
        let deep = "\(directory.path)/a/b/c"
        try createDirectory(path: deep)
        try createDirectory(path: deep)
        try atomicReplace(path: "\(deep)/file", contents: "x")
        #expect(isDirectory(path: deep))
        try removeTree(path: "\(directory.path)/a")
        #expect(!fileExists(path: "\(directory.path)/a"))
        try removeTree(path: "\(directory.path)/a")
    }

    @Test func removingATreeDoesNotFollowLinks() throws {
        let directory = try TemporaryDirectory()
        try createDirectory(path: "\(directory.path)/kept")
        try atomicReplace(path: "\(directory.path)/kept/file", contents: "x")
        try createDirectory(path: "\(directory.path)/gone")
        #expect(symlink("\(directory.path)/kept", "\(directory.path)/gone/link") == 0)
        try removeTree(path: "\(directory.path)/gone")
        #expect(fileExists(path: "\(directory.path)/kept/file"))
    }

    @Test func creatingADirectoryOverAFileFails() throws {
        let directory = try TemporaryDirectory()
        try atomicReplace(path: "\(directory.path)/file", contents: "x")
        #expect(throws: FileError.self) { try createDirectory(path: "\(directory.path)/file") }
    }

    @Test func filesWithoutSizeAreReadToTheirEnd() throws {
        #expect(try readFile(path: "/proc/self/status").starts(with: Array("Name:".utf8)))
        #expect(try readFile(path: "/proc/self/status", limit: 3).count == 3)
    }
}
