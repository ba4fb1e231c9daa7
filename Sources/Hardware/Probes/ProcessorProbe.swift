import Platform
import Units

/// The processor, from `/proc/cpuinfo` and sysfs.
struct ProcessorProbe {
  let tree: any FileTree
  /// CPUs that the container or the affinity mask leaves; nil for all.
  var allowed: CPUSet?

  /// Returns the processor, empty where the tree has neither file.
  func processor() -> Processor {
    var processor = Processor()
    let info = tree.text("/proc/cpuinfo", limit: 16 << 20).flatMap { CPUInfo($0) }
    if let info { Self.describe(info, source: Source(.probed, "/proc/cpuinfo"), in: &processor) }
    let sysfs = Source(.probed, "/sys/devices/system/cpu")
    guard var topology = CPUTopology(tree: tree, allowed: allowed) else {
      if let info { Self.count(info, allowed: allowed, in: &processor) }
      return processor
    }
    if let info { Self.fillParts(&topology, info) }
    processor.packages = Figure(topology.packages, sysfs)
    processor.cores = Figure(topology.cores.count, sysfs)
    processor.threads = Figure(topology.threads.count, sysfs)
    processor.allowed = Figure(topology.threads.list, sysfs)
    if topology.threads.count < topology.online.count {
      processor.onlineCores = Figure(topology.onlineCores, sysfs)
      processor.onlineThreads = Figure(topology.online.count, sysfs)
    }
    processor.coreCPUs = Figure(CPUSet(topology.cores.compactMap(\.threads.first)).list, sysfs)
    processor.caches = CacheProbe.caches(tree, cores: topology.cores, source: sysfs)
    processor.kinds = CoreKinds.kinds(
      topology.cores, vendor: processor.vendor?.value, family: info?.field("cpu family").flatMap { UInt32($0) },
      source: sysfs)
    if let fastest = processor.kinds?.first, processor.model?.value.contains(" + ") ?? false {
      processor.model = Figure(fastest.name, sysfs)
    }
    if let fastest = topology.cores.compactMap(\.megahertz).max() {
      processor.megahertz = Figure(Double(fastest), .probed, "cpufreq/cpuinfo_max_freq")
    }
    return processor
  }

  /// Takes names and features from `/proc/cpuinfo`.
  static func describe(_ info: CPUInfo, source: Source, in processor: inout Processor) {
    let cores = info.armCores
    if let first = cores.first {
      processor.implementer = ArmPart.implementer(first.implementer).map { Figure($0, source) }
      processor.vendor = processor.implementer.map { $0.map(vendorName) }
      let names = cores.map {
        ArmPart.name(implementer: $0.implementer, part: $0.part) ?? "part 0x\(MachineText.hex($0.part, 3))"
      }
      var distinct: [String] = []
      for name in names where !distinct.contains(name) { distinct.append(name) }
      processor.model = Figure(distinct.joined(separator: " + "), source)
    }
    if let vendor = info.field("vendor_id", "vendor") { processor.vendor = Figure(vendor, source) }
    if let model = MachineText.known(info.field("model name")) {
      if processor.model == nil { processor.model = Figure(model, source) }
    } else if let model = info.field("cpu", "uarch", "cpu model"), processor.model == nil {
      processor.model = Figure(model, source)
      if model.uppercased().contains("POWER") { processor.vendor = processor.vendor ?? Figure("IBM", source) }
    }
    if processor.vendor == nil, let uarch = info.field("uarch")?.split(separator: ",").first {
      processor.vendor = Figure(String(uarch), source)
    }
    if processor.implementer == nil { processor.implementer = designer(processor).map { Figure($0, source) } }
    processor.architecture = info.architecture.map { Figure($0, source) }
    processor.features = info.features.map { Figure($0, source) }
  }

  /// Who designed a core that is no Arm.
  private static func designer(_ processor: Processor) -> String? {
    processor.maker?.facts.implementer
  }

  static func vendorName(_ implementer: String) -> String {
    let spelled = [
      "arm": "ARM", "amd": "AMD", "ibm": "IBM", "hisilicon": "HiSilicon", "nvidia": "NVIDIA", "apm": "APM",
    ]
    return spelled[implementer] ?? implementer.prefix(1).uppercased() + implementer.dropFirst()
  }

  /// Counts from `/proc/cpuinfo` alone: threads always, cores and packages where x86 numbers them.
  static func count(_ info: CPUInfo, allowed: CPUSet?, in processor: inout Processor) {
    let source = Source(.probed, "/proc/cpuinfo")
    let numbers = info.cpus.compactMap { $0["processor"].flatMap { Int($0) } }
    let usable = info.cpus.filter { block in
      guard let allowed, let number = block["processor"].flatMap({ Int($0) }) else { return true }
      return allowed.contains(number)
    }
    // A file that was cut to one CPU names its siblings: then its own count says nothing.
    let siblings = info.field("siblings").flatMap { Int($0) } ?? 1
    guard numbers.first ?? 0 == 0, usable.count >= siblings || allowed != nil, info.cpus.count > 1 else { return }
    processor.threads = Figure(usable.count, source)
    let cores = Set(
      usable.compactMap { block in
        block["core id"].flatMap { core in block["physical id"].map { "\($0) \(core)" } }
      })
    if !cores.isEmpty {
      processor.cores = Figure(cores.count, source)
      processor.packages = Figure(Set(usable.compactMap { $0["physical id"] }).count, source)
    }
    let parts = info.cpus.compactMap { CPUInfo.armCore($0) }
    if parts.count == info.cpus.count, !parts.contains(where: { ArmPart.hasThreads($0.implementer, $0.part) }) {
      processor.cores = Figure(usable.count, .computed, "\(source.detail): these Arm cores have one thread each")
    }
    let kinds = Dictionary(grouping: parts) { $0.implementer << 12 | $0.part }
    guard parts.count == info.cpus.count, kinds.count > 1 else { return }
    let named = kinds.map { key, group in
      let name = ArmPart.name(implementer: key >> 12, part: key & 0xfff) ?? "part 0x\(MachineText.hex(key & 0xfff, 3))"
      return (key, CoreKind(name: name, cores: Figure(group.count, source), threads: Figure(group.count, source)))
    }
    processor.kinds = named.sorted {
      (ArmPart.rank(ofName: $0.1.name), $0.0) > (ArmPart.rank(ofName: $1.1.name), $1.0)
    }.map(\.1)
    if let fastest = processor.kinds?.first { processor.model = Figure(fastest.name, source) }
  }

  /// Gives each core its part from `/proc/cpuinfo`, where sysfs has no identification register.
  private static func fillParts(_ topology: inout CPUTopology, _ info: CPUInfo) {
    var parts: [Int: Int] = [:]
    for block in info.cpus {
      guard let number = block["processor"].flatMap({ Int($0) }), let core = CPUInfo.armCore(block) else { continue }
      parts[number] = core.implementer << 12 | core.part
    }
    for index in topology.cores.indices where topology.cores[index].armPart == nil {
      topology.cores[index].armPart = topology.cores[index].threads.first.flatMap { parts[$0] }
    }
  }
}
