import CLinux

/// What a descriptor is waited on for, or was found ready for.
public struct PollInterest: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let readable = PollInterest(rawValue: 1)
  public static let writable = PollInterest(rawValue: 2)
  /// The other side hung up or the descriptor failed; always reported, never asked for.
  public static let broken = PollInterest(rawValue: 4)
}

/// A descriptor that is ready, and for what.
public struct PollReady: Hashable, Sendable {
  public var descriptor: Int32
  public var interest: PollInterest
}

/// The kernel's list of descriptors to wait on: epoll on Linux, kqueue on macOS.
///
/// Confined to the thread that made it. A wait allocates nothing once its list has grown.
public final class Poller {
  /// What the kernel was asked for a descriptor, and whether its events are wanted now.
  private struct Watch {
    var asked: PollInterest = []
    var isResting = false
  }

  private let queue: Int32
  /// By descriptor, so that a change becomes the right kernel call.
  private var watches: [Watch] = []
  private let capacity = 128

  /// Opens a queue; nil where the system has no descriptor left.
  public init?() {
    #if os(Linux)
      queue = epoll_create1(Int32(EPOLL_CLOEXEC))
    #else
      queue = kqueue()
    #endif
    guard queue >= 0 else { return nil }
  }

  deinit { close(queue) }

  /// Waits on a descriptor for these interests from now on; an empty set takes it out.
  public func watch(_ descriptor: Int32, for interest: PollInterest) {
    guard descriptor >= 0 else { return }
    let place = Int(descriptor)
    if place >= watches.count {
      watches.append(contentsOf: repeatElement(Watch(), count: place + 1 - watches.count))
    }
    let before = watches[place].asked
    watches[place] = Watch(asked: interest)
    if before != interest { change(descriptor, from: before, to: interest) }
  }

  /// Wants no events of a descriptor for now, but leaves it with the kernel: a connection between two requests is soon
  /// watched for the same again. The first event that comes meanwhile takes it out, and is not reported.
  ///
  /// Whoever closes it has to `forget` it before.
  public func rest(_ descriptor: Int32) {
    guard descriptor >= 0, Int(descriptor) < watches.count else { return }
    watches[Int(descriptor)].isResting = true
  }

  /// Forgets a descriptor that is about to be closed: its number may come back as another.
  public func forget(_ descriptor: Int32) {
    guard descriptor >= 0, Int(descriptor) < watches.count, watches[Int(descriptor)].asked != [] else { return }
    watch(descriptor, for: [])
  }

  /// Keeps an event of a descriptor that is watched; one that rests is taken out.
  private func report(_ descriptor: Int32, _ interest: PollInterest, into ready: inout [PollReady]) {
    if descriptor >= 0, Int(descriptor) < watches.count, watches[Int(descriptor)].isResting {
      watch(descriptor, for: [])
    } else {
      ready.append(PollReady(descriptor: descriptor, interest: interest))
    }
  }

  #if os(Linux)
    private func change(_ descriptor: Int32, from before: PollInterest, to interest: PollInterest) {
      var event = epoll_event()
      event.data.fd = descriptor
      if interest.contains(.readable) { event.events |= EPOLLIN.rawValue }
      if interest.contains(.writable) { event.events |= EPOLLOUT.rawValue }
      let operation = interest.isEmpty ? EPOLL_CTL_DEL : before.isEmpty ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
      // A closed descriptor leaves the queue by itself: its number may come back as one that is not in there.
      if epoll_ctl(queue, operation, descriptor, &event) != 0, errno == ENOENT, !interest.isEmpty {
        epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event)
      }
    }

    /// Waits for the first ready descriptors, at most this many nanoseconds; below zero waits without end.
    public func wait(nanoseconds: Int64, into ready: inout [PollReady]) {
      ready.removeAll(keepingCapacity: true)
      withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: capacity) { events in
        let count = plimsoll_epoll_wait(queue, events.baseAddress, Int32(capacity), nanoseconds)
        for place in 0..<max(0, Int(count)) {
          var interest: PollInterest = []
          let flags = events[place].events
          if flags & EPOLLIN.rawValue != 0 { interest.insert(.readable) }
          if flags & EPOLLOUT.rawValue != 0 { interest.insert(.writable) }
          if flags & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { interest.insert(.broken) }
          report(events[place].data.fd, interest, into: &ready)
        }
      }
    }
  #else
    private func change(_ descriptor: Int32, from before: PollInterest, to interest: PollInterest) {
      for (part, filter) in [(PollInterest.readable, EVFILT_READ), (.writable, EVFILT_WRITE)] {
        let wanted = interest.contains(part)
        guard wanted != before.contains(part) else { continue }
        var event = kevent(
          ident: UInt(descriptor), filter: Int16(filter), flags: UInt16(wanted ? EV_ADD : EV_DELETE), fflags: 0,
          data: 0, udata: nil)
        kevent(queue, &event, 1, nil, 0, nil)
      }
    }

    /// Waits for the first ready descriptors, at most this many nanoseconds; below zero waits without end.
    public func wait(nanoseconds: Int64, into ready: inout [PollReady]) {
      ready.removeAll(keepingCapacity: true)
      withUnsafeTemporaryAllocation(of: kevent.self, capacity: capacity) { events in
        let span = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        let count = withUnsafePointer(to: span) {
          kevent(queue, nil, 0, events.baseAddress, Int32(capacity), nanoseconds < 0 ? nil : $0)
        }
        for place in 0..<max(0, Int(count)) {
          var interest: PollInterest = events[place].filter == Int16(EVFILT_READ) ? .readable : .writable
          if events[place].flags & UInt16(EV_EOF | EV_ERROR) != 0 { interest.insert(.broken) }
          report(Int32(events[place].ident), interest, into: &ready)
        }
      }
    }
  #endif
}
