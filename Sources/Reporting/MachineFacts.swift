public import Hardware
import Units

/// A machine's figures in the words of `probe`, row by row, with what is not known and how to find out.
public struct MachineFacts: Encodable, Sendable {
  public struct Fact: Encodable, Sendable {
    public var name: String
    public var text: String
    /// Where it was read; nil for what was put together of several.
    public var source: String?
  }

  public struct Unknown: Encodable, Sendable {
    public var fact: String
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
        name: printable(String(row.name.drop { $0 == " " })), text: printable(row.text),
        source: row.source.map { printable("\($0)") })
    }
    if machine.numaNodes.count > 1, !facts.contains(where: { $0.name == "NUMA nodes" }) {
      facts.append(Fact(name: "NUMA nodes", text: "\(machine.numaNodes.count)"))
    }
    if let advice = ThreadAdvice(machine) {
      facts.append(Fact(name: "threads", text: "\(advice.threads) (\(advice.reason))"))
    }
    unknowns = machine.unknowns.map { Unknown(fact: $0.fact, reason: $0.reason, command: $0.command) }
    warnings = machine.warnings.map { printable($0) }
  }
}
