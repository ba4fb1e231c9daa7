import Platform
public import Units

/// An address that a server is to listen on: a number, or a name that this machine resolves.
public struct ListenAddress: Hashable, Sendable {
  private let host: String

  public init(_ host: String) { self.host = host }

  /// Why nothing on this machine can listen there; nil where it can.
  public var refusal: Reason? {
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE
    hints.ai_socktype = SocketOption.stream
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, "0", &hints, &list) == 0, let list else {
      return Reason(
        .badHost, "\(printable(host.debugDescription)) is neither an address nor a name this machine knows",
        remedy: "--host 127.0.0.1, 0.0.0.0, or an address of this machine")
    }
    defer { freeaddrinfo(list) }
    guard sequence(first: list, next: { $0.pointee.ai_next }).contains(where: { Self.canBind($0.pointee) }) else {
      return Reason(
        .notThisHost, "\(printable(host)) is not an address of this machine",
        remedy: "--host 0.0.0.0 listens on all of them")
    }
    return nil
  }

  /// Binds any free port there and lets go again.
  private static func canBind(_ address: addrinfo) -> Bool {
    let descriptor = socket(address.ai_family, address.ai_socktype, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return bind(descriptor, address.ai_addr, address.ai_addrlen) == 0
  }
}
