import Platform
import Testing

@Suite struct PollerTests {
  /// A pipe whose both ends are closed with it.
  private final class Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
      close(readEnd)
      close(writeEnd)
    }

    func fill() {
      var byte: UInt8 = 1
      _ = write(writeEnd, &byte, 1)
    }
  }

  private func found(_ poller: Poller) -> [PollReady] {
    var ready: [PollReady] = []
    poller.wait(nanoseconds: 0, into: &ready)
    return ready
  }

  @Test func aWatchedDescriptorIsReportedForAsLongAsItIsReady() throws {
    let poller = try #require(Poller())
    let pipe = try Pipe()
    poller.watch(pipe.readEnd, for: .readable)
    #expect(found(poller).isEmpty)
    pipe.fill()
    for _ in 0..<2 {
      #expect(found(poller).map(\.descriptor) == [pipe.readEnd])
      #expect(found(poller).map(\.interest) == [.readable])
    }
    poller.watch(pipe.readEnd, for: [])
    #expect(found(poller).isEmpty)
  }

  @Test func aRestingDescriptorIsNotReportedUntilItIsWatchedAgain() throws {
    let poller = try #require(Poller())
    let pipe = try Pipe()
    poller.watch(pipe.readEnd, for: .readable)
    poller.rest(pipe.readEnd)
    pipe.fill()
    #expect(found(poller).isEmpty)
    #expect(found(poller).isEmpty)
    poller.watch(pipe.readEnd, for: .readable)
    #expect(found(poller).map(\.descriptor) == [pipe.readEnd])
  }

  @Test func aDescriptorThatRestsAndIsWantedAgainNeedsNoEventBetween() throws {
    let poller = try #require(Poller())
    let pipe = try Pipe()
    poller.watch(pipe.readEnd, for: .readable)
    poller.rest(pipe.readEnd)
    poller.watch(pipe.readEnd, for: .readable)
    pipe.fill()
    #expect(found(poller).map(\.descriptor) == [pipe.readEnd])
  }

  @Test func aNumberThatComesBackIsAnotherDescriptor() throws {
    let poller = try #require(Poller())
    let first = try Pipe()
    let number = fcntl(first.readEnd, F_DUPFD_CLOEXEC, 100)
    try #require(number >= 100)
    poller.watch(number, for: .readable)
    poller.rest(number)
    poller.forget(number)
    close(number)
    let second = try Pipe()
    try #require(dup2(second.readEnd, number) == number)
    defer { close(number) }
    poller.watch(number, for: .readable)
    second.fill()
    #expect(found(poller).map(\.descriptor) == [number])
  }

  @Test func unknownDescriptorsAreStrangersToIt() throws {
    let poller = try #require(Poller())
    poller.rest(7_000)
    poller.forget(7_000)
    poller.rest(-1)
    poller.watch(-1, for: .readable)
    #expect(found(poller).isEmpty)
  }
}
