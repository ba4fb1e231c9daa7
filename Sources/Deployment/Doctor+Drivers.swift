import Engines
import Hardware
import Platform
import Units

extension Doctor {
  /// The drivers of the accelerators that were found, against what the engines need.
  func drivers(_ machine: Machine, _ engines: [EngineInstallation]) async -> [Finding] {
    let makers = Set(machine.accelerators.map(\.vendor.value)).sorted()
    var findings: [Finding] = []
    for check in makers.compactMap(\.facts.driver) { findings.append(await finding(check, engines)) }
    if makers.isEmpty { findings.append(Finding("accelerators", .absent, "none: models run on the CPU")) }
    return findings
  }

  /// Asks a driver, or opens what it made.
  private func finding(_ check: DriverCheck, _ engines: [EngineInstallation]) async -> Finding {
    switch check.kind {
    case .files(let beginnings): return opened(check, beginnings)
    case .program(let program, let arguments):
      let answer = await commands.run(program, arguments)
      guard let answer, answer.exitCode == 0 else {
        return Finding(check.name, .broken, "\(program) does not answer", remedy: check.remedy)
      }
      let version = FailureSorting.cleaned(answer.output.prefix { !$0.isNewline })
      return check.toolkits.isEmpty
        ? Finding(check.name, .good, version) : Self.nvidia(driver: version, engines)
    }
  }

  /// CUDA 12 needs driver 525 and CUDA 13 driver 580, by NVIDIA's table of CUDA and drivers. vLLM's image and its wheels
  /// from 0.30 on are made for CUDA 13.
  static func nvidia(driver: String, _ engines: [EngineInstallation]) -> Finding {
    let check = "NVIDIA driver"
    guard let major = Int(driver.prefix { $0.isNumber }) else { return Finding(check, .doubtful, "version \(driver)") }
    if major < 525 {
      return Finding(
        check, .broken, "\(driver): builds for CUDA 12 need 525 or newer", remedy: "update the driver, best to 580")
    }
    guard major < 580 else { return Finding(check, .good, driver) }
    let modern = engines.first { engine in
      let parts = (engine.version ?? "").split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
      return engine.engine == .vllm && !parts.lexicographicallyPrecedes([0, 30])
    }
    let what = modern.map { "vLLM \($0.version ?? "") needs" } ?? "vLLM's image needs"
    return Finding(
      check, modern == nil ? .good : .doubtful, "\(driver): good for CUDA 12; \(what) CUDA 13's, 580 or newer",
      remedy: "update the driver, or take an image for CUDA 12: --image docker.io/vllm/vllm-openai:v0.30.0-cu129")
  }

  /// Whether this user may open a driver's devices.
  private func opened(_ driver: DriverCheck, _ beginnings: [String]) -> Finding {
    let check = driver.name
    let devices = beginnings.flatMap { beginning -> [String] in
      let parts = beginning.split(separator: "/").map { String($0) }
      let folder = "/" + parts.dropLast().joined(separator: "/")
      return DiskTree().list(folder).filter { $0.hasPrefix(parts.last ?? "") }.map { "\(folder)/\($0)" }
    }
    guard let first = devices.first else {
      return Finding(check, .broken, "it made no device", remedy: driver.remedy)
    }
    guard let closed = devices.first(where: { access($0, R_OK | W_OK) != 0 }) else {
      return Finding(check, .good, "\(first) can be opened")
    }
    return Finding(
      check, .broken, "\(closed) cannot be opened", remedy: "add this user to the groups render and video")
  }

  /// The program that binds a server to a NUMA node, where there are several.
  func binding(_ machine: Machine) async -> [Finding] {
    guard machine.processorNodes.count > 1 else { return [] }
    let answer = await commands.run("numactl", ["--show"])
    return [
      answer?.exitCode == 0
        ? Finding("numactl", .good, "binds servers to the \(machine.processorNodes.count) nodes")
        : Finding("numactl", .doubtful, "missing: servers cannot be bound to nodes", remedy: "apt-get install numactl")
    ]
  }

  /// The tool by which manifests are applied, and the cluster that it speaks to.
  func cluster() async -> [Finding] {
    guard let answer = await commands.run("kubectl", ["version", "--client"]), answer.exitCode == 0 else { return [] }
    let version = FailureSorting.cleaned(answer.output.prefix { !$0.isNewline })
    let context = await commands.run("kubectl", ["config", "current-context"])
    guard let context, context.exitCode == 0 else {
      return [Finding("kubectl", .good, "\(version); no cluster is chosen, so --apply has none")]
    }
    return [Finding("kubectl", .good, "\(version); cluster \(FailureSorting.cleaned(context.output))")]
  }
}
