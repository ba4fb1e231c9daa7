import ArgumentParser
import Deployment
import Hub
import Platform
import Reporting
import Units
import Workflows

/// What is wrong with this machine, and what to do about it.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check this machine for what would stop a deployment.",
    usage: "plimsoll doctor [OPTIONS]",
    discussion: """
      Examples:
        plimsoll doctor
        plimsoll doctor --report

      Checks engines, drivers, container runtimes, disk, limits, ports, caches and deployments. Exit code 1 where \
      one is broken.
      """)
  @Flag(help: "Show what each check found.") var verbose = false
  @Flag(help: "Write plimsoll-report.md for an issue, without secrets.") var report = false
  @Flag(help: "Print JSON (plimsoll.doctor/1).") var json = false

  func validate() throws {
    if report, json { throw ValidationError("--report writes Markdown, and --json prints the checks: choose one") }
  }

  func run() async throws {
    let context = Workspace.ofCommand()
    let machine = await context.thisMachine()
    let findings = await Doctor(
      deployer: context.deployer, hubCache: HubEndpoint(environment: context.environment).cache
    ).examine(machine)
    if report { return try write(SupportReport(context, machine: machine, findings: findings)) }
    let table = FindingTable(findings)
    if json { try JSONOutput.print(table) } else { Terminal.result(table.rendered(showsAll: verbose)) }
    if findings.contains(where: { $0.state == .broken }) { throw ExitCode(1) }
  }

  private func write(_ report: SupportReport) throws {
    let path = "plimsoll-report.md"
    try writeAtomically(Array(try report.markdown().utf8), to: path, mode: 0o600)
    Terminal.result("\(path): versions, checks, last failure, last plan and machine. Read it before you send it.")
  }
}
