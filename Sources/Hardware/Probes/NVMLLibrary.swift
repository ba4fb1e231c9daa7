import Synchronization

/// NVIDIA's management library, opened when it is first asked; a machine without it is normal.
public struct NVMLLibrary: NvidiaManagement {
  public init() {}

  public func reading() -> NVMLReading? {
    guard let session = NVMLSession(keepsFailure: true) else { return nil }
    guard session.failure == 0 else { return NVMLReading(devices: [], failure: Int(session.failure)) }
    defer { session.close() }
    return NVMLReading(driver: session.driver, cuda: session.cuda, devices: session.devices.map { session.device($0) })
  }
}

/// What one NVIDIA card says of its energy; an answer that it does not give is nil.
public struct NVMLPower: Hashable, Sendable {
  /// Since the driver was loaded.
  public var millijoules: UInt64?
  public var milliwatts: Int?

  public init(millijoules: UInt64? = nil, milliwatts: Int? = nil) {
    self.millijoules = millijoules
    self.milliwatts = milliwatts
  }
}

/// Asks NVIDIA's cards again and again for what they are doing, in one session with the library.
public final class NVMLMeter: Sendable {
  private let session: Mutex<NVMLSession>

  /// Opens the library; nil where there is none.
  public init?() {
    guard let session = NVMLSession() else { return nil }
    self.session = Mutex(session)
  }

  deinit { session.withLock { $0.close() } }

  /// Returns what each card says now, in the library's order.
  public func powers() -> [NVMLPower] {
    session.withLock { session in session.devices.map { session.power(of: $0) } }
  }

  /// Returns all that each card says now, in the library's order.
  public func devices() -> [NVMLReading.Device] {
    session.withLock { session in session.devices.map { session.device($0) } }
  }
}
