import Engines
import Hardware
import Platform
import Units

extension Doctor {
  /// The drivers of the accelerators that were found, against what the engines need.
  func drivers(_ machine: Machine, _ engines: [EngineInstallation]) async -> [Finding] {
    let vendors = Set(machine.accelerators.map { $0.vendor.value.lowercased() })
    var findings: [Finding] = []
    if vendors.contains("nvidia") {
      let answer = await commands.run("nvidia-smi", ["--query-gpu=driver_version", "--format=csv,noheader"])
      findings.append(
        answer.map { $0.exitCode == 0 } == true
          ? Self.nvidia(driver: String((answer?.output ?? "").prefix { !$0.isNewline }), engines)
          : Finding("NVIDIA driver", .broken, "nvidia-smi does not answer", remedy: "install or reload the driver"))
    }
    if vendors.contains("amd") { findings.append(opened("AMD driver", ["/dev/kfd"])) }
    if vendors.contains("intel") {
      let nodes = DiskTree().list("/dev/dri").filter { $0.hasPrefix("renderD") }.map { "/dev/dri/\($0)" }
      findings.append(opened("Intel driver", nodes))
    }
    if vendors.contains("habana") {
      let answer = await commands.run("hl-smi", ["-Q", "driver_version", "-f", "csv,noheader"])
      findings.append(
        answer.map { $0.exitCode == 0 } == true
          ? Finding("Gaudi driver", .good, FailureSorting.cleaned((answer?.output ?? "").prefix { !$0.isNewline }))
          : Finding("Gaudi driver", .broken, "hl-smi does not answer", remedy: "install habanalabs-dkms, or reload it"))
    }
    if vendors.isEmpty { findings.append(Finding("accelerators", .absent, "none: models run on the CPU")) }
    return findings
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
  private func opened(_ check: String, _ devices: [String]) -> Finding {
    guard let first = devices.first else {
      return Finding(check, .broken, "it made no device", remedy: "install or reload the driver")
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
