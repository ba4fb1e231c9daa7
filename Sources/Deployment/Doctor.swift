public import Hardware
import Engines
import Platform
import Units

/// One thing that was checked.
public struct Finding: Hashable, Sendable, Codable {
  public enum State: String, Hashable, Sendable, Codable {
    case good, absent
    /// Works, and should be looked at.
    case doubtful
    /// A deployment would fail.
    case broken
  }

  public var check: String
  public var state: State
  public var found: String
  public var remedy: String?

  init(_ check: String, _ state: State, _ found: String, remedy: String? = nil) {
    self.check = check
    self.state = state
    self.found = found
    self.remedy = remedy
  }
}

/// Looks for what would stop a deployment before it does.
public struct Doctor: Sendable {
  private let deployer: Deployer
  private var folders: DataFolders { deployer.folders }
  var commands: any CommandRunner { deployer.finder.commands }

  let hubCache: String

  /// - Parameter hubCache: the folder in which the Hub's models are kept.
  public init(deployer: Deployer, hubCache: String) {
    self.deployer = deployer
    self.hubCache = hubCache
  }

  public func examine(_ machine: Machine) async -> [Finding] {
    let found = await deployer.finder.all()
    let limits = ProcessLimits.current.findings(accelerators: machine.accelerators.count)
    return await engines(found) + drivers(machine, found) + troubles(machine) + runtimes() + binding(machine)
      + cluster() + disks() + limits
      + [port()]
      + caches() + (await deployments())
  }

  private func engines(_ found: [EngineInstallation]) -> [Finding] {
    let findings = found.map { engine -> Finding in
      let name = "engine \(engine.engine.rawValue)"
      if let problem = engine.problem {
        // One that the user named is not replaced by another.
        let state: Finding.State = engine.origin == .configuration ? .broken : .doubtful
        return Finding(name, state, "\(engine.program): \(problem.message)", remedy: problem.remedy)
      }
      let what = "\(engine.version ?? "build unknown") at \(engine.program)"
      guard let warning = engine.warnings.first else { return Finding(name, .good, what) }
      return Finding(name, .doubtful, "\(what): \(warning.message)", remedy: warning.remedy)
    }
    guard !found.contains(where: { $0.problem == nil }) else { return findings }
    return findings + [
      Finding("engines", .broken, "none that can be used", remedy: "plimsoll engines install llama.cpp")
    ]
  }

  private func runtimes() async -> [Finding] {
    var findings: [Finding] = []
    for name in ["docker", "podman"] {
      guard let answer = await commands.run(name, ["version", "--format", "{{.Server.Version}}"]) else { continue }
      findings.append(
        answer.exitCode == 0
          ? Finding(name, .good, String(answer.output.prefix { !$0.isNewline }))
          : Finding(
            name, .doubtful, "installed, but its service does not answer",
            remedy: "start \(name == "docker" ? "Docker" : "Podman"), or deploy without it (--target process)")
      )
    }
    if findings.isEmpty { findings.append(Finding("containers", .absent, "no docker or podman")) }
    if let python = await commands.run("python3", ["-c", "import venv, ensurepip, sys; print(sys.version.split()[0])"])
    {
      findings.append(
        python.exitCode == 0
          ? Finding("python3 venv", .good, FailureSorting.cleaned(python.output))
          : Finding(
            "python3 venv", .doubtful, "python3 has no venv, which the installation of engines needs",
            remedy: "apt-get install python3-venv"))
    } else {
      findings.append(
        Finding(
          "python3 venv", .doubtful, "no python3, which the installation of engines needs",
          remedy: "apt-get install python3-venv"))
    }
    return findings
  }

  /// The disk of Plimsoll's own data, and that of the Hub's cache, which is where models go.
  private func disks() -> [Finding] {
    [disk("disk", folders.data, least: .gibibytes(10)), disk("disk of models", hubCache, least: .gibibytes(50))]
  }

  private func disk(_ check: String, _ folder: String, least: ByteCount) -> Finding {
    var status = statvfs()
    var place = folder
    while statvfs(place, &status) != 0, let slash = place.lastIndex(of: "/"), slash > place.startIndex {
      place = String(place[..<slash])
    }
    let free = ByteCount(Int(status.f_bavail) * Int(status.f_frsize))
    let words = "\(free) free at \(place)"
    if free < .gibibytes(1) { return Finding(check, .broken, words, remedy: "free some space") }
    let isOfModels = folder == hubCache
    let use = isOfModels ? "a large model and its download" : "engines and measured runs"
    let remedy =
      isOfModels
      ? "plimsoll models remove ORG/NAME, or set HF_HOME to a folder on another disk"
      : "free some space, or set PLIMSOLL_HOME to a folder on another disk"
    return free < least
      ? Finding(check, .doubtful, "\(words); \(use) may need \(least)", remedy: remedy)
      : Finding(check, .good, words)
  }

  private func port() -> Finding {
    FreePort.find().map { Finding("loopback", .good, "port \($0) could be taken") }
      ?? Finding("loopback", .broken, "no port on 127.0.0.1 can be taken", remedy: "check the loopback interface")
  }

  private func caches() -> [Finding] {
    let tree = DiskTree()
    let partial = tree.list(folders.engines).filter { $0.hasSuffix(".partial") }
    let pending = tree.list(hubCache).filter { $0.hasPrefix("models--") }.reduce(0) { count, name in
      count + tree.list("\(hubCache)/\(name)/blobs").filter { $0.hasSuffix(".incomplete") }.count
    }
    let dangling = danglingLinks(tree)
    return [
      dangling.isEmpty
        ? Finding("models' files", .good, "all are there")
        : Finding(
          "models' files", .doubtful, "\(dangling.count) missing, such as \(dangling[0])",
          remedy: "plimsoll models verify, then plimsoll models pull"),
      partial.isEmpty
        ? Finding("installations", .good, "none half made")
        : Finding("installations", .doubtful, "\(partial.count) half made", remedy: "the next install removes them"),
      pending == 0
        ? Finding("model cache", .good, "nothing half fetched")
        : Finding(
          "model cache", .doubtful, "\(pending) files half fetched", remedy: "plimsoll models pull goes on with them"),
    ]
  }

  /// Files of the cache's snapshots whose content is gone, a hundred at most.
  private func danglingLinks(_ tree: DiskTree) -> [String] {
    var found: [String] = []
    for model in tree.list(hubCache) where model.hasPrefix("models--") && found.count < 100 {
      let snapshots = "\(hubCache)/\(model)/snapshots"
      for commit in tree.list(snapshots) {
        for file in tree.list("\(snapshots)/\(commit)") {
          let path = "\(snapshots)/\(commit)/\(file)"
          if tree.link(path) != nil, access(path, F_OK) != 0 { found.append("\(model)/\(file)") }
        }
      }
    }
    return found
  }

  private func deployments() async -> [Finding] {
    await deployer.current().compactMap { deployment in
      if deployment.isOrphan {
        return Finding(deployment.name, .doubtful, "its command is gone", remedy: "plimsoll stop \(deployment.name)")
      }
      if let change = deployment.modelChange {
        return Finding(deployment.name, .doubtful, change.message, remedy: change.remedy)
      }
      if deployment.isLeftAlone {
        return Finding(
          deployment.name, .doubtful, "its supervisor is gone: it will not be restarted after a crash",
          remedy: "plimsoll restart \(deployment.name)")
      }
      // Of one that answers again the record keeps why it ended the last time.
      guard deployment.state != .ready, let failure = deployment.failure else { return nil }
      return Finding(
        deployment.name, .doubtful, failure.message, remedy: failure.remedy ?? "plimsoll stop \(deployment.name)")
    }
  }
}
