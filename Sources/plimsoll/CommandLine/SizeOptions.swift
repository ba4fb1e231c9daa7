import ArgumentParser
import Engines
import Foundation
import Planning
import Platform
import Reporting
import Units
import Workflows

/// Which forms of the model `size` considers, and what its servers keep of it.
struct SizeFormOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only these, such as FP8,AWQ.", valueName: "list"))
  var quantizations: [String] = []
  @Option(help: .private) var quantization: [String] = []
  @Flag(help: ArgumentHelp("One line for each of --quantizations.", visibility: .hidden)) var eachQuantization = false
  @Option(
    help: ArgumentHelp("KV cache type: fp8, or q8_0,f16 for keys and values.", valueName: "type")
  )
  var kvType: String?
  @Option(help: ArgumentHelp("Share of prompt tokens already cached, such as 0.6.", valueName: "share"))
  var prefixHit: Share?
  @OptionGroup var speculation: SpeculationOptions

  var names: [String] {
    (quantizations + quantization).flatMap {
      $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  func validate() throws {
    if eachQuantization, names.count < 2 {
      throw ValidationError("--each-quantization needs two or more --quantizations, such as FP8,NVFP4")
    }
    try prefixHit?.checkPrefixHit()
    _ = try cacheType()
  }

  func cacheType() throws -> KVCacheType? {
    var options = MemoryOptions()
    options.kvType = kvType
    return try options.cacheType()
  }
}

/// How much room the load has to be left, and how sure the answer has to be.
struct SizeMarginOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Chance that all targets hold.", valueName: "share"))
  var confidence = Share(0.8)
  @Flag(help: "Hold the targets even at the slow end of the 80% band.") var pessimistic = false
  @Option(help: ArgumentHelp("Boxes that may fail.", valueName: "n")) var spare = 0
  @Option(help: ArgumentHelp("Plan for this multiple of the load.", valueName: "factor"))
  var peak: Double = 1
  @Option(
    help: ArgumentHelp(
      "Load over the day: office, global, or a file of 24 numbers; the load given is the busiest hour.",
      valueName: "name|file", visibility: .hidden))
  var day: String?
  @Option(
    help: ArgumentHelp(
      "Growth to leave room for: 1.5, or 30%/y over --years.", valueName: "growth"))
  var growth = Growth(1)

  func validate() throws {
    guard (0.5...0.995).contains(confidence.value) else {
      throw ValidationError("--confidence is from 50% to 99.5%")
    }
    guard (0...64).contains(spare) else { throw ValidationError("--spare is from 0 to 64") }
    guard peak.isFinite, (1...1000).contains(peak) else { throw ValidationError("--peak is from 1 to 1000") }
  }

  /// - Throws: `ValidationError` for a file that is no day.
  func curve() throws -> DayCurve? {
    switch day {
    case nil: return nil
    case "office": return .office
    case "global": return .global
    case .some(let path):
      guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= 65_536 else {
        throw ValidationError("--day \(path): no such file; it is office, global, or a file of 24 numbers")
      }
      guard let curve = try? DayCurve(reading: String(decoding: data, as: UTF8.self), name: path) else {
        throw ValidationError("--day \(path): a day is 24 numbers of 0 or more, and the file holds something else")
      }
      return curve
    }
  }
}

/// The machines that `size` considers.
struct SizeMachineOptions: ParsableArguments {
  @Option(
    name: .customLong("on"),
    help: ArgumentHelp("Only this machine or GPU; repeatable.", valueName: "machine"),
    completion: Completion.machines)
  var on: [String] = []
  @Option(
    help: ArgumentHelp(
      "GPUs in one box, such as 4,8 or 1-8.", valueName: "list"
    ))
  var counts: AcceleratorCounts?
  @Option(help: ArgumentHelp("vLLM: machines that one server spans.", valueName: "n", visibility: .hidden)) var nodes =
    1
  @Flag(help: ArgumentHelp("Boxes of their own for prompts (a plan: no engine here starts it).", visibility: .hidden))
  var promptsApart = false
  @OptionGroup var names: CatalogueOption

  func validate() throws {
    if promptsApart, nodes > 1 { throw ValidationError("--prompts-apart and --nodes cannot be planned together") }
    if !(1...64).contains(nodes) { throw ValidationError("--nodes is from 1 to 64") }
  }
}

/// How `size` prints what it found.
struct SizeOutputOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Rows of the table.", valueName: "n")) var limit = 4
  @Option(
    help: ArgumentHelp("Write a report with charts (.html or .md).", valueName: "file"),
    completion: .file(extensions: ["html", "md"]))
  var report: String?
  @Flag(help: "Print JSON (plimsoll.sizing/1).") var json = false
  @Flag(help: ArgumentHelp("With --json: how the answer changes with the question too.", visibility: .hidden))
  var study = false
  @Flag(help: "Print CSV.") var csv = false

  func validate() throws {
    if study, !json { throw ValidationError("--study goes with --json; --report has it too") }
    if limit < 1 { throw ValidationError("--limit is 1 or more") }
    try ReportFile.check(report)
  }

  /// True where the answer is followed by how it changes with the question.
  var hasStudy: Bool { study || report != nil }

  /// Prints the answer in the form asked for, and writes the report.
  func print(_ sizing: Sizing, isShortlist: Bool, at seconds: Double) throws {
    let rendering = SizingRendering(sizing, isShortlist: isShortlist)
    try report.map { try rendering.write(to: $0, at: seconds) }
    defer { report.map { Terminal.note("Report: \($0)") } }
    if json {
      try JSONOutput.print(sizing)
    } else if csv {
      Terminal.document(rendering.csv, end: "")
    } else {
      Terminal.result(rendering.text(limit: limit))
    }
  }

  /// Prints several answers in one table.
  func print(_ tiers: SizingTiers, at seconds: Double) throws {
    let rendering = SizingTiersRendering(tiers)
    try report.map { try rendering.write(to: $0, at: seconds) }
    defer { report.map { Terminal.note("Report: \($0)") } }
    if json {
      try JSONOutput.print(tiers)
    } else if csv {
      Terminal.document(rendering.csv, end: "")
    } else {
      Terminal.result(rendering.text)
    }
  }

}

extension Share {
  init(_ value: Double) { self.value = value }
}

extension Share: CustomStringConvertible {
  var description: String { value.percent }
}

extension Growth: CustomStringConvertible {
  init(_ factor: Double) {
    amount = factor
    isPerYear = false
  }

  var description: String { isPerYear ? "\(amount.percent)/y" : amount.formatted(significant: 3) }
}
