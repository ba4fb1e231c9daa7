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
  /// The longest that a maker's library or tool is waited for.
  private let patience: Duration

  /// Creates a probe; the default seams are the machine itself.
  public init(
    tree: any FileTree = DiskTree(), commands: any CommandRunner = SystemCommandRunner(),
    nvidia: any NvidiaManagement = NVMLLibrary(), intel: any IntelManagement = LevelZeroLibrary(),
    patience: Duration = .seconds(2)
  ) {
    self.tree = tree
    self.commands = commands
    self.nvidia = nvidia
    self.intel = intel
    self.patience = patience
    isLive = tree is DiskTree
  }

  /// The longest wait where no device of that maker is to be seen, and an answer would be a surprise.
  private static let shortPatience = Duration.milliseconds(120)

  /// Returns the machine.
  ///
  /// - Parameter isLimited: false to tell of the whole machine, whatever a container or an affinity mask leaves of it.
  public func probe(isLimited: Bool = true) async -> Machine {
    let clock = MonotonicClock()
    let started = clock.now()
    // The library is asked on a thread of its own while the kernel's files are read.
    let asked = TimeLimitedCall { [nvidia] in nvidia.reading() }
    let affinity = isLive && isLimited ? Self.affinity() : nil
    var findings = DumpRoots.linux(tree, affinity: affinity, isLimited: isLimited)
    var bindsMemory: Bool?
    if isLive, let topology = LiveTopology(devices: true) {
      bindsMemory = topology.mayBindMemory
      let knowsNodes = findings.contains { !$0.machine.numaNodes.isEmpty }
      findings = HwlocProbe.findings(topology, affinity: affinity, knowsNodes: knowsNodes) + findings
    }
    var warnings: [String] = []
    let hasNVIDIA = hasNVIDIADevice(findings)
    let limit = started + (hasNVIDIA ? patience : Self.shortPatience).nanosecondCount
    if let reading = await asked.answer(by: limit) {
      // A library without a card, as in many images, has nothing to tell.
      if let reading, hasNVIDIA || reading.failure == nil { findings.append(NVMLProbe.findings(reading)) }
    } else if hasNVIDIA {
      warnings.append(
        "NVIDIA's library did not answer within \(patience), so its GPUs are known from the PCI bus alone: run nvidia-smi, and see dmesg"
      )
    }
    // Loading Intel's drivers takes long where there is nothing of Intel's to ask.
    if findings.flatMap(\.machine.accelerators).contains(where: { $0.vendor.value == .intel }) {
      let asked = TimeLimitedCall { [intel] in intel.reading() }
      if let reading = await asked.answer(by: clock.now() + patience.nanosecondCount) {
        if let reading { findings.append(LevelZeroProbe.findings(reading)) }
      } else {
        warnings.append("Intel's Level Zero did not answer within \(patience): run xpu-smi discovery, and see dmesg")
      }
    }
    let commands = CommandProbe(commands: commands, patience: patience)
    let told = await commands.findings(for: findings)
    findings += told.findings
    #if os(macOS)
      findings += await commands.macOS()
    #endif
    var machine = MachineMerger.merge(
      findings, name: Self.hostName(tree) ?? "this machine", inputs: ["this machine"])
    machine.warnings += warnings + told.warnings
    tellBinding(bindsMemory, &machine)
    describeProcess(&machine)
    return machine
  }

  /// Says where binding to one of several nodes will be refused, before a server is planned so.
  private func tellBinding(_ bindsMemory: Bool?, _ machine: inout Machine) {
    guard let bindsMemory, machine.numaNodes.count(where: { !($0.cpus?.value.isEmpty ?? true) }) > 1 else { return }
    machine.bindsMemory = Figure(bindsMemory, .probed, "hwloc_set_membind")
    guard !bindsMemory else { return }
    machine.warnings.append(
      "this system refuses to bind memory to a NUMA node: servers are kept on a node's CPUs only; in a container, add "
        + "--cap-add SYS_NICE")
  }

  /// True where something of NVIDIA's is to be seen: on the PCI bus, or by the files of its drivers (WSL, Jetson, containers).
  private func hasNVIDIADevice(_ findings: [Findings]) -> Bool {
    if findings.flatMap(\.machine.accelerators).contains(where: { $0.vendor.value == .nvidia }) { return true }
    guard isLive else { return true }
    return !tree.list("/proc/driver/nvidia").isEmpty
      || tree.list("/dev").contains { $0.hasPrefix("nvidia") || $0 == "dxg" || $0.hasPrefix("nvhost") || $0 == "nvmap" }
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

extension Duration {
  /// The whole duration in nanoseconds.
  fileprivate var nanosecondCount: Int64 { Int64(self / .nanoseconds(1)) }
}
