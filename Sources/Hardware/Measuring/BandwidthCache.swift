public import Platform

/// The last measurement, kept with its date until the machine changes.
public struct BandwidthCache: Sendable {
  private let folder: String
  private var file: String { "\(folder)/bandwidth.json" }

  /// Creates a cache in a folder, which is made when something is written.
  public init(folder: String) {
    self.folder = folder
  }

  /// Returns what was measured last; nil where nothing was, or the file is damaged.
  public func read() -> BandwidthMeasurement? {
    DiskTree().read(file, limit: 1 << 20).flatMap {
      try? JSONDecoder().decode(BandwidthMeasurement.self, from: Data($0))
    }
  }

  /// Keeps a measurement.
  ///
  /// - Throws: `FileError.unwritable`.
  public func write(_ measurement: BandwidthMeasurement) throws(FileError) {
    try DataFolders.make(folder)
    guard let bytes = try? JSONEncoder().encode(measurement) else {
      throw .unwritable(path: file, cause: "the measurement holds a number that JSON cannot")
    }
    try writeAtomically(Array(bytes), to: file)
  }
}
