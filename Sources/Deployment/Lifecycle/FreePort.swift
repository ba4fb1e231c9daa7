import Platform

/// Finds ports that nothing listens on.
enum FreePort {
  /// Returns a free port on the loopback address: any, or the first of a range. Nil where all are taken.
  ///
  /// - Parameter reserved: ports of servers that do not listen yet.
  static func find(in range: ClosedRange<Int>? = nil, except reserved: Set<Int> = []) -> Int? {
    guard let range else { return (0..<100).lazy.compactMap { _ in bound(0) }.first { !reserved.contains($0) } }
    return range.lazy.filter { !reserved.contains($0) }.compactMap { bound($0) }.first
  }

  static func isFree(_ port: Int) -> Bool { bound(port) != nil }

  /// Binds and lets go again; returns the port, nil where it is in use.
  private static func bound(_ port: Int) -> Int? {
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
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
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
