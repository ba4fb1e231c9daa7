import Platform
import Records
public import Units

/// Why a report could not be written.
public enum ReportError: ExplainedError, Hashable, CustomStringConvertible {
  case unwritable(path: String, cause: String)

  public var outcome: FailureOutcome { .failed }

  public var reason: Reason {
    switch self {
    case .unwritable(let path, let cause):
      Reason(.reportNotWritable, "cannot write \(path): \(cause)", remedy: "name another folder with --to")
    }
  }

  public var description: String { reason.message }
}

/// Writes reports to files.
public enum ReportWriter {
  /// Writes a report in each format and returns the paths in the order of the formats.
  ///
  /// The files are named after the run, or after what is compared, and replace older ones of the same name.
  ///
  /// - Throws: `ReportError`.
  @discardableResult
  public static func write(
    _ report: RunReport, to folder: String, _ formats: [ReportFormat] = [.markdown, .html, .json]
  ) throws -> [String] {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw ReportError.unwritable(path: folder, cause: "the folder cannot be made")
    }
    return try formats.map { format in
      let path = "\(folder)/\(name(of: report)).\(format.rawValue)"
      let text = try format.renderer.render(report)
      do {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
      } catch {
        throw ReportError.unwritable(path: path, cause: "the disk is full or the file is protected")
      }
      return path
    }
  }

  /// The written files in one line, the page that people read first: `Report: reports/run-1.html (also .md, .json)`.
  public static func sentence(_ paths: [String]) -> String {
    let html = paths.firstIndex { $0.hasSuffix(".html") } ?? 0
    guard paths.indices.contains(html) else { return "" }
    let others = paths.indices.filter { $0 != html }.compactMap {
      paths[$0].split(separator: ".").last.map { ".\($0)" }
    }
    let also = others.isEmpty ? "" : " (also \(others.joined(separator: ", ")))"
    return Prose.wrapped("Report: \(paths[html])\(also)", indent: 2)
  }

  /// The files' name without its ending: `run-ID`, or `compare-ID-ID`; of identifiers only what is safe in a name.
  public static func name(of report: RunReport) -> String {
    let words = report.runs.map { run in
      String(run.id.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" }.prefix(48))
    }
    guard words.count != 1 else { return "run-\(words[0])" }
    return "compare-" + words.prefix(4).joined(separator: "-vs-")
  }
}
