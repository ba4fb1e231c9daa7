import Units

/// The text of macOS's `sysctl -a`, or of a part of it.
enum SysctlDump: DumpReader {
  static let kind = "macOS sysctl"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil,
      dump.lines.contains(where: {
        $0.hasPrefix("machdep.cpu.") || $0.hasPrefix("hw.memsize") || $0.hasPrefix("hw.perflevel0.")
      })
    else { return nil }
    var values: [String: String] = [:]
    for line in dump.lines.prefix(100_000) {
      // Older systems and `-e` write `key = value` and `key=value`.
      guard let (key, value) = MachineText.pair(line) ?? MachineText.pair(line, separator: "="), key.contains(".")
      else { continue }
      if values[key] == nil { values[key] = value }
    }
    return SysctlValues(values, source: Source(.probed, kind)).findings()
  }
}

/// What macOS's sysctl values tell; the same for a dump and for this machine.
struct SysctlValues {
  private let values: [String: String]
  private let source: Source

  init(_ values: [String: String], source: Source) {
    self.values = values
    self.source = source
  }

  private func integer(_ name: String) -> Int? { values[name].flatMap { MachineText.count($0) } }
  private func figure(_ name: String) -> Figure<Int>? {
    integer(name).flatMap { $0 > 0 ? Figure($0, source.kind, "\(source.detail) \(name)") : nil }
  }

  func findings() -> Findings {
    var findings = Findings(.kernel)
    var cpu = Processor()
    let brand = values["machdep.cpu.brand_string"]
    let isApple = brand?.hasPrefix("Apple") ?? (integer("hw.optional.arm64") == 1)
    cpu.model = brand.map { Figure($0, source) }
    cpu.vendor = (values["machdep.cpu.vendor"] ?? (isApple ? "Apple" : nil)).map { Figure($0, source) }
    cpu.implementer =
      (isApple ? .apple : cpu.maker)?.facts.implementer.map { Figure($0, source) }
    cpu.architecture = Figure(isApple ? "aarch64" : "x86_64", source)
    cpu.packages = figure("hw.packages")
    cpu.cores = figure("hw.physicalcpu") ?? figure("machdep.cpu.core_count")
    cpu.threads = figure("hw.logicalcpu") ?? figure("hw.ncpu") ?? figure("machdep.cpu.thread_count")
    cpu.features = features(isApple).map { Figure($0, source) }
    cpu.kinds = kinds()
    cpu.caches = caches()
    findings.machine.cpu = cpu
    findings.machine.memory.totalBytes = figure("hw.memsize").map { $0.map { ByteCount($0) } }
    // The limit that the user set for the GPU; 0 is the system's own, which only Metal tells.
    if let limit = integer("iogpu.wired_limit_mb"), limit > 0 {
      findings.machine.memory.acceleratorBytes = Figure(
        .mebibytes(limit), .probed, "\(source.detail) iogpu.wired_limit_mb")
    }
    if isApple, integer("kern.hv_vmm_present") != 1 { describeApple(brand, in: &findings.machine) }
    if let present = integer("kern.hv_vmm_present") { findings.machine.virtualMachine = Figure(present == 1, source) }
    if let model = values["hw.model"] {
      findings.machine.system = SystemIdentity(vendor: Figure("Apple", source), product: Figure(model, source))
    }
    let version =
      values["kern.osproductversion"].map { "macOS \($0)" } ?? values["kern.osrelease"].map { "Darwin \($0)" }
    findings.machine.os = version.map { Figure($0, source) }
    return findings
  }

  /// Every Apple processor has a GPU on the same memory.
  private func describeApple(_ brand: String?, in machine: inout Machine) {
    machine.unifiedMemory = Figure(true, .computed, "an Apple processor")
    guard let brand else { return }
    var gpu = Accelerator.ofApple(brand, source)
    gpu.usableBytes = machine.memory.acceleratorBytes
    machine.accelerators = [gpu]
    if gpu.usableBytes == nil {
      machine.unknowns.append(
        UnknownFact(
          "memory.acceleratorBytes", reason: "only Metal knows how much the GPU may use",
          command: "plimsoll probe, on that machine"))
    }
  }

  private func features(_ isApple: Bool) -> [String]? {
    if isApple {
      var names: [String] = []
      for (key, features) in CPUFeatures.fromMacOSArm.sorted(by: { $0.key < $1.key }) where integer(key) == 1 {
        names += features.filter { !names.contains($0) }
      }
      return names.isEmpty ? nil : names
    }
    let keys = ["machdep.cpu.features", "machdep.cpu.leaf7_features", "machdep.cpu.extfeatures"]
    let words = keys.flatMap { values[$0]?.split(separator: " ") ?? [] }
    return words.isEmpty ? nil : CPUFeatures.fromMacOS(intel: words)
  }

  private func kinds() -> [CoreKind]? {
    guard let count = integer("hw.nperflevels") ?? (values["hw.perflevel1.physicalcpu"] != nil ? 2 : nil),
      (2...8).contains(count)
    else { return nil }
    let usual = ["Performance", "Efficiency"]
    let kinds = (0..<count).compactMap { level -> CoreKind? in
      let name = values["hw.perflevel\(level).name"] ?? (level < usual.count ? usual[level] : "kind \(level)")
      guard let cores = figure("hw.perflevel\(level).physicalcpu") else { return nil }
      return CoreKind(name: name, cores: cores, threads: figure("hw.perflevel\(level).logicalcpu"))
    }
    return kinds.count > 1 ? kinds : nil
  }

  private func caches() -> [Cache]? {
    var caches: [Cache] = []
    for level in 0..<8 {
      let prefix = "hw.perflevel\(level)"
      guard let cores = integer("\(prefix).physicalcpu"), cores > 0 else { break }
      for (name, number, type) in [
        ("l1dcachesize", 1, "data"), ("l1icachesize", 1, "instruction"), ("l2cachesize", 2, "unified"),
      ] {
        guard let bytes = integer("\(prefix).\(name)"), bytes > 0 else { continue }
        let shared = number == 2 ? max(1, integer("\(prefix).cpusperl2") ?? 1) : 1
        caches.append(
          Cache(
            level: number, type: type, bytes: Figure(ByteCount(bytes), source),
            count: Figure((cores + shared - 1) / shared, source)))
      }
    }
    return caches.isEmpty ? nil : caches
  }
}

/// `system_profiler SPHardwareDataType SPDisplaysDataType`, as text or by `-json`.
enum SystemProfilerDump: DumpReader {
  static let kind = "macOS system_profiler"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    let source = Source(.probed, kind)
    if let json = dump.json {
      return json["SPHardwareDataType"] != nil || json["SPDisplaysDataType"] != nil ? fromJSON(json, source) : nil
    }
    guard dump.xml == nil else { return nil }
    guard dump.lines.contains(where: { $0.contains("Hardware Overview:") || $0.contains("Chipset Model:") }) else {
      guard isTranslated(dump.lines) else { return nil }
      throw .unsupported(
        path: dump.path, what: "system_profiler's output is not in English",
        remedy: "write it with: system_profiler -json SPHardwareDataType SPDisplaysDataType")
    }
    var hardware: [String: String] = [:]
    var displays: [[String: String]] = []
    for line in dump.lines {
      guard let (key, value) = MachineText.pair(line), !value.isEmpty else { continue }
      if key == "Chipset Model" { displays.append([:]) }
      if displays.isEmpty {
        if hardware[key] == nil { hardware[key] = value }
      } else {
        displays[displays.count - 1][key] = value
      }
    }
    var findings = Findings(.tool)
    describe(
      &findings.machine, chip: hardware["Chip"] ?? hardware["Processor Name"], memory: hardware["Memory"],
      model: hardware["Model Identifier"] ?? hardware["Model Name"],
      cores: hardware["Total Number of Cores"], source)
    findings.machine.accelerators = displays.compactMap { display in
      display["Chipset Model"].flatMap {
        accelerator($0, memory: display["VRAM (Total)"] ?? display["VRAM (Dynamic, Max)"], source)
      }
    }
    findings.machine.cpu.packages = hardware["Number of Processors"].flatMap { Int($0) }.map { Figure($0, source) }
    addGPU(to: &findings.machine, source)
    return findings
  }

  /// A model's identifier and a chip stay as they are in every language.
  private static func isTranslated(_ lines: [Substring]) -> Bool {
    let values = lines.prefix(200).compactMap {
      MachineText.pair($0)?.value ?? MachineText.pair($0, separator: "：")?.value
    }
    return values.contains { $0.hasPrefix("Mac") && $0.contains(",") && $0.count < 20 }
      && values.contains { $0.hasPrefix("Apple M") || $0.contains("Intel Core") }
  }

  /// Without the list of displays the chip tells its GPU, which every Apple processor has.
  private static func addGPU(to machine: inout Machine, _ source: Source) {
    guard machine.accelerators.isEmpty, machine.cpu.maker == .apple, let chip = machine.cpu.model else { return }
    machine.accelerators = [.ofApple(chip.value, source)]
  }

  private static func fromJSON(_ json: JSONValue, _ source: Source) -> Findings {
    var findings = Findings(.tool)
    let hardware = json["SPHardwareDataType"]?.array?.first
    describe(
      &findings.machine, chip: (hardware?["chip_type"] ?? hardware?["cpu_type"])?.string,
      memory: hardware?["physical_memory"]?.string,
      model: hardware?["machine_model"]?.string, cores: hardware?["number_processors"]?.string, source)
    findings.machine.accelerators = (json["SPDisplaysDataType"]?.array ?? []).prefix(64).compactMap { display in
      display["sppci_model"]?.string.flatMap { accelerator($0, memory: display["spdisplays_vram"]?.string, source) }
    }
    addGPU(to: &findings.machine, source)
    return findings
  }

  private static func describe(
    _ machine: inout Machine, chip: String?, memory: String?, model: String?, cores: String?, _ source: Source
  ) {
    machine.cpu.model = chip.map { Figure($0, source) }
    if chip?.hasPrefix("Apple") ?? false {
      machine.cpu.vendor = Figure("Apple", source)
      machine.cpu.implementer = Figure("apple", source)
      machine.unifiedMemory = Figure(true, .computed, "an Apple processor")
    }
    if let text = memory, let (value, unit) = MachineText.number(text), value > 0, value < 1e6, unit == "GB" {
      machine.memory.totalBytes = Figure(.gibibytes(Int(value)), source)
    }
    machine.system = SystemIdentity(vendor: Figure("Apple", source), product: model.map { Figure($0, source) })
    describeCores(cores, source, in: &machine.cpu)
  }

  /// `10 (8 performance and 2 efficiency)`, `18 (6 Super and 12 Performance)` or `proc 10:8:2`.
  private static func describeCores(_ text: String?, _ source: Source, in cpu: inout Processor) {
    guard let text else { return }
    let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
    guard let total = numbers.first, total > 0 else { return }
    cpu.cores = Figure(total, source)
    if cpu.maker == .apple { cpu.threads = Figure(total, source) }
    // The words name the kinds, strongest first; `proc 10:8:2` has none, and means those of all chips up to the M4.
    let words = text.split { !$0.isLetter }.map { String($0) }.filter { !["and", "proc"].contains($0.lowercased()) }
    let usual = ["Performance", "Efficiency"]
    let names =
      words.count == numbers.count - 1 ? words.map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() } : usual
    let counts = numbers.dropFirst().filter { $0 > 0 }
    guard counts.count > 1, counts.count <= names.count, counts.reduce(0, +) == total else { return }
    let strength = ["Super", "Performance", "Efficiency"]
    let kinds = zip(names, counts).map { CoreKind(name: $0, cores: Figure($1, source), threads: Figure($1, source)) }
    cpu.kinds = kinds.sorted { (strength.firstIndex(of: $0.name) ?? 1) < (strength.firstIndex(of: $1.name) ?? 1) }
  }

  private static func accelerator(_ model: String, memory: String?, _ source: Source) -> Accelerator? {
    let makers: [String: Maker] = ["Apple": .apple, "AMD": .amd, "Radeon": .amd, "NVIDIA": .nvidia, "GeForce": .nvidia]
    // Intel's own graphics of that time run nothing of use.
    guard let vendor = makers.first(where: { model.contains($0.key) })?.value else { return nil }
    var device = Accelerator(vendor: Figure(vendor, source), model: Figure(model, source))
    if vendor == .apple { device.sharesMemory = true }
    device.memoryBytes = NvidiaGPU.bytes(memory).map { Figure($0, source) }
    return device
  }
}
