import FlyingSocks
import Platform
import Units
import Workflows

/// Answers requests over HTTP/1.1 at one address of this machine until its task is cancelled.
///
/// Sockets and their waiting are FlyingSocks'; what is read from them, and how much, is this module's.
public struct WebServer: Sendable {
  /// Answers one request; what it throws is answered as an error.
  public typealias Handler = @Sendable (WebRequest) async -> WebResponse

  private let listener: Socket
  /// The address that it listens at, with the port that was taken.
  public let address: WebAddress
  var limits = ConnectionLimits()

  private static var noDelay: BoolSocketOption { BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY) }

  /// The port that is kept in mind, its neighbours, then any free one.
  public static let usualPorts = Array(8765...8774) + [0]

  /// Takes the port.
  ///
  /// - Parameter ports: tried in their order; 0 for any free one.
  /// - Throws: `Failure` where none can be had.
  public init(host: String, ports: [Int]) throws {
    let (socket, own) = try Self.first(of: ports, at: host)
    listener = socket
    address = WebAddress(host: host, port: own)
  }

  private static func first(of ports: [Int], at host: String) throws -> (Socket, port: Int) {
    var taken: String?
    for port in ports {
      do {
        let socket = try listen(host, port)
        if let own = Self.port(of: socket) { return (socket, own) }
      } catch let error as SocketError {
        taken = words(error)
      }
    }
    throw Failure(
      .failed, .addressInUse,
      "cannot listen at \(printable(host)), port \(ports.last ?? 0): \(taken ?? "no such address")",
      remedy: "choose another with --port, or leave it out for a free one")
  }

  private static func listen(_ host: String, _ port: Int) throws -> Socket {
    let port = UInt16(clamping: port)
    if host.contains(":") { return try listen(at: sockaddr_in6.inet6(ip6: host, port: port)) }
    return try listen(at: sockaddr_in.inet(ip4: host, port: port))
  }

  private static func listen(at address: some SocketAddress) throws -> Socket {
    let socket = try Socket(domain: Int32(type(of: address).family))
    makeNonBlocking(socket.file.rawValue)
    do {
      try socket.setValue(true, for: .localAddressReuse)
      try socket.bind(to: address)
      try socket.listen()
    } catch {
      try? socket.close()
      throw error
    }
    return socket
  }

  private static func port(of socket: Socket) -> Int? {
    switch try? socket.sockname() {
    case .ip4(_, let port), .ip6(_, let port): Int(port)
    default: nil
    }
  }

  private static func words(_ error: SocketError) -> String {
    if case .failed(_, _, let message) = error { return message.lowercased() }
    return "\(error)"
  }

  /// Answers until the task is cancelled, then ends what is open.
  public func run(_ app: WebApp) async throws {
    var server = self
    server.limits.body = app.bodyLimit
    let ready = server
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while !Task.isCancelled {
          try? await Task.sleep(for: .seconds(30))
          app.rest()
        }
      }
      try await ready.run(app.answer)
      group.cancelAll()
    }
  }

  func run(_ handler: @escaping Handler) async throws {
    let pool = SocketPool.make()
    try await pool.prepare()
    let socket = try AsyncSocket(socket: listener, pool: pool)
    defer { try? listener.close() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { _ = try? await pool.run() }
      group.addTask { await accept(on: socket, handler) }
      // The first to end is ended by a cancellation: the other goes too.
      await group.next()
      group.cancelAll()
    }
  }

  private func accept(on socket: AsyncSocket, _ handler: @escaping Handler) async {
    let places = Places(limits.connections)
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        do {
          let client = try await socket.accept()
          // Neither a server that is deployed nor another child may keep a connection open.
          makeNonBlocking(client.socket.file.rawValue)
          // Small parts of a stream are sent as they come, not when the last one was acknowledged, 40 ms later.
          try client.socket.setValue(true, for: Self.noDelay)
          guard places.take() else {
            try? client.close()
            continue
          }
          group.addTask {
            await WebConnection(client, limits: limits, handler: handler).run()
            places.give()
          }
        } catch {
          // Too few descriptors, or a client that went at once: the next may be luckier.
          try? await Task.sleep(for: .milliseconds(50))
        }
      }
    }
  }
}

/// Where the server listens.
public struct WebAddress: Hashable, Sendable {
  /// An address of this machine, without brackets.
  public var host: String
  public var port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// The host as addresses on the web have it.
  var urlHost: String { host.contains(":") ? "[\(host)]" : host }

  public var url: String { "http://\(urlHost):\(port)" }

  /// The address by which this machine reaches it.
  public var nearURL: String { isEveryAddress ? "http://127.0.0.1:\(port)" : url }

  /// True where it is reached from this machine alone.
  public var isLoopback: Bool { WebOrigin.isLoopback(host: urlHost) }

  /// True where every address of this machine is meant.
  var isEveryAddress: Bool { host == "0.0.0.0" || host == "::" }
}

/// How much of its time and memory the server gives to one client.
struct ConnectionLimits: Sendable {
  var connections = 256
  /// A connection without a request is closed after this.
  var idle = Duration.seconds(60)
  /// A request has to be whole after this.
  var reading = Duration.seconds(15)
  /// A client has to take what is written within this.
  var writing = Duration.seconds(30)
  /// The most bytes of a body.
  var body: @Sendable (WebRequest) -> Int = { _ in 65_536 }
}
