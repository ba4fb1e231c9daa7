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
        ? Finding(check.name, .good, version) : Self.judged(check, driver: version, engines)
    }
  }

  /// Judges a driver by the toolkits that it carries, against those that the engines' builds and images need.
  static func judged(_ check: DriverCheck, driver: String, _ engines: [EngineInstallation]) -> Finding {
    guard let major = Int(driver.prefix { $0.isNumber }), let first = check.toolkits.first,
      let last = check.toolkits.last
    else { return Finding(check.name, .doubtful, "version \(driver)") }
    guard major >= first.leastDriver else {
      return Finding(
        check.name, .broken, "\(driver): builds for \(first.name) need \(first.leastDriver) or newer",
        remedy: "update the driver, best to \(last.leastDriver)")
    }
    guard let missing = check.toolkits.first(where: { $0.leastDriver > major }) else {
      return Finding(check.name, .good, driver)
    }
    let good = check.toolkits.last { $0.leastDriver <= major }?.name ?? first.name
    let needs = EngineCatalogue.all.compactMap { engine -> (engine: EngineKind, build: BuildToolkit)? in
      engine.serving.toolkits.first { $0.name == missing.name }.map { (engine.kind, $0) }
    }
    let modern = engines.first { engine in
      needs.contains { need in
        let parts = (engine.version ?? "").split { !$0.isNumber }.prefix(need.build.since.count).compactMap { Int($0) }
        return engine.engine == need.engine && !parts.lexicographicallyPrecedes(need.build.since)
      }
    }
    guard let need = needs.first(where: { modern == nil || $0.engine == modern?.engine }) else {
      return Finding(check.name, .good, "\(driver): good for \(good)")
    }
    let what =
      modern.map { "\(need.engine.rawValue) \($0.version ?? "") needs" } ?? "\(need.engine.rawValue)'s image needs"
    let older = need.build.olderImage.map { ", or take an image for \(good): --image \($0)" } ?? ""
    return Finding(
      check.name, modern == nil ? .good : .doubtful,
      "\(driver): good for \(good); \(what) \(missing.name)'s, \(missing.leastDriver) or newer",
      remedy: "update the driver\(older)")
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

  /// Whether servers can be bound to NUMA nodes, where there are several.
  func binding(_ machine: Machine) -> [Finding] {
    guard machine.processorNodes.count > 1 else { return [] }
    let nodes = "\(machine.processorNodes.count) nodes"
    return [
      ProcessBinding.isMemoryRefused
        ? Finding(
          "NUMA binding", .doubtful, "this system refuses to bind memory, so servers on \(nodes) share it",
          remedy: "in a container, add --cap-add SYS_NICE")
        : Finding("NUMA binding", .good, "servers can be bound to each of the \(nodes)")
    ]
  }

  /// What the probe found wrong with the machine itself.
  func troubles(_ machine: Machine) -> [Finding] {
    machine.warnings.map { warning in
      // A warning ends with what to do about it.
      guard let cut = warning.ranges(of: "; ").last else { return Finding("machine", .doubtful, warning) }
      return Finding(
        "machine", .doubtful, String(warning[..<cut.lowerBound]), remedy: String(warning[cut.upperBound...]))
    }
  }

  /// The tool by which manifests are applied, and the cluster that it speaks to.
  func cluster() async -> [Finding] {
    guard let answer = await commands.run("kubectl", ["version", "--client"]), answer.exitCode == 0 else { return [] }
    let version = FailureSorting.cleaned(answer.output.prefix { !$0.isNewline })
    let context = await commands.run("kubectl", ["config", "current-context"])
    guard let context, context.exitCode == 0 else {
      return [Finding("kubectl", .good, "\(version); no current cluster, so --apply has nowhere to deploy")]
    }
    return [Finding("kubectl", .good, "\(version); cluster \(FailureSorting.cleaned(context.output))")]
  }
}
