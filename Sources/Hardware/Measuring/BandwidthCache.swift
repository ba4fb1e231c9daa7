public import Platform

/// What was measured last under each set of limits, with its date, until the machine changes.
///
/// A container or an affinity mask leaves a process less than the whole machine, and what it measures is true for that part
/// alone. So each measurement is found by its fingerprint, which names the limits, and by no other.
public struct BandwidthCache: Sendable {
  private let folder: String
  private var file: String { "\(folder)/bandwidth.json" }
  /// Sets of limits that are remembered.
  private static let most = 16

  /// Creates a cache in a folder, which is made when something is written.
  public init(folder: String) {
    self.folder = folder
  }

  /// Returns what was measured last on this machine under its present limits; nil where nothing was, or the file is damaged.
  public func read(for machine: Machine) -> BandwidthMeasurement? {
    let fingerprint = BandwidthMeasurement.fingerprint(of: machine)
    return all().last { $0.fingerprint == fingerprint }
  }

  private func all() -> [BandwidthMeasurement] {
    guard let bytes = DiskTree().read(file, limit: 1 << 20) else { return [] }
    let data = Data(bytes)
    if let all = try? JSONDecoder().decode([BandwidthMeasurement].self, from: data) { return all }
    // Version 0.2 kept one.
    return (try? JSONDecoder().decode(BandwidthMeasurement.self, from: data)).map { [$0] } ?? []
  }

  /// Keeps a measurement in the place of the one before, unless that was taken on a quiet machine and this one was not.
  ///
  /// - Returns: false where the one before stays.
  /// - Throws: `FileError.unwritable`.
  @discardableResult
  public func write(_ measurement: BandwidthMeasurement) throws(FileError) -> Bool {
    var kept = all()
    if let before = kept.last(where: { $0.fingerprint == measurement.fingerprint }) {
      guard before.otherWork != nil || measurement.otherWork == nil else { return false }
    }
    kept.removeAll { $0.fingerprint == measurement.fingerprint }
    kept = kept.suffix(Self.most - 1) + [measurement]
    try DataFolders.make(folder)
    removeAbandonedTemporaries(in: folder)
    guard let bytes = try? JSONEncoder().encode(kept) else {
      throw .unwritable(path: file, cause: "the measurement holds a number that JSON cannot")
    }
    try writeAtomically(Array(bytes), to: file)
    return true
  }
}
