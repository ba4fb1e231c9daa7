import Platform
import Synchronization

/// A server with known timing on a free port of the loopback, on a thread of its own.
///
/// It ends when it is stopped or let go of.
final class MockServer: Sendable {
  let port: UInt16
  private let state: MockState
  private let listener: Int32

  /// Starts the server; nil where no port can be had.
  init?(answer: @escaping @Sendable (MockRequest) -> MockAnswer) {
    let descriptor = openStreamSocket()
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 4096) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    makeNonBlocking(descriptor)
    state = MockState()
    listener = descriptor
    port = UInt16(bigEndian: address.sin_port)
    let started =
      isBound
      && startThread { [state] in
        MockLoop(listener: descriptor, state: state, answer: answer)?.run()
        close(descriptor)
      }
    if !started {
      close(descriptor)
      return nil
    }
  }

  deinit { stop() }

  var url: String { "http://127.0.0.1:\(port)" }

  /// What it did so far, by the serial number of the request.
  var truths: [Int: MockTruth] { state.truths.withLock { $0 } }

  /// CPU time that its thread has used, nanoseconds.
  var threadTime: Int64 { state.cpu.load(ordering: .relaxed) }

  func stop() { state.isStopped.store(true, ordering: .relaxed) }
}

/// What the server's thread shares with the one that reads it.
final class MockState: Sendable {
  let isStopped = Atomic<Bool>(false)
  let cpu = Atomic<Int64>(0)
  let truths = Mutex<[Int: MockTruth]>([:])
}

/// The system's accept, whose name a method would hide.
func systemAccept(
  _ listener: Int32, _ address: UnsafeMutablePointer<sockaddr>?, _ length: UnsafeMutablePointer<socklen_t>?
)
  -> Int32
{ accept(listener, address, length) }
