public import Benchmarking
import Deployment
import Engines
import Models
import Planning
import Platform
public import Records

extension Workspace {
  /// A run of a target before it is measured, with what is known of its machine, model and engine.
  ///
  /// A deployment knows its model, its command and what the plan predicted; of an address only the options say more.
  /// What the user says of the server's engine and the run's tags counts before what is known.
  public func newRun(
    of target: BenchmarkTarget, engine: String? = nil, tags: [String] = [], under settings: BenchmarkSettings? = nil
  ) async -> Run {
    let startedAt = clock.wallSeconds()
    var run = Run(id: Run.newID(at: startedAt), startedAt: startedAt, target: target.name)
    run.machine = await thisMachine()
    run.engine = engine
    run.describe(target)
    run.tags = tags
    guard let deployment = deployer.list().first(where: { $0.name == target.name }) else { return run }
    let model = try? ModelReader.read(path: deployment.modelPath)
    run.model = model.map { Planning.ModelSummary($0) }
    run.describe(deployment, by: deployer)
    if let settings, let model, let option = deployment.option {
      predict(&run, of: option, model: model, under: settings)
    }
    if let engine { run.engine = engine }
    return run
  }
}

extension Run {
  /// Takes what is known of the server that is measured, without its secrets.
  mutating func describe(_ target: BenchmarkTarget) {
    address = target.baseURL.isEmpty ? nil : BenchmarkTarget.withoutSecrets(target.baseURL)
    modelAsked = target.model.isEmpty ? nil : target.model
    modelsListed = target.modelsListed.isEmpty ? nil : target.modelsListed
    if !target.headers.isEmpty {
      settings["headers"] = target.headers.map { String($0.prefix { $0 != ":" }) }.joined(separator: ", ")
    }
    if !target.extraBody.isEmpty {
      settings["extra body"] = target.extraBody.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: ", ")
    }
    if let path = target.path { settings["endpoint"] = path }
  }

  /// Takes what a deployment knows: its engine and command, what was predicted of it, and what it said of itself.
  mutating func describe(_ deployment: Deployment, by deployer: Deployer) {
    engine = deployment.engine.rawValue
    engineBuild = deployment.engineBuild
    predicted = deployment.option?.speed
    predictedMemory = deployment.option?.memory
    engineMemory = deployer.memory(of: deployment)
    readySeconds = deployment.readySeconds
    settings["command"] = deployment.command.joined(separator: " ")
  }
}
