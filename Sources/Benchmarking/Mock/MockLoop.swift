import Platform
import Synchronization

/// The built-in server's loop: reads requests, sends each answer's steps at their times. Confined to its thread.
final class MockLoop {
  private final class Connection {
    var input: [UInt8] = []
    /// Bytes that the kernel did not take yet.
    var output: [UInt8] = []
    var steps: [MockAnswer.Step] = []
    var next = 0
    var truth = MockTruth(serial: 0, received: 0)
    var closesAfterOutput = false
  }

  private let listener: Int32
  private let state: MockState
  private let answer: (MockRequest) -> MockAnswer
  private let poller: Poller
  private let clock = MonotonicClock()
  private var connections: [Int32: Connection] = [:]
  private var timers = TimerHeap()
  private var ready: [PollReady] = []
  private var serial = 0
  /// When the loop last woke.
  private var woken: Int64 = 0
  private var buffer = [UInt8](repeating: 0, count: 65536)

  init?(listener: Int32, state: MockState, answer: @escaping (MockRequest) -> MockAnswer) {
    guard let poller = Poller() else { return nil }
    self.listener = listener
    self.state = state
    self.answer = answer
    self.poller = poller
  }

  func run() {
    sharpenTimers()
    raisePriority()
    poller.watch(listener, for: .readable)
    var now = clock.now()
    while !state.isStopped.load(ordering: .relaxed) {
      let due = min(timers.first?.time ?? .max, now + 50_000_000)
      poller.wait(nanoseconds: max(0, due - now), into: &ready)
      woken = clock.now()
      for event in ready {
        if event.descriptor == listener {
          accept()
        } else {
          if event.interest.contains(.writable), let connection = connections[event.descriptor] {
            flush(event.descriptor, connection)
          }
          if !event.interest.isDisjoint(with: [.readable, .broken]) { read(event.descriptor) }
        }
      }
      now = clock.now()
      while let first = timers.first, first.time <= now, let entry = timers.popFirst() {
        guard let connection = connections[entry.connection], connection.truth.serial == entry.serial else { continue }
        advance(entry.connection, connection)
      }
      state.cpu.store(threadTime(), ordering: .relaxed)
    }
    for descriptor in connections.keys { close(descriptor) }
  }

  private func accept() {
    while case let descriptor = systemAccept(listener, nil, nil), descriptor >= 0 {
      makeNonBlocking(descriptor)
      var on: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
      connections[descriptor] = Connection()
      poller.watch(descriptor, for: .readable)
    }
  }

  private func read(_ descriptor: Int32) {
    guard let connection = connections[descriptor] else { return }
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else {
      if count == 0 || errno != EAGAIN { drop(descriptor) }
      return
    }
    connection.input.append(contentsOf: buffer[0..<count])
    guard let request = MockParser.request(in: connection.input) else { return }
    connection.input.removeAll(keepingCapacity: true)
    begin(request, on: descriptor, connection)
  }

  private func begin(_ request: MockRequest, on descriptor: Int32, _ connection: Connection) {
    guard !request.isListing else {
      connection.steps = MockAnswer.plain(status: "200 OK", body: "{\"object\":\"list\",\"data\":[]}").steps
      connection.truth = MockTruth(serial: 0, received: woken)
      connection.next = 0
      return advance(descriptor, connection)
    }
    serial += 1
    var request = request
    request.serial = serial
    // What the kernel reported as readable had come by then: this loop's own work is no time of the client's.
    connection.truth = MockTruth(serial: serial, received: woken)
    connection.steps = answer(request).steps
    connection.next = 0
    advance(descriptor, connection)
  }

  /// Sends every step that is due, and sets the timer for the next.
  private func advance(_ descriptor: Int32, _ connection: Connection) {
    while connection.next < connection.steps.count {
      let step = connection.steps[connection.next]
      let due = connection.truth.received + step.delay
      let now = clock.now()
      guard due <= now else {
        timers.insert(.init(time: due, connection: descriptor, serial: connection.truth.serial))
        return
      }
      connection.next += 1
      for _ in 0..<step.chunks { connection.truth.chunkTimes.append(now) }
      if step.chunks > 0, !step.isReasoning, connection.truth.firstOutput == nil { connection.truth.firstOutput = now }
      connection.output += step.bytes
      connection.closesAfterOutput = step.closes
      // Steps that are due together leave together.
      let next = connection.next
      if next < connection.steps.count, connection.steps[next].delay == step.delay, step.chunks == 0 { continue }
      flush(descriptor, connection)
    }
    guard !connection.steps.isEmpty else { return }
    note(connection.truth)
    connection.steps = []
  }

  private func note(_ truth: MockTruth) {
    guard !truth.chunkTimes.isEmpty else { return }
    // Bounded: a speed test makes more requests than anyone looks at.
    state.truths.withLock { if $0.count < 20_000 { $0[truth.serial] = truth } }
  }

  private func flush(_ descriptor: Int32, _ connection: Connection) {
    let sent = connection.output.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, SocketOption.noSignal) }
    if sent < 0, errno != EAGAIN { return drop(descriptor) }
    if sent == connection.output.count {
      connection.output.removeAll(keepingCapacity: true)
    } else {
      connection.output.removeFirst(max(0, sent))
    }
    poller.watch(descriptor, for: connection.output.isEmpty ? .readable : [.readable, .writable])
    guard connection.output.isEmpty, connection.closesAfterOutput else { return }
    note(connection.truth)
    drop(descriptor)
  }

  private func drop(_ descriptor: Int32) {
    poller.watch(descriptor, for: [])
    connections[descriptor] = nil
    close(descriptor)
  }
}

/// Reads just enough of a request to answer it.
enum MockParser {
  /// Returns the request once its body is whole.
  static func request(in bytes: [UInt8]) -> MockRequest? {
    let end = Array("\r\n\r\n".utf8)
    guard let head = find(end, in: bytes, from: 0) else { return nil }
    let start = head + end.count
    let length = number(after: "Content-Length: ", in: bytes) ?? 0
    guard bytes.count >= start + length else { return nil }
    var model = ""
    if let place = find(Array("\"model\":\"".utf8), in: bytes, from: start) {
      model = String(decoding: bytes[(place + 9)...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }
    return MockRequest(
      serial: 0, model: model, maximumTokens: number(after: "\"max_tokens\":", in: bytes) ?? MockRequest.unlimited,
      isListing: bytes.starts(with: Array("GET ".utf8)))
  }

  private static func number(after name: String, in bytes: [UInt8]) -> Int? {
    let name = Array(name.utf8)
    guard let place = find(name, in: bytes, from: 0) else { return nil }
    return Int(String(decoding: bytes[(place + name.count)...].prefix { $0 >= 48 && $0 <= 57 }, as: UTF8.self))
  }

  private static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard let first = needle.first, bytes.count >= needle.count else { return nil }
    return bytes.withUnsafeBytes { all -> Int? in
      guard let base = all.baseAddress else { return nil }
      var place = start
      let last = all.count - needle.count
      while place <= last, let found = memchr(base + place, Int32(first), last - place + 1) {
        place = base.distance(to: UnsafeRawPointer(found))
        if memcmp(base + place, needle, needle.count) == 0 { return place }
        place += 1
      }
      return nil
    }
  }
}
