import Engines
import Planning
import Platform
import Units

/// Watches one deployment and starts its server again when it ends by itself, until the deployment is stopped.
///
/// It is a process of its own: `plimsoll deploy --restart on-failure` starts it, and `plimsoll stop` ends it first.
public struct Supervisor: Sendable {
  private let deployer: Deployer
  private let name: String
  private let sleep: @Sendable (Double) async -> Void
  private let say: @Sendable (String) -> Void

  /// - Parameter sleep: waits so many seconds; tests hand in a clock of their own.
  public init(
    of name: String, by deployer: Deployer, say: @escaping @Sendable (String) -> Void = { _ in },
    sleep: @escaping @Sendable (Double) async -> Void = { try? await Task.sleep(for: .seconds($0)) }
  ) {
    self.name = name
    self.deployer = deployer
    self.say = say
    self.sleep = sleep
  }

  /// Returns when the deployment is gone, is another's, or failed too often.
  public func run() async {
    var backOff = BackOff()
    // Who started this process writes its number down afterwards.
    for _ in 0..<100 where mine() == nil && !Task.isCancelled { await sleep(0.1) }
    while !Task.isCancelled, let deployment = mine() {
      guard let process = deployment.process, !ProcessGroup(leader: process).isRunning else {
        _ = deployer.withShortLog(deployment)
        await sleep(0.5)
        continue
      }
      let code = reap(process.pid)
      let engine = EngineCatalogue.engine(deployment.engine)
      let reason = FailureSorting(engine: engine).reason(of: deployment, exitCode: code)
      let ran = deployer.clock.wallSeconds() - deployment.startedAt
      guard let wait = backOff.wait(afterRunning: ran) else { return giveUp(deployment, reason) }
      say("\(reason.message) [\(reason.code)]; starting it again in \(formattedSeconds(wait))")
      await sleep(wait)
      guard !Task.isCancelled, let again = mine() else { return }
      await start(again, engine, after: reason)
    }
  }

  /// The record, while this process is its supervisor.
  private func mine() -> Deployment? {
    deployer.store.read(name).flatMap { $0.supervisor?.pid == getpid() ? $0 : nil }
  }

  private func start(_ deployment: Deployment, _ engine: any Engine, after reason: Reason) async {
    var next = deployment
    next.restarts = (deployment.restarts ?? 0) + 1
    next.failure = reason
    next.failedAt = deployer.clock.wallSeconds()
    next.startedAt = deployer.clock.wallSeconds()
    next.readySeconds = nil
    next.log = deployer.logPath(name, at: next.startedAt)
    next.requestsOfCutLog = nil
    LogRotation.prune(deployer.folders.logs, of: name)
    do {
      try deployer.start(&next, engine)
      _ = try await deployer.watch(next, engine, DeploymentSettings(again: deployment)) { _ in }
      say("it answers again")
    } catch {
      say("\(error.reason.message) [\(error.reason.code)]")
    }
  }

  private func giveUp(_ deployment: Deployment, _ reason: Reason) {
    var failed = deployment
    failed.supervisor = nil
    failed.fail(
      Reason(
        reason.code, "\(reason.message); it ended \(BackOff.limit + 1) times in a row and is left alone",
        remedy: reason.remedy),
      at: deployer.clock.wallSeconds())
    try? deployer.store.write(failed)
    say("gave up: \(reason.message)")
  }
}

extension Deployer {
  /// Starts the process that supervises a deployment, and writes it down.
  ///
  /// - Parameters:
  ///   - program: this program's own path; it is run as `program supervise NAME`.
  ///   - environment: where that process finds the record and the programs.
  public func supervise(_ deployment: Deployment, by program: String) throws(DeploymentError) -> Deployment {
    var copy = deployment
    let log = "\(folders.logs)/\(deployment.name)-supervisor.log"
    do {
      copy.supervisor = try startDetached(
        program, ["supervise", deployment.name], environment: ServerEnvironment.supervising(environment), log: log)
    } catch {
      throw .unwritable(cause: "\(error)")
    }
    try store.write(copy)
    return copy
  }

  func endSupervisor(of deployment: Deployment) async {
    guard let supervisor = deployment.supervisor, supervisor.isRunning else { return }
    _ = await ProcessGroup(leader: supervisor).stop([
      StopStep(.terminate, patience: .milliseconds(500)), StopStep(.kill, patience: .seconds(3)),
    ])
  }
}
