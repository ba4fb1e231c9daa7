import Foundation

extension RunReport {
  /// The form of a report, by the end of its file's name.
  public enum Form: String, Sendable {
    case html, md

    public init?(path: String) { self.init(rawValue: (path as NSString).pathExtension.lowercased()) }
  }

  /// Writes the report in the form that the file's name ends in.
  public func write(to path: String) throws {
    let renderer: any ReportRenderer = Form(path: path) == .html ? HTMLReport() : MarkdownReport()
    try Data(try renderer.render(self).utf8).write(to: URL(filePath: path), options: .atomic)
  }
}
