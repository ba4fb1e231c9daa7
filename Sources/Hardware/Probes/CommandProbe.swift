import Platform
import Units

#if canImport(Metal)
  import Metal
#endif

/// What makers' programs tell where the kernel does not: `hl-smi`, `xpu-smi`, and on macOS `sysctl` and `vm_stat`.
struct CommandProbe {
  let commands: any CommandRunner

  /// Asks only those programs whose devices the kernel lists without their memory.
  func findings(for known: [Findings]) async -> [Findings] {
    let devices = known.flatMap(\.machine.accelerators).filter { $0.memoryBytes == nil && $0.sharesMemory != true }
    var found: [Findings] = []
    if devices.contains(where: { $0.vendor.value == .habana }) { found += await read(HlSMIDump.self, "hl-smi", []) }
    if devices.contains(where: { $0.vendor.value == .intel }) {
      found += await read(XpuSMIDump.self, "xpu-smi", ["discovery", "-j"])
    }
    if devices.contains(where: { $0.vendor.value == .amd }) {
      found += await read(AmdSMIDump.self, "amd-smi", ["static", "--json"])
    }
    return found
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
    guard let done = await commands.run(program, arguments, timeout: .seconds(5)), done.exitCode == 0,
      let dump = try? DumpText(path: program, bytes: Array(done.output.utf8)), let found = try? reader.read(dump)
    else { return [] }
    return [found]
  }
}
