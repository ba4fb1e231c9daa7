import ArgumentParser
import Reporting

/// The file that `--report` names.
enum ReportFile {
  /// - Throws: `ValidationError` for an ending that no report has.
  static func check(_ path: String?) throws {
    guard let path, RunReport.Form(path: path) == nil else { return }
    throw ValidationError("--report writes .html or .md, and \(path) ends in neither")
  }
}
