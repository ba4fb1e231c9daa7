import Engines
import Platform

/// Whose server listens at an address.
///
/// A server is asked, and given the key, only where its own processes hold the socket: whoever else took the port would
/// answer as well.
enum PortOwner: Hashable, Sendable {
  case nobody
  case own
  /// Another program, by its name where that can be seen.
  case stranger(String?)
  /// The system does not tell.
  case unknown

  /// Looks who listens now.
  static func of(_ address: ServerAddress, _ group: ProcessGroup, commands: any CommandRunner) async -> PortOwner {
    switch OperatingSystem.current {
    case .linux: ListeningSockets().owner(of: address, group)
    case .macOS: await listed(address.port, group, commands)
    }
  }

  /// By `lsof`, which comes with macOS: its fields `p` and `g` are the process and its group.
  static func listed(_ port: Int, _ group: ProcessGroup, _ commands: any CommandRunner) async -> PortOwner {
    let words = ["-nP", "-iTCP:\(port)", "-sTCP:LISTEN", "-Fgc"]
    guard let answer = await commands.run("/usr/sbin/lsof", words) else { return .unknown }
    let fields = answer.output.split(whereSeparator: \.isNewline)
    let groups = fields.filter { $0.first == "g" }.map { Int32($0.dropFirst()) }
    // It ends with 1 where it finds nothing.
    guard !groups.isEmpty else { return answer.exitCode <= 1 && answer.errorOutput.isEmpty ? .nobody : .unknown }
    if groups.allSatisfy({ $0 == group.leader.pid }) { return .own }
    return .stranger(fields.first { $0.first == "c" }.map { String($0.dropFirst()) })
  }
}

/// The sockets of this machine that are listened on, as `/proc/net/tcp` has them.
struct ListeningSockets: Sendable {
  private let tree: any FileTree

  init(tree: any FileTree = DiskTree()) { self.tree = tree }

  func owner(of address: ServerAddress, _ group: ProcessGroup) -> PortOwner {
    guard let sockets = inodes(at: address) else { return .unknown }
    guard !sockets.isEmpty else { return .nobody }
    let held = group.members().map { self.sockets(of: $0) }
    if sockets.isSubset(of: held.compactMap { $0 }.reduce(into: []) { $0.formUnion($1) }) { return .own }
    // A process whose descriptors are hidden may be the one.
    if held.contains(nil) { return .unknown }
    let other = tree.list("/proc").compactMap { Int32($0) }.first {
      !(self.sockets(of: $0) ?? []).isDisjoint(with: sockets)
    }
    return .stranger(other.flatMap { tree.text("/proc/\($0)/comm", limit: 256) }.map { FailureSorting.cleaned($0) })
  }

  /// The inodes of all sockets that would take a connection to the address; nil where there is no such table.
  func inodes(at address: ServerAddress) -> Set<String>? {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap { tree.text($0, limit: 64 << 20) }
    guard !tables.isEmpty else { return nil }
    let port = ":" + hexadecimal([UInt8(address.port >> 8 & 0xFF), UInt8(address.port & 0xFF)]).uppercased()
    let isAnywhere = ["0.0.0.0", "::"].contains(address.host)
    return Set(
      // By bytes: a busy machine has thousands of rows, and this is asked many times a second while a server loads.
      tables.flatMap { $0.utf8.split(separator: UInt8(ascii: "\n")) }.compactMap { line -> String? in
        let fields = line.split(separator: UInt8(ascii: " "))
        // 0A is the state LISTEN.
        guard fields.count > 9, fields[3].elementsEqual("0A".utf8) else { return nil }
        let local = String(Substring(fields[1]))
        guard local.hasSuffix(port) else { return nil }
        let host = local.dropLast(port.count)
        let isReached = Self.wildcards.contains(String(host)) || Self.isLoopback(host, of: address.host)
        return isReached || !(address.isLoopback || isAnywhere) ? String(Substring(fields[9])) : nil
      })
  }

  /// Addresses as the kernel prints them: each word of 32 bits in the machine's order.
  private static let wildcards: Set<String> = ["00000000", String(repeating: "0", count: 32)]

  /// True for the loopback address that is meant: of 127.0.0.0/8 that very one, else 127.0.0.1 or ::1.
  private static func isLoopback(_ word: Substring, of host: String) -> Bool {
    let parts = host.split(separator: ".").compactMap { UInt8($0) }
    let isNumber = parts.count == 4 && parts[0] == 127
    let number = hexadecimal(isNumber ? parts.reversed() : [1, 0, 0, 127]).uppercased()
    if word == number || word == "0000000000000000FFFF0000" + number { return true }
    return !isNumber && word == "00000000000000000000000001000000"
  }

  /// The inodes of a process's sockets; nil where its descriptors cannot be seen.
  private func sockets(of pid: Int32) -> Set<String>? {
    let folder = "/proc/\(pid)/fd"
    guard access(folder, R_OK | X_OK) == 0 else { return nil }
    return Set(
      tree.list(folder).compactMap { name -> String? in
        guard let text = tree.link("\(folder)/\(name)") else { return nil }
        return text.hasPrefix("socket:[") ? String(text.dropFirst(8).dropLast()) : nil
      })
  }
}
