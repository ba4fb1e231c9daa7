/// A name beside a path that no other process, and no other task of this one, will take, to be renamed to the path.
public func temporaryPath(beside path: String) -> String {
  "\(path).\(getpid())-\(ProcessSpace.mark)-\(UInt32.random(in: 0...(.max))).tmp"
}

/// Removes what `writeAtomically` left in a folder where it was killed in the middle: the temporary files of processes of this
/// machine that are gone.
///
/// A folder may be shared with other machines and containers, whose processes are not seen here: their files stay.
public func removeAbandonedTemporaries(in folder: String) {
  for name in DiskTree().list(folder) where name.hasSuffix(".tmp") {
    let parts = name.dropLast(4).split(separator: ".").last?.split(separator: "-") ?? []
    guard parts.count == 3, let writer = Int32(parts[0]), writer > 0, parts[1] == ProcessSpace.mark,
      UInt32(parts[2]) != nil
    else { continue }
    // A number that another process has by now keeps the file until that one has ended.
    if kill(writer, 0) != 0, errno == ESRCH { unlink("\(folder)/\(name)") }
  }
}

/// Where the numbers of this process and its like mean something.
enum ProcessSpace {
  /// Eight digits that differ between machines and between containers, and outlive a restart of the machine.
  static let mark: String = {
    let tree = DiskTree()
    let parts = [hostName(), tree.text("/etc/machine-id", limit: 256) ?? "", tree.link("/proc/self/ns/pid") ?? ""]
    // FNV-1a.
    let digest = parts.joined(separator: "\n").utf8.reduce(UInt32(0x811C_9DC5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    return hexadecimal((0..<4).map { UInt8(truncatingIfNeeded: digest >> (24 - 8 * $0)) })
  }()
}
