import Platform

/// Finds ports that nothing listens on.
enum FreePort {
  /// Returns a free port on the loopback address: any, or the first of a range. Nil where all are taken.
  ///
  /// - Parameters:
  ///   - reserved: ports of servers that do not listen yet.
  ///   - host: where the server is to listen; ports are looked for on that address of 127.0.0.0/8, else on 127.0.0.1.
  static func find(
    in range: ClosedRange<Int>? = nil, except reserved: Set<Int> = [], host: String = "127.0.0.1"
  ) -> Int? {
    guard let range else { return (0..<100).lazy.compactMap { _ in bound(0, host) }.first { !reserved.contains($0) } }
    return range.lazy.filter { !reserved.contains($0) }.compactMap { bound($0, host) }.first
  }

  static func isFree(_ port: Int, host: String = "127.0.0.1") -> Bool { bound(port, host) != nil }

  /// Binds and lets go again; returns the port, nil where it is in use.
  private static func bound(_ port: Int, _ host: String) -> Int? {
    guard let number = UInt16(exactly: port) else { return nil }
    let descriptor = openStreamSocket()
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // As servers do: a port in TIME_WAIT is free, one that is listened on is not.
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = number.bigEndian
    let parts = host.split(separator: ".").compactMap { UInt8($0) }
    let octets = parts.count == 4 && parts[0] == 127 ? parts : [127, 0, 0, 1]
    address.sin_addr.s_addr = octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard bind(descriptor, generic, length) == 0, listen(descriptor, 1) == 0,
          getsockname(descriptor, generic, &length) == 0
        else { return nil }
        return Int(UInt16(bigEndian: pointer.pointee.sin_port))
      }
    }
  }
}
