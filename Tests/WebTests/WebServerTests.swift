import FlyingSocks
import Foundation
import Synchronization
import Testing

@testable import Web

/// The server at a free port of the loopback, while a test talks to it.
private func serving(
  limits: ConnectionLimits = ConnectionLimits(), _ handler: @escaping WebServer.Handler,
  _ test: @Sendable (UInt16) async throws -> Void
) async throws {
  var server = try WebServer(host: "127.0.0.1", ports: [0])
  server.limits = limits
  let (ready, port) = (server, UInt16(server.address.port))
  let task = Task { try await ready.run(handler) }
  defer { task.cancel() }
  try await test(port)
  task.cancel()
  try await task.value
}

/// One connection of a client that says exactly what it is told.
private struct Client {
  private let socket: AsyncSocket

  init(_ port: UInt16) async throws { socket = try await .connected(to: try .inet(ip4: "127.0.0.1", port: port)) }

  func send(_ text: String) async throws { try await socket.write(Data(text.utf8)) }

  /// What comes until a text does, or the end.
  func read(until end: String? = nil) async throws -> String {
    var bytes: [UInt8] = []
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end, text.contains(end) { return text }
      do { bytes += try await within(.seconds(20)) { try await socket.read(atMost: 4096) } } catch is SocketError {
        return text
      }
    }
  }

  func close() throws { try socket.close() }
}

private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

@Suite struct WebServerTests {
  @Test func aConnectionCarriesOneRequestAfterTheOther() async throws {
    try await serving {
      .text("it is \($0.place)")
    } _: { port in
      let client = try await Client(port)
      for path in ["/a", "/b"] {
        try await client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try await client.read(until: "it is \(path)")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Length: 8\r\n"))
      }
      try await client.send("GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(try await client.read().hasSuffix("it is /c"))
    }
  }

  @Test func requestsThatComeTogetherAreAnsweredInTheirOrder() async throws {
    try await serving {
      .text("it is \($0.place)")
    } _: { port in
      let client = try await Client(port)
      try await client.send((1...20).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
      let answer = try await client.read(until: "it is /20")
      let places = answer.matches(of: /it is \/(\d+)/).compactMap { Int($0.1) }
      #expect(places == Array(1...20))
    }
  }

  @Test func aHeadHasNoBody() async throws {
    try await serving { _ in
      .text("text")
    } _: { port in
      let client = try await Client(port)
      try await client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      let answer = try await client.read()
      #expect(answer.contains("Content-Length: 4\r\n") && answer.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func anEndlessHeaderIsCutOff() async throws {
    try await serving { _ in
      .text("text")
    } _: { port in
      let client = try await Client(port)
      try await client.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "a", count: 16_500))
      #expect(try await client.read().hasPrefix("HTTP/1.1 431 "))
    }
  }

  @Test func aBodyThatIsTooLongIsNotRead() async throws {
    try await serving {
      .text("\($0.body.count)")
    } _: { port in
      let client = try await Client(port)
      try await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n")
      #expect(try await client.read().hasPrefix("HTTP/1.1 413 "))
      let other = try await Client(port)
      try await other.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\nExpect: 100-continue\r\n\r\n")
      #expect(try await other.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 Continue"))
      try await other.send(String(repeating: "a", count: 65_536))
      #expect(try await other.read(until: "65536").contains("200 OK"))
    }
  }

  @Test func aRequestThatDoesNotEndIsGivenUp() async throws {
    var limits = ConnectionLimits()
    limits.reading = .milliseconds(50)
    try await serving(limits: limits) { _ in
      .text("text")
    } _: { port in
      let client = try await Client(port)
      try await client.send("GET / HT")
      #expect(try await client.read().hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test func anIdleConnectionIsClosedWithoutAWord() async throws {
    var limits = ConnectionLimits()
    limits.idle = .milliseconds(50)
    try await serving(limits: limits) { _ in
      .text("text")
    } _: { port in
      let client = try await Client(port)
      #expect(try await client.read().isEmpty)
    }
  }

  @Test func thereAreSoManyPlacesAndNoMore() async throws {
    var limits = ConnectionLimits()
    limits.connections = 1
    try await serving(limits: limits) { _ in
      .text("text")
    } _: { port in
      let first = try await Client(port)
      try await first.send(get)
      _ = try await first.read(until: "text")
      let second = try await Client(port)
      #expect(try await second.read().isEmpty)
    }
  }

  @Test func aStreamEndsWhenItsClientGoes() async throws {
    let (ended, end) = AsyncStream<Void>.makeStream()
    try await serving { _ in
      .events { send in
        defer { end.finish() }
        try await send("first", ["n": 1])
        // Nothing is ever sent again: the end is seen without a write.
        try await Task.sleep(for: .seconds(3600))
      }
    } _: { port in
      let client = try await Client(port)
      try await client.send(get)
      let text = try await client.read(until: "\"n\":1")
      #expect(text.contains("Content-Type: text/event-stream") && text.contains("Transfer-Encoding: chunked"))
      try client.close()
      try await within(.seconds(20)) { for await _ in ended {} }
    }
  }

  @Test func twentyClientsFollowStreamsAtOnce() async throws {
    let followers = Mutex(0)
    let (all, begin) = AsyncStream<Void>.makeStream()
    try await serving { _ in
      .events { send in
        if followers.withLock({
          $0 += 1; return $0
        }) == 20 {
          begin.finish()
        }
        // None is sent anything before all are there.
        for await _ in all {}
        for number in 1...5 { try await send("tick", ["n": .integer(number)]) }
      }
    } _: { port in
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<20 {
          group.addTask {
            let client = try await Client(port)
            try await client.send(get)
            return try await client.read(until: "event: end").matches(of: /event: tick/).count
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(counts == [Int](repeating: 5, count: 20))
    }
  }

  @Test func aPortThatIsTakenIsRefusedAndTheNextOneTaken() throws {
    let first = try WebServer(host: "127.0.0.1", ports: [0])
    #expect(throws: (any Error).self) { try WebServer(host: "127.0.0.1", ports: [first.address.port]) }
    let second = try WebServer(host: "127.0.0.1", ports: [first.address.port, 0])
    #expect(second.address.port != first.address.port)
    #expect(second.address.url == "http://127.0.0.1:\(second.address.port)")
  }
}
