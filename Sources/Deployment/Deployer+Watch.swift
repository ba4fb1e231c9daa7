import Engines
import Platform
import Units

/// What a loading server is seen to do.
public enum LoadEvent: Hashable, Sendable {
  case started(name: String, log: String)
  case loading(seconds: Double, residentBytes: Int)
  case ready(seconds: Double)
  case stopped(name: String)
}

extension Deployer {
  /// Waits for the first token, or for a reason to give up.
  func watch(
    _ deployment: Deployment, _ engine: any Engine, _ settings: DeploymentSettings,
    _ onEvent: @Sendable (LoadEvent) -> Void
  ) async throws(DeploymentError) -> Deployment {
    guard let leader = deployment.process else { throw .unknown(name: deployment.name) }
    let group = ProcessGroup(leader: leader)
    onEvent(.started(name: deployment.name, log: deployment.log))
    let question = ReadinessQuestion(
      transport: transport, baseURL: deployment.address.url, model: deployment.modelName, apiKey: key(of: deployment),
      task: LaunchConfiguration.task(of: deployment.command))
    let begin = clock.now()
    var deadline = LoadDeadline(
      patience: settings.patience, modelBytes: settings.modelBytes, diskBytesPerSecond: settings.diskBytesPerSecond)
    var refusals = 0
    while true {
      if Task.isCancelled { throw await abandon(group, engine, .interrupted) }
      let code = reap(leader.pid)
      if code != nil || !group.isRunning {
        let reason = FailureSorting(engine: engine).reason(of: deployment, exitCode: code)
        throw await abandon(group, engine, .failed(reason, log: deployment.log))
      }
      let answer: ReadinessQuestion.Answer
      switch await portOwner(deployment.address, group) {
      case .own, .unknown: answer = await self.answer(question, while: leader)
      case .nobody: answer = .notYet
      case .stranger(let name):
        throw await abandon(group, engine, .failed(Self.taken(deployment, by: name), log: deployment.log))
      }
      let seconds = Double(clock.now() - begin) / 1e9
      switch answer {
      case .token:
        onEvent(.ready(seconds: seconds))
        return try await settled(deployment, group, engine, settings, seconds)
      case .refused(let words):
        refusals += 1
        // Engines answer 404 for a moment between listening and loading.
        if refusals > 20 {
          var reason = FailureSorting(engine: engine).reason(log: tail(of: deployment.log), exitCode: nil)
          if reason.code == .engineCrashed {
            reason = Reason(.neverAnswered, "\(engine.kind.rawValue) refuses a plain request: \(words)")
          }
          throw await abandon(group, engine, .failed(reason, log: deployment.log))
        }
      case .notYet: break
      }
      let progress = LoadProgress(of: group, log: deployment.log)
      onEvent(.loading(seconds: seconds, residentBytes: progress.residentBytes))
      if let reason = Self.reason(
        deadline.judge(progress, at: seconds), engine: engine.kind.rawValue, log: deployment.log)
      {
        throw await abandon(group, engine, .failed(reason, log: deployment.log))
      }
      try? await Task.sleep(for: .milliseconds(seconds < 5 ? 50 : 250))
    }
  }

  /// Asks for a token, and stops asking once the server is gone.
  private func answer(_ question: ReadinessQuestion, while leader: ProcessIdentity) async -> ReadinessQuestion.Answer {
    await withTaskGroup(of: ReadinessQuestion.Answer.self) { group in
      group.addTask { await question.ask() }
      group.addTask {
        while leader.isRunning, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(100)) }
        return .notYet
      }
      let first = await group.next() ?? .notYet
      group.cancelAll()
      return first
    }
  }

  private func settled(
    _ deployment: Deployment, _ group: ProcessGroup, _ engine: any Engine, _ settings: DeploymentSettings,
    _ seconds: Double
  ) async throws(DeploymentError) -> Deployment {
    var ready = deployment
    ready.state = .ready
    ready.readySeconds = seconds
    if !settings.isKept { ready.keeper = nil }
    do {
      try store.write(ready)
    } catch {
      throw await abandon(group, engine, error)
    }
    return ready
  }

  /// Ends a server that is not wanted any more, and hands the error on.
  private func abandon(_ group: ProcessGroup, _ engine: any Engine, _ error: DeploymentError) async -> DeploymentError {
    _ = await group.stop(engine.operation.stopSteps)
    return error
  }

  /// The reason for a server whose port another program has: that one is never asked, and never sees the key.
  private static func taken(_ deployment: Deployment, by program: String?) -> Reason {
    Reason(
      .addressInUse,
      "port \(deployment.address.port) was taken by \(program.map { "another program (\($0))" } ?? "another program") "
        + "before \(deployment.engine.rawValue) listened on it",
      remedy: "leave out --port and Plimsoll picks a free one, or stop that program")
  }

  private static func reason(_ verdict: LoadDeadline.Verdict, engine: String, log: String) -> Reason? {
    let last =
      tail(of: log, bytes: 8192).split(whereSeparator: \.isNewline).last.map { FailureSorting.cleaned($0) } ?? "nothing"
    switch verdict {
    case .wait: return nil
    case .stalled(let seconds):
      return Reason(
        .neverAnswered,
        "\(engine) made no progress for \(formattedSeconds(seconds)) and answered no token; its last words: \(last)",
        remedy: "allow more with --patience SECONDS")
    case .overCap(let seconds):
      return Reason(
        .neverAnswered, "\(engine) answered no token within \(formattedSeconds(seconds)); its last words: \(last)",
        remedy: "allow more with --patience SECONDS: the whole may take ten times as long")
    }
  }
}
