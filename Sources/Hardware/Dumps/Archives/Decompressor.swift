import Platform
import Units

/// Undoes the compression around an archive: gzip here, the others through the machine's own programs.
struct Decompressor {
  let commands: any CommandRunner

  /// The most bytes that a dump may unfold to.
  static let limit = 1 << 30

  private static let programs: [(magic: [UInt8], program: String)] = [
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz"), ([0x42, 0x5a, 0x68], "bzip2"), ([0x28, 0xb5, 0x2f, 0xfd], "zstd"),
  ]

  /// True where the first bytes are those of a compressed file.
  static func isCompressed(_ bytes: [UInt8]) -> Bool {
    isGzip(bytes) || programs.contains { bytes.starts(with: $0.magic) }
  }

  private static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }

  /// Returns the content of a compressed file, or nil where it is not compressed.
  ///
  /// - Throws: `DumpError`.
  func content(_ bytes: [UInt8], path: String) async throws(DumpError) -> [UInt8]? {
    if Self.isGzip(bytes) {
      do { return try Inflate.gunzip(bytes, limit: Self.limit) } catch { throw DumpError(error, of: path, "gzip data") }
    }
    guard let program = Self.programs.first(where: { bytes.starts(with: $0.magic) })?.program else { return nil }
    return try await unfold(path, by: program, limit: Inflate.most(of: bytes.count, limit: Self.limit))
  }

  /// Unfolds through a program into a file of bounded size: a pipe of this program's own would hold its text only.
  private func unfold(_ path: String, by program: String, limit: Int) async throws(DumpError) -> [UInt8] {
    let folder: String
    do { folder = try PrivateFolder.make() } catch { throw .unreadable(path: path, cause: "\(error)") }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let target = "\(folder)/content"
    // Paths are words of their own, never part of the script.
    let script =
      "umask 077; command -v \"$1\" >/dev/null || exit 9; \"$1\" -dc <\"$2\" | head -c \(limit + 1) >\"$3\""
    let done = await commands.run("sh", ["-c", script, "sh", program, path, target], timeout: .seconds(20))
    guard let done else { throw .unreadable(path: path, cause: "\(program) did not end in time") }
    guard done.exitCode != 9 else { throw .unreadable(path: path, cause: "\(program) is not installed") }
    let bytes = DiskTree().read(target, limit: limit + 1) ?? []
    guard bytes.count <= limit else { throw DumpError(.tooLarge, of: path, "\(program) data") }
    guard !bytes.isEmpty else { throw .unreadable(path: path, cause: "\(program) found it damaged") }
    return bytes
  }
}

extension DumpError {
  /// Why an archive or what is around it was not unpacked; `what` names the kind.
  init(_ refusal: ArchiveRefusal, of path: String, _ what: String) {
    let cause =
      switch refusal {
      case .damaged: "the \(what) is damaged"
      case .tooLarge: "the \(what) is too large once unpacked"
      }
    self = .unreadable(path: path, cause: cause)
  }
}
