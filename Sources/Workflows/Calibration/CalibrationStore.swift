import Foundation
public import Hardware
public import Planning
import Platform
import Profiles
import Reporting

extension Workspace {
  /// The speed model: the shipped constants, and what was measured on this machine where the question is about it.
  public func estimator(for machine: Machine? = nil) -> SpeedEstimator? {
    guard let efficiencies = try? catalogue().efficiencies() else { return nil }
    let own = calibration()
    return SpeedEstimator(efficiencies, calibration: own?.machine == machine?.name ? own : nil)
  }

  private var calibrationPath: String { "\(folders.data)/calibration.json" }

  /// What has been measured on this machine; nil before the first calibration.
  public func calibration() -> SpeedCalibration? {
    guard let data = FileManager.default.contents(atPath: calibrationPath) else { return nil }
    return try? JSONDecoder().decode(SpeedCalibration.self, from: data)
  }

  /// Keeps a calibration, readable by this user alone.
  public func keep(_ calibration: SpeedCalibration) throws {
    try DataFolders.make(folders.data)
    try Data(JSONOutput.text(calibration).utf8).write(to: URL(filePath: calibrationPath), options: .atomic)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: calibrationPath)
  }

  /// Adds samples to what is known of a machine; a newer sample replaces an older one of the same kind,
  /// threads and size.
  public func learn(_ samples: [SpeedCalibration.Sample], on machine: String) throws -> SpeedCalibration {
    var all = calibration() ?? SpeedCalibration(machine: machine)
    if all.machine != machine { all = SpeedCalibration(machine: machine) }
    for sample in samples {
      all.samples.removeAll {
        $0.measure == sample.measure && $0.engine == sample.engine && $0.quantKind == sample.quantKind
          && $0.threads == sample.threads && $0.weightBytes == sample.weightBytes && $0.streams == sample.streams
      }
      all.samples.append(sample)
    }
    try keep(all)
    return all
  }
}
