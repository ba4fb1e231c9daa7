public import Hardware
import Engines
import Platform
import Units

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

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
  private var commands: any CommandRunner { deployer.finder.commands }

  private let hubCache: String

  /// - Parameter hubCache: the folder in which the Hub's models are kept.
  public init(deployer: Deployer, hubCache: String) {
    self.deployer = deployer
    self.hubCache = hubCache
  }

  public func examine(_ machine: Machine) async -> [Finding] {
    await engines() + drivers(machine) + runtimes() + [disk(), limits(), port()] + caches() + deployments()
  }

  private func engines() async -> [Finding] {
    let found = await deployer.finder.all()
    let findings = found.map { engine -> Finding in
      let name = "engine \(engine.engine.rawValue)"
      if let problem = engine.problem {
        return Finding(name, .doubtful, "\(engine.program): \(problem.message)", remedy: problem.remedy)
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

  private func drivers(_ machine: Machine) async -> [Finding] {
    let vendors = Set(machine.accelerators.map { $0.vendor.value.lowercased() })
    var findings: [Finding] = []
    if vendors.contains("nvidia") {
      let answer = await commands.run("nvidia-smi", ["--query-gpu=driver_version", "--format=csv,noheader"])
      findings.append(
        answer.map { $0.exitCode == 0 } == true
          ? Finding("NVIDIA driver", .good, String((answer?.output ?? "").prefix { !$0.isNewline }))
          : Finding("NVIDIA driver", .broken, "nvidia-smi does not answer", remedy: "install or reload the driver"))
    }
    if vendors.contains("amd") {
      let isOpen = access("/dev/kfd", R_OK | W_OK) == 0
      findings.append(
        isOpen
          ? Finding("AMD driver", .good, "/dev/kfd can be opened")
          : Finding(
            "AMD driver", .broken, "/dev/kfd cannot be opened", remedy: "add this user to the groups render and video"))
    }
    if vendors.isEmpty { findings.append(Finding("accelerators", .absent, "none: models run on the CPU")) }
    return findings
  }

  private func runtimes() async -> [Finding] {
    var findings: [Finding] = []
    for name in ["docker", "podman"] {
      guard let answer = await commands.run(name, ["version", "--format", "{{.Server.Version}}"]) else { continue }
      findings.append(
        answer.exitCode == 0
          ? Finding(name, .good, String(answer.output.prefix { !$0.isNewline }))
          : Finding(name, .doubtful, "installed, and its service does not answer", remedy: "start it, or use a process")
      )
    }
    if findings.isEmpty { findings.append(Finding("containers", .absent, "no docker or podman")) }
    if let python = await commands.run("python3", ["-c", "import venv, ensurepip, sys; print(sys.version.split()[0])"])
    {
      findings.append(
        python.exitCode == 0
          ? Finding("python3 venv", .good, FailureSorting.cleaned(python.output))
          : Finding("python3 venv", .doubtful, "missing", remedy: "apt-get install python3-venv"))
    } else {
      findings.append(
        Finding("python3 venv", .doubtful, "no python3", remedy: "engines cannot be installed without it"))
    }
    return findings
  }

  private func disk() -> Finding {
    var status = statvfs()
    var place = folders.data
    while statvfs(place, &status) != 0, let slash = place.lastIndex(of: "/"), slash > place.startIndex {
      place = String(place[..<slash])
    }
    let free = ByteCount(Int(status.f_bavail) * Int(status.f_frsize))
    if free < .gibibytes(1) { return Finding("disk", .broken, "\(free) free at \(place)", remedy: "free some space") }
    return Finding("disk", free < .gibibytes(10) ? .doubtful : .good, "\(free) free at \(place)")
  }

  private func limits() -> Finding {
    var limit = rlimit()
    #if os(Linux)
      let known = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    #else
      let known = getrlimit(RLIMIT_NOFILE, &limit) == 0
    #endif
    guard known else { return Finding("open files", .doubtful, "unknown") }
    let most = limit.rlim_max > 1 << 30 ? "unlimited" : "\(limit.rlim_max)"
    return limit.rlim_max < 1024
      ? Finding("open files", .doubtful, most, remedy: "raise it: ulimit -n 65536")
      : Finding("open files", .good, most)
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
    return [
      partial.isEmpty
        ? Finding("installations", .good, "none half made")
        : Finding("installations", .doubtful, "\(partial.count) half made", remedy: "the next install removes them"),
      pending == 0
        ? Finding("model cache", .good, "nothing half fetched")
        : Finding(
          "model cache", .doubtful, "\(pending) files half fetched", remedy: "plimsoll models pull goes on with them"),
    ]
  }

  private func deployments() -> [Finding] {
    deployer.list().compactMap { deployment in
      if deployment.isOrphan {
        return Finding(deployment.name, .doubtful, "its command is gone", remedy: "plimsoll stop \(deployment.name)")
      }
      guard let failure = deployment.failure else { return nil }
      return Finding(deployment.name, .doubtful, failure.message, remedy: "plimsoll stop \(deployment.name)")
    }
  }
}
