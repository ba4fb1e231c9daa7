import ArgumentParser
import Deployment
import Hub
import Platform
import Reporting
import Units

/// What is wrong with this machine, and what to do about it.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check engines, drivers, container runtimes, disk, limits, ports, caches and deployments.",
    discussion: "Example: plimsoll doctor --json\nEnds with 1 where something would stop a deployment.")
  @Flag(help: "Print JSON (plimsoll.doctor/1).") var json = false

  private struct Document: Encodable {
    var schema = "plimsoll.doctor/1"
    var findings: [Finding]
  }

  func run() async throws {
    let context = CommandContext()
    let machine = await context.thisMachine()
    let findings = await Doctor(
      deployer: context.deployer, hubCache: HubEndpoint(environment: context.environment).cache
    ).examine(machine)
    if json {
      try JSONOutput.print(Document(findings: findings))
    } else {
      var table = TextTable(["CHECK", "STATE", "FOUND", "WHAT TO DO"])
      for finding in findings {
        table.add([finding.check, finding.state.rawValue, printable(finding.found), finding.remedy ?? ""])
      }
      Terminal.result(table.rendered())
    }
    if findings.contains(where: { $0.state == .broken }) { throw ExitCode(1) }
  }
}
