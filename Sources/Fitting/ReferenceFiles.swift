public import Platform
public import Units

/// The files of a folder of published measurements.
///
/// Every file whose name says its kind is one of them: `devices*.json` with facts of devices, `single*.jsonl` with rows of
/// one stream, `serving*.jsonl` with rows of many requests at once.
public struct ReferenceFiles: Sendable {
  /// One file: its name in the folder, and what it holds.
  public struct File: Sendable {
    public var name: String
    public var contents: Data

    public init(name: String, contents: Data) {
      self.name = name
      self.contents = contents
    }
  }

  public var devices: [File]
  public var single: [File]
  public var serving: [File]

  public init(devices: [File], single: [File] = [], serving: [File] = []) {
    self.devices = devices
    self.single = single
    self.serving = serving
  }

  /// Reads a folder, or the folder `speed` in it where that is where the devices are; files in the order of their names.
  ///
  /// - Throws: `ReferenceFilesError` where there are no devices, or a file cannot be read.
  public init(folder: String) throws(ReferenceFilesError) {
    let candidates = [folder, "\(folder)/speed"]
    guard let folder = candidates.first(where: { Self.names(in: $0).contains(where: Self.isDevices) }) else {
      throw .noDevices(folder)
    }
    let names = Self.names(in: folder)
    func files(_ isWanted: (String) -> Bool) throws(ReferenceFilesError) -> [File] {
      var files: [File] = []
      for name in names where isWanted(name) {
        guard let contents = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
          throw .unreadable("\(folder)/\(name)")
        }
        files.append(File(name: name, contents: contents))
      }
      return files
    }
    devices = try files(Self.isDevices)
    single = try files { $0.hasPrefix("single") && $0.hasSuffix(".jsonl") }
    serving = try files { $0.hasPrefix("serving") && $0.hasSuffix(".jsonl") }
  }

  private static func names(in folder: String) -> [String] {
    // The shorter name first: `single.jsonl` before `single-2.jsonl`.
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted { ($0.count, $0) < ($1.count, $1) }
  }

  private static func isDevices(_ name: String) -> Bool { name.hasPrefix("devices") && name.hasSuffix(".json") }
}

/// A folder of measurements that cannot be used.
public enum ReferenceFilesError: ExplainedError, Hashable {
  /// The folder has no `devices*.json`.
  case noDevices(String)
  /// The file is there and cannot be read.
  case unreadable(String)
  /// The file of devices is not a JSON object.
  case noTable(String)

  public var outcome: FailureOutcome { .refusedInput }

  public var reason: Reason {
    switch self {
    case .noDevices(let folder):
      Reason(
        .noSuchFile, "there is no devices*.json in \(folder)",
        remedy: "name the folder that holds devices.json, single.jsonl and serving.jsonl")
    case .unreadable(let path):
      Reason(.unreadableFile, "\(path) cannot be read", remedy: "check that it is a file and that you may read it")
    case .noTable(let name):
      Reason(
        .unreadableFile, "\(name) is not a JSON object of devices",
        remedy: "write one object, with the devices' names as keys")
    }
  }
}
