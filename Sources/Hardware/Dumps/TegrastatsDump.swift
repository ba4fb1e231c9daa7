import Units

/// `tegrastats` of a Jetson: `RAM 2448/7620MB (lfb 4x2MB) SWAP 0/3810MB CPU [2%@729,off,...] EMC_FREQ 0% GR3D_FREQ 0%`.
enum TegrastatsDump: DumpReader {
  static let kind = "tegrastats"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil,
      let line = dump.lines.first(where: { $0.contains("RAM ") && $0.contains("CPU [") && $0.contains("GR3D") })
    else { return nil }
    let source = Source(.probed, kind)
    var findings = Findings(.tool)
    let words = line.split(separator: " ")
    if let place = words.firstIndex(of: "RAM"), place + 1 < words.count {
      let amounts = words[place + 1].split(separator: "/").compactMap { MachineText.number($0).map { Int($0.value) } }
      if amounts.count == 2, amounts[1] > 0, amounts[0] <= amounts[1] {
        findings.machine.memory.totalBytes = Figure(.mebibytes(amounts[1]), source)
        findings.machine.memory.availableBytes = Figure(.mebibytes(amounts[1] - amounts[0]), source)
      }
    }
    if let place = words.firstIndex(of: "CPU"), place + 1 < words.count {
      let states = words[place + 1].split(separator: ",").filter { !$0.contains("off") }
      findings.machine.cpu.threads = Figure(states.count, source)
      findings.machine.cpu.cores = Figure(states.count, .computed, "\(kind): a Jetson's cores have one thread each")
    }
    findings.machine.cpu.architecture = Figure("aarch64", .computed, "\(kind) runs on Jetsons only")
    var gpu = Accelerator(vendor: Figure(.nvidia, source), model: Figure("Tegra (nvgpu)", source))
    gpu.sharesMemory = true
    findings.machine.accelerators = [gpu]
    findings.machine.unifiedMemory = Figure(true, .computed, "a Jetson: processor and GPU on one memory")
    return findings
  }
}
