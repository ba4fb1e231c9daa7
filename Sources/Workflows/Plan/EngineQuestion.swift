import Deployment
import Engines
import Foundation
public import Planning
import Platform
import Units

/// Asks the engine itself what a plan's file takes: starts it as planned, reads its log, and stops it.
///
/// The server is asked rather than `llama-fit-params`, which reserves logits for every row of a batch as no server does.
public struct EngineQuestion: Sendable {
  let workspace: Workspace

  public init(in workspace: Workspace) { self.workspace = workspace }

  /// Writes the answer into the option that could be started now.
  ///
  /// - Throws: `Failure` where nothing of the plan can be started; `DeploymentError`; `CancellationError` after the
  ///   server was stopped.
  public func ask(_ plan: inout Plan, modelPath: String) async throws {
    let option = try plan.deployable()
    let path = URL(fileURLWithPath: option.launch?.modelPath ?? modelPath).path
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(
        .refusedInput, .notHere, "--ask-engine needs the model's file on this machine",
        remedy: "plimsoll models pull fetches it")
    }
    var settings = DeploymentSettings()
    settings.modelBytes = option.fileBytes?.value
    let deployer = workspace.deployer
    let memory = try await deployer.whileDeployed(option, modelPath: path, settings: settings) {
      workspace.audience.loading($0)
    } _: {
      deployer.memory(of: $0)
    }
    try Task.checkCancellation()
    for index in plan.options.indices where plan.options[index] == option { plan.options[index].engineMemory = memory }
  }
}
