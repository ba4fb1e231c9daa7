import ArgumentParser
import Deployment
import Engines
import Foundation
import Models
import Planning
import Platform
import Units

/// A plan becomes a server.
struct Deploy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Plan a model, start it as a server, and wait until it answers a token.",
    discussion: """
      Example: plimsoll deploy SmolLM2-135M-Instruct.Q4_1.gguf --context 4096 --parallel 2
      The server stays when the command ends; plimsoll ps, logs and stop manage it. --print shows what would be run.
      """)
  @Argument(help: "A model file or folder.") var model: String
  @Option(help: "A plan saved by plimsoll plan --json, instead of planning now.") var plan: String?
  @Option(help: "llama.cpp, ampere-llama.cpp, mlx or vllm.") var engine: String?
  @Option(help: "Context in tokens, over all slots.") var context: Int?
  @Option(help: "Requests at once.") var parallel: Int?
  @Option(help: "Threads for computing.") var threads: Int?
  @Option(help: "The deployment's name.") var name: String?
  @Option(help: "Address to listen on; any but loopback demands a key.") var host = "127.0.0.1"
  @Option(help: "Port; a free one where it is left out.") var port = 0
  @Option(help: "Ports to choose from, as 51100-51199.") var portRange: String?
  @Option(help: "Seconds without a sign of life after which loading is given up.") var patience: Double?
  @Flag(help: "Demand an API key on loopback too.") var key = false
  @Flag(name: .customLong("print"), help: "Show what would be run, flag by flag with the reasons, and run nothing.")
  var prints = false
  @OptionGroup var targets: TargetOptions
  @Flag(help: "Print the deployment as JSON (plimsoll.deployment/1).") var json = false

  func run() async throws {
    let context = CommandContext()
    let option = try await option(context)
    if targets.target != .process {
      let path = URL(fileURLWithPath: model).path
      let request = try targets.request(
        option, name: name ?? Deployer.defaultName(model), model: path, host: host, port: port,
        machine: await context.thisMachine())
      return try await targets.carryOut(request, prints: prints, context: context)
    }
    if prints { return Terminal.result(LaunchDescription(option, name: name, host: host, port: port).text()) }
    let deployment = try await context.deployer.deploy(option, modelPath: model, settings: try settings()) { event in
      Self.show(event, on: context.terminal)
    }
    if json { return try JSONOutput.print(deployment) }
    Terminal.result("\(deployment.name) answers at \(deployment.url)")
    if let file = deployment.address.apiKeyFile { Terminal.note("clients need the key in \(file)") }
  }

  private func settings() throws -> DeploymentSettings {
    var settings = DeploymentSettings()
    settings.name = name
    settings.host = host
    settings.port = port
    settings.patience = patience
    settings.demandsKey = key
    settings.modelBytes = (try? ModelReader.read(path: model))?.files.reduce(.zero) { $0 + $1.bytes }
    guard let portRange else { return settings }
    let ends = portRange.split(separator: "-").compactMap { Int($0) }
    guard ends.count == 2, ends[0] <= ends[1], ends[0] > 0, ends[1] < 65536 else {
      throw Failure(
        .usage, "bad-port-range", "\(portRange) is not a range of ports", remedy: "--port-range 51100-51199")
    }
    settings.portRange = ends[0]...ends[1]
    return settings
  }

  private static func show(_ event: LoadEvent, on terminal: Terminal) {
    switch event {
    case .started(let name, let log): Terminal.note("starting \(name); log: \(log)")
    case .loading(let seconds, let bytes):
      terminal.draw("loading: \(formattedSeconds(seconds)), \(ByteCount(bytes)) resident")
    case .ready(let seconds):
      terminal.draw("")
      Terminal.note("first token after \(formattedSeconds(seconds))")
    }
  }
}

extension Deploy {
  /// The option to deploy: the saved plan's chosen one, else one made for this machine.
  private func option(_ context: CommandContext) async throws -> PlanOption {
    if let plan {
      guard let data = FileManager.default.contents(atPath: plan) else {
        throw Failure(.refusedInput, "no-such-file", "no such file: \(plan)")
      }
      guard let saved = try? JSONDecoder().decode(Plan.self, from: data) else {
        throw Failure(.refusedInput, "bad-plan", "\(plan) is not a plan that plimsoll plan --json wrote")
      }
      guard let chosen = saved.chosen, saved.options.indices.contains(chosen) else {
        throw Failure(.doesNotFit, "nothing-fits", "the plan chose nothing", remedy: saved.reasons.first?.message)
      }
      return saved.options[chosen]
    }
    let model = try ModelReader.read(path: model)
    let machine = await context.thisMachine()
    let kind = try engineKind(for: model)
    let chosen = EngineCatalogue.engine(kind)
    if case .no(let reason) = chosen.capability(of: model, quantization: model.quantization?.value ?? "", on: machine) {
      throw Failure(.doesNotFit, reason.code, reason.message, remedy: reason.remedy)
    }
    let slots = parallel ?? 1
    let context = self.context ?? min(model.shape.contextLength, 4096) * slots
    var option = PlanOption(
      quantization: model.quantization?.value ?? "", origin: .file, engine: kind, verdict: .fits,
      reason: Reason("as-asked", "deployed as asked"), contextLength: context, parallel: slots)
    option.launch = chosen.launch(
      LaunchRequest(
        modelPath: model.files.first?.path ?? self.model, contextLength: context, parallel: slots,
        threads: threads ?? ThreadChoice(on: machine)?.threads))
    return option
  }

  private func engineKind(for model: Model) throws -> EngineKind {
    guard let engine else { return model.format == .gguf ? .llamaCpp : model.format == .mlx ? .mlx : .vllm }
    guard let kind = EngineKind(rawValue: engine) else {
      throw Failure(
        .usage, "unknown-engine", "there is no engine called \(engine)",
        remedy: EngineKind.allCases.map { $0.rawValue }.joined(separator: ", "))
    }
    return kind
  }
}
