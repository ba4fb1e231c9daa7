public import Hardware
import Units

/// A machine's figures as `probe` has them, row by row under full names, with what is not known and how to find out.
public struct MachineFacts: Encodable, Sendable {
  /// A row: what it is called, and what it says.
  public struct Fact: Encodable, Sendable {
    public var name: String
    public var text: String
    /// Where it was read; nil for what was put together of several.
    public var source: String?
  }

  /// What could not be read.
  public struct Unknown: Encodable, Sendable {
    /// Its place in the machine's document, such as `memory.bandwidth`.
    public var fact: String
    public var name: String
    public var reason: String
    /// The command that finds it out.
    public var command: String?
  }

  var schema = "plimsoll.facts/1"
  public var name: String
  /// What it is in one line.
  public var headline: String
  public var facts: [Fact]
  public var unknowns: [Unknown]
  public var warnings: [String]

  public init(_ machine: Machine) {
    let summary = MachineSummary(machine)
    name = printable(machine.name)
    headline = printable(summary.words)
    facts = summary.rows.map { row in
      Fact(
        name: Self.title(String(row.name.drop { $0 == " " })), text: printable(row.text),
        source: row.source.map { printable("\($0)") })
    }
    if machine.numaNodes.count > 1, !facts.contains(where: { $0.name == "NUMA nodes" }) {
      facts.append(Fact(name: "NUMA nodes", text: "\(machine.numaNodes.count)"))
    }
    if let advice = ThreadAdvice(machine) {
      facts.append(Fact(name: "Threads", text: "\(advice.threads) (\(advice.reason))"))
    }
    unknowns = machine.unknowns.map {
      Unknown(fact: $0.fact, name: Self.title($0.fact), reason: $0.reason, command: $0.command)
    }
    warnings = machine.warnings.map { printable($0) }
  }

  /// A row's or a fact's name where it stands alone; a terminal shortens it beside its neighbors.
  private static func title(_ name: String) -> String {
    if let title = titles[name] { return title }
    let words = printable(name.hasSuffix("].memoryBytes") ? "GPU memory" : name)
    return words.prefix(1).uppercased() + words.dropFirst()
  }

  private static let titles = [
    "accelerators": "GPUs", "bandwidth": "Memory bandwidth", "by threads": "Memory bandwidth by threads",
    "channels": "Memory channels", "copy": "Copy bandwidth", "cpu limit": "CPU limit",
    "for accelerators": "Memory for GPUs", "latency": "Memory latency", "memory.acceleratorBytes": "Memory for GPUs",
    "memory.bandwidth": "Memory bandwidth", "memory.channels": "Memory channels",
    "memory.speedMTs": "Memory speed", "memory.totalBytes": "Memory", "modules": "Memory modules",
    "os": "Operating system", "triad": "Triad bandwidth",
  ]
}
