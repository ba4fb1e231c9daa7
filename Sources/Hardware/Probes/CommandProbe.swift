import Platform
import Units

#if canImport(Metal)
  import Metal
#endif

/// What makers' programs tell where the kernel does not: `hl-smi`, `xpu-smi`, and on macOS `sysctl` and `vm_stat`.
struct CommandProbe {
  let commands: any CommandRunner
  /// The longest that a program is waited for.
  var patience = Duration.seconds(2)

  /// What the programs told, and a sentence on each that did not end.
  struct Answer {
    var findings: [Findings] = []
    var warnings: [String] = []
  }

  /// Asks only those programs whose devices the kernel lists without their memory.
  func findings(for known: [Findings]) async -> Answer {
    let devices = known.flatMap(\.machine.accelerators).filter { $0.memoryBytes == nil && $0.sharesMemory != true }
    var answer = Answer()
    if devices.contains(where: { $0.vendor.value == .habana }) {
      await ask(HlSMIDump.self, "hl-smi", [], &answer)
    }
    if devices.contains(where: { $0.vendor.value == .intel }) {
      await ask(XpuSMIDump.self, "xpu-smi", ["discovery", "-j"], &answer)
    }
    if devices.contains(where: { $0.vendor.value == .amd }) {
      await ask(AmdSMIDump.self, "amd-smi", ["static", "--json"], &answer)
    }
    return answer
  }

  private func ask(
    _ reader: any DumpReader.Type, _ program: String, _ arguments: [String], _ answer: inout Answer
  ) async {
    let clock = MonotonicClock()
    let start = clock.now()
    let found = await read(reader, program, arguments)
    answer.findings += found
    // A program that is not there fails at once.
    if found.isEmpty, Duration.nanoseconds(clock.now() - start) >= patience {
      answer.warnings.append("\(program) did not end within \(patience) and was stopped: run it by hand, and see dmesg")
    }
  }

  /// A Mac has no file tree that tells of it.
  func macOS() async -> [Findings] {
    var found = await read(SysctlDump.self, "sysctl", ["-a"])
    guard !found.isEmpty else { return [] }
    if let done = await commands.run("vm_stat"), done.exitCode == 0, let free = Self.available(done.output) {
      found[0].machine.memory.availableBytes = Figure(free, .probed, "vm_stat")
    }
    #if canImport(Metal)
      if let device = MTLCreateSystemDefaultDevice(), device.hasUnifiedMemory {
        let bytes = ByteCount(exactly: device.recommendedMaxWorkingSetSize)
        found[0].machine.memory.acceleratorBytes = bytes.map {
          Figure($0, .probed, "Metal recommendedMaxWorkingSetSize")
        }
        for index in found[0].machine.accelerators.indices {
          found[0].machine.accelerators[index].usableBytes = found[0].machine.memory.acceleratorBytes
        }
        found[0].machine.unknowns.removeAll { $0.fact == "memory.acceleratorBytes" }
      }
    #endif
    return found
  }

  /// Free, inactive, speculative and purgeable pages can be had by a program.
  static func available(_ text: String) -> ByteCount? {
    let lines = text.split(separator: "\n")
    guard let head = lines.first, let size = head.split(separator: " ").compactMap({ Int($0) }).first, size > 0 else {
      return nil
    }
    let wanted: Set = ["Pages free", "Pages inactive", "Pages speculative", "Pages purgeable"]
    let pages = lines.compactMap { MachineText.pair($0) }.filter { wanted.contains($0.key) }
      .compactMap { Int($0.value.filter(\.isNumber)) }
    return pages.isEmpty ? nil : ByteCount(size) * pages.reduce(0, +)
  }

  private func read(_ reader: any DumpReader.Type, _ program: String, _ arguments: [String]) async -> [Findings] {
    guard let done = await commands.run(program, arguments, timeout: patience), done.exitCode == 0,
      let dump = try? DumpText(path: program, bytes: Array(done.output.utf8)), let found = try? reader.read(dump)
    else { return [] }
    return [found]
  }
}
