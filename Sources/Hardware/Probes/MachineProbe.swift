#if os(Linux)
  import CLinux
#endif
public import Platform
import Units

/// Finds out what this machine is.
///
/// Nothing is measured and nothing needs a privilege; what could not be read is nil, with the command that would tell in
/// `unknowns`. Takes well under 300 ms.
public struct MachineProbe: Sendable {
  private let tree: any FileTree
  private let commands: any CommandRunner
  private let nvidia: any NvidiaManagement
  private let intel: any IntelManagement
  private let isLive: Bool

  /// Creates a probe; the default seams are the machine itself.
  public init(
    tree: any FileTree = DiskTree(), commands: any CommandRunner = SystemCommandRunner(),
    nvidia: any NvidiaManagement = NVMLLibrary(), intel: any IntelManagement = LevelZeroLibrary()
  ) {
    self.tree = tree
    self.commands = commands
    self.nvidia = nvidia
    self.intel = intel
    isLive = tree is DiskTree
  }

  /// Returns the machine.
  public func probe() async -> Machine {
    var findings = DumpRoots.linux(tree, affinity: isLive ? Self.affinity() : nil)
    if let reading = nvidia.reading() { findings.append(NVMLProbe.findings(reading)) }
    // Loading Intel's drivers takes long where there is nothing of Intel's to ask.
    if findings.flatMap(\.machine.accelerators).contains(where: { $0.vendor.value == .intel }),
      let reading = intel.reading()
    {
      findings.append(LevelZeroProbe.findings(reading))
    }
    let commands = CommandProbe(commands: commands)
    findings += await commands.findings(for: findings)
    #if os(macOS)
      findings += await commands.macOS()
    #endif
    var machine = MachineMerger.merge(
      findings, name: Self.hostName(tree) ?? "this machine", inputs: ["this machine"])
    describeProcess(&machine)
    return machine
  }

  /// What only a running program can ask: vector length, disk space.
  private func describeProcess(_ machine: inout Machine) {
    guard isLive else { return }
    #if os(Linux) && arch(arm64)
      let length = prctl(PR_SVE_GET_VL)
      if length > 0 { machine.cpu.sveBits = Figure(Int(length & 0xffff) * 8, .probed, "prctl PR_SVE_GET_VL") }
    #endif
    if machine.cpu.architecture == nil {
      #if arch(x86_64)
        machine.cpu.architecture = Figure("x86_64", .probed, "the running program")
      #elseif arch(arm64)
        machine.cpu.architecture = Figure("aarch64", .probed, "the running program")
      #endif
    }
  }

  private static func hostName(_ tree: any FileTree) -> String? {
    MachineText.known(tree.text("/proc/sys/kernel/hostname")) ?? MachineText.known(tree.text("/etc/hostname"))
  }

  /// The CPUs that this process may run on; nil where that can't be asked.
  static func affinity() -> CPUSet? {
    #if os(Linux)
      guard plimsoll_cpu_allowed(0) >= 0 else { return nil }
      let members = (0..<Int32(PLIMSOLL_CPU_LIMIT)).filter { plimsoll_cpu_allowed($0) == 1 }
      return members.isEmpty ? nil : CPUSet(members.map { Int($0) })
    #else
      return nil
    #endif
  }
}
