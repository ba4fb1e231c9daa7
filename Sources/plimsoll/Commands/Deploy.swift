import ArgumentParser
import Deployment
import Engines
import Planning
import Platform
import Reporting
import Units
import Workflows

/// A plan becomes a server.
struct Deploy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Start a model as a server, on this machine or elsewhere.",
    usage: "plimsoll deploy MODEL [OPTIONS]",
    discussion: """
      Examples:
        plimsoll deploy SmolLM2-135M-Instruct.Q4_1.gguf --concurrency 2
        plimsoll deploy hf:org/name --target kubernetes --out manifests

      The server keeps running; plimsoll ps, logs and stop manage it.
      """)
  @Argument(help: "A model, as for plimsoll plan; not needed with --plan.", completion: Completion.models)
  var model: String?
  @OptionGroup(title: "Machine") var machine: MachineOption
  @OptionGroup var options: PlanOptions
  @OptionGroup(title: "Server") var server: DeployOptions
  @OptionGroup(title: "Target") var targets: TargetOptions
  @Option(
    help: ArgumentHelp("Deploy a plan saved with plimsoll plan --json.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var plan: String?
  @Flag(help: "Fetch and install what is missing without asking.") var yes = false
  @OptionGroup(title: "Output") var output: DeployOutput

  func validate() throws {
    guard plan != nil else {
      if model == nil { throw ValidationError("name a model, or a plan by --plan") }
      return
    }
    try PlanOptions.refuseBesideAPlan(machine)
  }

  func run() async throws {
    let workspace = machine.workspace()
    var wishes = try server.wishes()
    (wishes.elsewhere, wishes.nodes) = (machine.expression, options.placement.nodes)
    (wishes.target, wishes.isFetchAgreed) = (targets.wishes, yes)
    let job = try DeployJob(wishes, in: workspace, printsOnly: output.print)
    let prepared = try await job.prepared(model, saved: plan) { found, replicas in
      var asked = options
      try await asked.form.speculation.requireFiles(in: workspace)
      asked.form.quantizations = found.deployedQuantizations(asked: asked.form.quantizations)
      return try await workspace.plan(found, asked, machine, findsLimits: false, replicas: replicas)
    }
    for doubt in prepared.plan.graveReasons {
      Terminal.note(Prose.wrapped("warning: \(printable(doubt.message)) [\(doubt.code.rawValue)]"))
    }
    if targets.kind != .process {
      let (document, submitted) = try await job.delivered(prepared, printsOnly: output.print)
      if output.json { try JSONOutput.print(document) } else { document.show() }
      if let submitted { Terminal.result("submitted as \(submitted)") }
    } else if output.print {
      let all = try job.launches(prepared)
      if output.json { return try JSONOutput.print(LaunchDocument(launches: all.compactMap(\.launch))) }
      let last = output.explain ? all[0].text() : all[0].command() + "\n\n" + TextStyle.quiet(DeployOutput.more)
      Terminal.result((all.dropFirst().map { $0.command() } + [last]).joined(separator: "\n\n"))
    } else {
      let made = try await job.started(prepared, program: Workspace.program)
      if output.json { return try JSONOutput.print(DeploymentListing(made.map { .init(deployment: $0) })) }
      for deployment in made {
        let screen = DeployedScreen(deployment, hasChatTemplate: workspace.hasChatTemplate(deployment))
        Terminal.result(screen.rendered())
      }
    }
  }
}
