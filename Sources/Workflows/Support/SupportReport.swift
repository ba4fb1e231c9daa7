public import Deployment
import Engines
import Foundation
public import Hardware
import Models
import Planning
import Platform
import Records
import Reporting
import Units

/// What somebody who is to help needs to see, as one text without secrets: versions, checks, the last plan and failure,
/// the machine.
public struct SupportReport {
  private let workspace: Workspace
  private let machine: Machine
  private let findings: [Finding]
  private let hide: Redaction

  public init(_ workspace: Workspace, machine: Machine, findings: [Finding]) {
    self.workspace = workspace
    self.machine = machine
    self.findings = findings
    hide = Redaction(environment: workspace.environment, machine: machine.name)
  }

  /// A file has no colours, whatever the terminal has.
  private var checks: String { TextStyle.$isOn.withValue(false) { FindingTable(findings).rendered(showsAll: true) } }

  /// The report as Markdown, to be attached to an issue.
  public func markdown() throws -> String {
    let parts = [
      "# Plimsoll report",
      "Made by `plimsoll doctor --report`. Keys, the home folder and the machine's name are left out; there are no prompts "
        + "or answers in it. Read it before you send it.",
      "## Versions", versions, "## Checks", block(checks),
      "## Last failure", lastFailure, "## Last plan", lastPlan,
      "## Machine", "<details><summary>plimsoll.machine/1</summary>", block(try JSONOutput.text(unnamed), "json"),
      "</details>",
    ]
    return parts.map { hide($0) }.joined(separator: "\n\n") + "\n"
  }

  private var unnamed: Machine {
    var machine = machine
    machine.name = "this-machine"
    return machine
  }

  private var versions: String {
    let set = ["HF_ENDPOINT", "HF_HOME", "HF_HUB_OFFLINE", "HF_TOKEN", "PLIMSOLL_HOME", "PLIMSOLL_PROFILES"]
      .filter { workspace.environment[$0] != nil }
    let lines = [
      "plimsoll \(ProgramVersion.current)", machine.os.map { "system: \($0.value)" },
      set.isEmpty ? nil : "environment variables set: \(set.joined(separator: ", "))",
    ]
    return lines.compactMap { $0.map { "- \($0)" } }.joined(separator: "\n")
  }

  private var lastFailure: String {
    guard let last = workspace.lastFailure() else { return "None is kept." }
    let command = (["plimsoll"] + last.command.map { shellQuoted($0) }).joined(separator: " ")
    return block(
      [
        "$ \(command)", "\(last.message) [\(last.code)]", last.remedy.map { "  \($0)" },
        "exit code \(last.exitCode), \(isoTimestamp(last.at)), plimsoll \(last.version)",
      ].compactMap { $0 }.joined(separator: "\n"))
  }

  /// The deployments with their commands, else the latest run.
  private var lastPlan: String {
    let deployments = workspace.deployer.list()
    guard deployments.isEmpty else {
      return block(
        deployments.map { one in
          let build = one.engineBuild.map { " \($0)" } ?? ""
          let command = one.command.map { shellQuoted($0) }.joined(separator: " ")
          let failure = one.failure.map { "\n\($0.message) [\($0.code)]" } ?? ""
          return "\(one.name): \(one.engine.rawValue)\(build), \(one.state.rawValue)\n\(command)\(failure)"
        }.joined(separator: "\n\n"))
    }
    guard FileManager.default.fileExists(atPath: workspace.folders.database),
      let run = try? RunStore(path: workspace.folders.database).run("last")
    else { return "Nothing is deployed, and no run is stored." }
    let chosen = run.plan.flatMap { plan in
      plan.chosen.flatMap { plan.options.indices.contains($0) ? plan.options[$0] : nil }
    }
    let command = chosen?.launch?.command
    return block(
      [
        "run \(run.id), \(run.status.rawValue): \(run.model?.name ?? run.target) on \(run.engine ?? "an unnamed engine")",
        chosen.map { "planned: \($0.quantization), \($0.verdict.rawValue), context \($0.contextLength)" }, command,
      ].compactMap { $0 }.joined(separator: "\n"))
  }

  private func block(_ text: String, _ language: String = "text") -> String { "```\(language)\n\(text)\n```" }
}
