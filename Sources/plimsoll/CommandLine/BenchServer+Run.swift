import Benchmarking
import Deployment
import Engines
import Models
import Planning
import Platform
import Records

extension BenchServer {
  /// A run of a target before it is measured, with what is known of its machine, model and engine.
  ///
  /// A deployment knows its model, its command and what the plan predicted; of an address only the options say more.
  func newRun(
    of target: BenchmarkTarget, _ context: CommandContext, under settings: BenchmarkSettings? = nil
  ) async -> Run {
    let startedAt = context.clock.wallSeconds()
    var run = Run(id: Run.newID(at: startedAt), startedAt: startedAt, target: target.name)
    run.machine = await context.thisMachine()
    run.engine = server.engine
    run.tags = tag
    guard let deployment = context.deployer.list().first(where: { $0.name == target.name }) else { return run }
    let model = try? ModelReader.read(path: deployment.modelPath)
    run.model = model.map { Planning.ModelSummary($0) }
    run.describe(deployment, by: context.deployer)
    if let settings, let model, let option = deployment.option {
      context.predict(&run, of: option, model: model, under: settings)
    }
    if let engine = server.engine { run.engine = engine }
    return run
  }
}

extension Run {
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
