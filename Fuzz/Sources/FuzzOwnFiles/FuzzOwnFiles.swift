import Benchmarking
import Deployment
import Foundation
import Hardware
import Hub
import Models
import Planning
import Platform
import Profiles
import Records

/// The files that Plimsoll itself writes or ships, which a crash, a full disk or another program may have changed.
private enum OwnFile: UInt8, CaseIterable {
  case deployment, bandwidth, machine, configuration, catalogueEntry, calibration, telemetry, run, stage, plan
  case machineProfile, modelProfile, workload, efficiencies, prices, downloadState, repositoryListing, savedListing
  case day

  /// Where the readers look for it.
  var path: String? {
    switch self {
    case .deployment: "data/deployments/x.json"
    case .bandwidth: "bandwidth.json"
    case .configuration: "config/config.yaml"
    case .machineProfile: "machines/x.yaml"
    case .modelProfile: "models/x.json"
    case .workload: "workloads/x.json"
    case .efficiencies: "efficiencies/default.json"
    case .prices: "prices/x.yaml"
    case .downloadState: "blob.plimsoll.state"
    default: nil
    }
  }

  func read(_ data: Data, in root: String) {
    let folders = DataFolders(environment: ["PLIMSOLL_HOME": root, "HOME": root])
    let profiles = Profiles(root: root)
    switch self {
    case .deployment:
      for deployment in DeploymentStore(folders: folders).all() { _ = try? JSONEncoder().encode(deployment) }
    case .bandwidth: _ = BandwidthCache(folder: root).read(for: Machine(name: "x"))
    case .machine: _ = try? MachineProfile.read(String(decoding: data, as: UTF8.self), name: "x")
    case .configuration: _ = try? EngineConfiguration(folders)
    case .catalogueEntry: _ = try? ModelEntry(parsing: Array(data), name: "x")
    case .calibration: _ = try? JSONDecoder().decode(SpeedCalibration.self, from: data)
    case .telemetry: _ = try? StoredJSON.value([TelemetrySample].self, from: data)
    case .run:
      guard let run = try? StoredJSON.value(Run.self, from: data) else { return }
      for form in RunExport.allCases { _ = try? form.files(RunArchive(run: run)) }
    case .stage: _ = try? StoredJSON.value(StageResult.self, from: data)
    case .plan: _ = try? JSONDecoder().decode(Plan.self, from: data)
    case .machineProfile: _ = profiles.machines()
    case .modelProfile: _ = try? profiles.modelCatalogue().entries()
    case .workload: _ = try? profiles.workloads()
    case .efficiencies: _ = try? profiles.efficiencies()
    case .prices:
      _ = try? profiles.priceLists()
      _ = try? profiles.sizingPrices(currency: "USD")
    case .downloadState:
      _ = try? HubDecoding.resumedBytes(ofBlob: "\(root)/blob", size: data.count * 3, blockSize: 64)
      unlink("\(root)/blob.plimsoll.incomplete")
    case .day: _ = try? DayCurve(reading: String(decoding: data, as: UTF8.self), name: "x")
    case .repositoryListing, .savedListing: _ = try? JSONDecoder().decode(HubRepository.self, from: data)
    }
  }
}

private let root: String = {
  let folder = "\(FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp")/plimsoll-fuzz-\(getpid())"
  for file in OwnFile.allCases {
    guard let path = file.path else { continue }
    let place = URL(fileURLWithPath: "\(folder)/\(path)").deletingLastPathComponent()
    try? FileManager.default.createDirectory(
      at: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }
  return folder
}()

/// Called by libFuzzer with bytes of its choice: the first says which file they are. The reader answers or throws.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  guard let first = bytes.first, let file = OwnFile(rawValue: first % UInt8(OwnFile.allCases.count)) else { return 0 }
  let data = Data(bytes.dropFirst())
  let path = file.path.map { "\(root)/\($0)" }
  if let path {
    _ = FileManager.default.createFile(atPath: path, contents: data, attributes: [.posixPermissions: 0o600])
  }
  file.read(data, in: root)
  if let path { unlink(path) }
  return 0
}
