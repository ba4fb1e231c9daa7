import Units

/// What PyTorch's and vLLM's `collect_env` tell beside lscpu's text and NVIDIA's list: AMD's and Intel's GPUs, and a Mac's chip.
enum EnvironmentDump: DumpReader {
  static let kind = "collect_env"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil,
      dump.lines.contains(where: { key($0) == "GPU models and configuration" || key($0) == "PyTorch version" })
    else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.tool)
    findings.machine.accelerators = intel(dump.lines, source)
    if findings.machine.accelerators.isEmpty, let device = amd(dump.lines, source) {
      findings.machine.accelerators = [device]
      findings.machine.warnings.append(
        "collect_env names one AMD GPU only, however many there are: amd-smi list names all")
    }
    describeMac(dump.lines, source, in: &findings.machine)
    return findings.isEmpty ? nil : findings
  }

  private static func key(_ line: Substring) -> String? { MachineText.pair(line)?.key }

  private static func value(_ name: String, _ lines: [Substring]) -> String? {
    lines.lazy.compactMap { MachineText.pair($0) }.first { $0.key == name }?.value
  }

  /// `GPU models and configuration: AMD Instinct MI300X (gfx942:sramecc+:xnack-)`.
  private static func amd(_ lines: [Substring], _ source: Source) -> Accelerator? {
    guard let text = value("GPU models and configuration", lines), let open = text.firstRange(of: " (gfx"),
      let name = MachineText.known(text[..<open.lowerBound])
    else { return nil }
    var device = Accelerator(vendor: Figure(.amd, source), model: Figure(name, source))
    let version = text[text.index(open.lowerBound, offsetBy: 2)...].prefix { $0.isLetter || $0.isNumber }
    device.architecture = Figure(String(version), source)
    return device
  }

  /// `* [0] _XpuDeviceProperties(name='Intel(R) Arc(TM) B580 Graphics', ..., total_memory=11873MB, ...)`.
  private static func intel(_ lines: [Substring], _ source: Source) -> [Accelerator] {
    lines.prefix(200_000).compactMap { line -> Accelerator? in
      guard line.contains("_XpuDeviceProperties("), let start = line.firstRange(of: "name='"),
        let end = line[start.upperBound...].firstIndex(of: "'")
      else { return nil }
      var device = Accelerator(
        vendor: Figure(.intel, source), model: Figure(String(line[start.upperBound..<end]), source))
      if let memory = line.firstRange(of: "total_memory=") {
        let amount = line[memory.upperBound...].prefix { $0 != "," && $0 != ")" }
        device.memoryBytes = NvidiaGPU.bytes(String(amount)).flatMap { $0 > .zero ? Figure($0, source) : nil }
      }
      return device
    }
  }

  /// On a Mac the block of the processor is its chip's name alone.
  private static func describeMac(_ lines: [Substring], _ source: Source, in machine: inout Machine) {
    guard let system = value("OS", lines), system.hasPrefix("macOS") else { return }
    machine.os = Figure(system, source)
    guard let place = lines.firstIndex(where: { key($0) == "CPU" || MachineText.trimmed($0) == "CPU Info" }) else {
      return
    }
    let chip = lines[place...].prefix(6).map { MachineText.trimmed($0) }.first { $0.hasPrefix("Apple ") }
    guard let chip, chip.count < 40 else { return }
    machine.cpu.model = Figure(chip, source)
    machine.cpu.vendor = Figure("Apple", source)
    machine.cpu.implementer = Figure("apple", source)
    machine.cpu.architecture = Figure("aarch64", source)
    machine.unifiedMemory = Figure(true, .computed, "an Apple processor")
    machine.accelerators = [.ofApple(chip, source)]
  }
}

extension Accelerator {
  /// The GPU that every Apple processor has on the same memory.
  static func ofApple(_ chip: String, _ source: Source) -> Accelerator {
    var gpu = Accelerator(vendor: Figure(.apple, source), model: Figure(chip, source))
    gpu.sharesMemory = true
    return gpu
  }
}
