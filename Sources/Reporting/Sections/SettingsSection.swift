import Engines
import Hardware
import Planning
import Records

/// What the benchmark was asked to do, setting by setting.
func settingsSection(_ subjects: [ReportSubject]) -> ReportSection {
  var section = ReportSection("settings", "What was asked")
  let names = Set(subjects.flatMap { $0.run.settings.keys }).subtracting(["benchmark", "native"]).sorted()
  guard !names.isEmpty else {
    section.paragraphs = ["No settings were recorded."]
    return section
  }
  section.tables = [
    ReportTable(
      "Settings of the benchmark", [.text("Setting")] + subjects.map { .text($0.label) },
      names.map { name in
        [.text(name)] + subjects.map { $0.run.settings[name].map { .text($0) } ?? .missing("not set") }
      })
  ]
  return section
}

/// What differs between the runs besides their figures: the first things to look at when a difference surprises.
func differenceSection(_ subjects: [ReportSubject]) -> ReportSection {
  var section = ReportSection("differences", "What differs between the runs")
  let facts: [(String, (Run) -> String?)] = [
    ("Machine", { $0.machine?.name }), ("Model", { $0.model?.name }), ("Quantization", { $0.model?.quantization }),
    ("Model's identity", { $0.model?.headerDigest.map { String($0.prefix(16)) } }), ("Engine", { $0.engine }),
    ("Engine's build", { $0.engineBuild }),
    ("Command", { run in ReportSubject(run: run, requests: [], telemetry: [], letter: "").command }),
  ]
  let names = Set(subjects.flatMap { $0.run.settings.keys }).subtracting(["benchmark", "native"]).sorted()
  let settings = names.map { name in (name, { (run: Run) in run.settings[name] }) }
  let rows = (facts + settings).compactMap { name, value -> [ReportCell]? in
    let values = subjects.map { value($0.run) }
    guard Set(values).count > 1 else { return nil }
    return [.text(name)] + values.map { $0.map { .text($0) } ?? .missing("unknown") }
  }
  guard !rows.isEmpty else {
    section.paragraphs = ["No recorded fact or setting differs."]
    return section
  }
  section.tables = [
    ReportTable("Facts and settings that differ", [.text("Fact")] + subjects.map { .text($0.label) }, rows)
  ]
  return section
}

extension ReportSubject {
  /// The words that started the engine, on one line.
  var command: String? { option?.launch?.arguments.joined(separator: " ") }
}

/// How the figures are defined.
func methodSection() -> ReportSection {
  var section = ReportSection("method", "How it was measured")
  let rows = [
    ("TTFT", "first chunk with generated content (text, reasoning or tool call) minus the send of the request"),
    ("TPOT", "(last content - first content) / (output tokens - tokens in the first chunk), for each request"),
    ("ITL", "gaps between chunks, weighted by their tokens, pooled over requests"),
    ("E2E", "last content chunk minus the send of the request"),
    ("Throughput", "tokens of completed requests / time from the first send to the last content"),
    ("Token counts", "the server's own usage figures"),
    ("Clock", "monotonic, nanoseconds; one stamp for each read of a socket, taken before it is parsed"),
    ("Open-loop runs", "latencies count from the schedule, so that a late send is not hidden"),
  ]
  section.tables = [
    ReportTable("Definitions", [.text("Term"), .text("Meaning")], rows.map { [.text($0.0), .text($0.1)] })
  ]
  return section
}
