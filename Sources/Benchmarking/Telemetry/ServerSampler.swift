public import Platform

/// Samples a server's processes and the machine they run on, from the kernel's files.
///
/// What a machine does not show (frequency in a virtual machine, energy without permission) stays nil.
public struct ServerSampler: Sendable {
  private let tree: any FileTree
  private let processes: [Int32]
  private let pageBytes: Int
  /// Clock ticks a second in `/proc/PID/stat`; 100 on every Linux in use.
  private let ticksPerSecond = 100.0
  private var lastTime: Int64?
  private var lastServerTicks: Int?
  private var lastMachine: (busy: Int, total: Int)?
  /// Nil where the server runs elsewhere: this machine's energy is not its energy.
  private var energy: EnergyCounter?
  private var acceleratorEnergy: AcceleratorEnergy?

  /// Creates a sampler; the processes are those started, their children are found at each sample.
  ///
  /// - Parameters:
  ///   - isServersMachine: false where the server runs on another machine, whose energy is not known here.
  ///   - accelerators: meters besides the kernel's own files.
  ///   - pageBytes: the kernel's pages, in which it counts memory; nil asks it.
  public init(
    tree: any FileTree = DiskTree(), processes: [Int32], isServersMachine: Bool = true,
    accelerators: [any AcceleratorMeter] = [], pageBytes: Int? = nil
  ) {
    self.tree = tree
    self.processes = processes
    self.pageBytes = pageBytes ?? Int(sysconf(Int32(_SC_PAGESIZE)))
    guard isServersMachine else { return }
    energy = EnergyCounter(tree: tree)
    acceleratorEnergy = AcceleratorEnergy([HwmonAccelerators(tree: tree)] + accelerators)
  }

  /// Takes a sample; shares of CPU time are since the sample before.
  public mutating func sample(at time: Int64) -> TelemetrySample {
    var sample = TelemetrySample(time: time)
    let family = descendants()
    if !family.isEmpty {
      sample.serverResidentBytes = family.compactMap { resident($0) }.reduce(0, +)
      let ticks = family.compactMap { self.ticks($0) }.reduce(0, +)
      if let before = lastServerTicks, let lastTime, time > lastTime, ticks >= before {
        sample.serverCPU = Double(ticks - before) / ticksPerSecond / (Double(time - lastTime) / 1e9)
      }
      lastServerTicks = ticks
    }
    if let machine = machineTicks() {
      if let before = lastMachine, machine.total > before.total {
        let share = Double(machine.busy - before.busy) / Double(machine.total - before.total)
        sample.machineCPU = share
        sample.otherCores = sample.serverCPU.map { max(0, share * Double(processorCount) - $0) }
      }
      lastMachine = machine
    }
    lastTime = time
    sample.availableBytes = available()
    sample.megahertz = megahertz()
    sample.celsius = celsius()
    sample.joules = energy?.joules()
    sample.acceleratorJoules = acceleratorEnergy?.joules(at: time)
    return sample
  }

  private func descendants() -> [Int32] {
    var found: [Int32] = []
    var open = processes
    while let process = open.popLast(), found.count < 256 {
      guard !found.contains(process), tree.read("/proc/\(process)/stat", limit: 16) != nil else { continue }
      found.append(process)
      for task in tree.list("/proc/\(process)/task").prefix(64) {
        let children = tree.text("/proc/\(process)/task/\(task)/children") ?? ""
        open += children.split(separator: " ").compactMap { Int32($0) }
      }
    }
    return found
  }

  private func resident(_ process: Int32) -> Int? {
    let fields = tree.text("/proc/\(process)/statm")?.split(separator: " ") ?? []
    return fields.count > 1 ? Int(fields[1]).map { $0 * pageBytes } : nil
  }

  private func ticks(_ process: Int32) -> Int? {
    // The name, in brackets, may hold anything: fields are counted from the last bracket.
    guard let text = tree.text("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
    return user + system
  }

  private func machineTicks() -> (busy: Int, total: Int)? {
    let line = tree.text("/proc/stat", limit: 512)?.split(separator: "\n").first ?? ""
    let values = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
    guard values.count >= 5 else { return nil }
    let total = values.reduce(0, +)
    return (total - values[3] - values[4], total)
  }

  /// Processors that are online.
  private var processorCount: Int {
    let lines = tree.text("/proc/stat", limit: 1 << 16)?.split(separator: "\n") ?? []
    return lines.count { $0.hasPrefix("cpu") && !$0.hasPrefix("cpu ") }
  }

  private func available() -> Int? {
    let lines = tree.text("/proc/meminfo")?.split(separator: "\n") ?? []
    guard let line = lines.first(where: { $0.hasPrefix("MemAvailable:") }) else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// The mean frequency of the first 16 processors.
  private func megahertz() -> Double? {
    let values = (0..<16).compactMap { number in
      tree.integer("/sys/devices/system/cpu/cpu\(number)/cpufreq/scaling_cur_freq").map { Double($0) / 1000 }
    }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The hottest of the processor's sensors.
  private func celsius() -> Double? {
    let chips = ["coretemp", "k10temp", "zenpower", "cpu_thermal"]
    var hottest: Double?
    for chip in tree.list("/sys/class/hwmon") {
      let folder = "/sys/class/hwmon/\(chip)"
      guard chips.contains(tree.text("\(folder)/name") ?? "") else { continue }
      for sensor in 1...32 {
        guard let value = tree.integer("\(folder)/temp\(sensor)_input") else { continue }
        hottest = max(hottest ?? -273, Double(value) / 1000)
      }
    }
    return hottest
  }
}

/// The processors' energy counters (RAPL), which run over and are readable only with permission.
struct EnergyCounter: Sendable {
  private let tree: any FileTree
  private let zones: [String]
  private var last: [String: Int] = [:]
  private var microjoules = 0.0

  init(tree: any FileTree) {
    self.tree = tree
    // Packages only: `intel-rapl:0`; its parts (`intel-rapl:0:1`) are counted in it.
    zones = tree.list("/sys/class/powercap").filter { $0.split(separator: ":").count == 2 }
  }

  /// Returns joules used since the first call; nil where no counter can be read.
  mutating func joules() -> Double? {
    var isKnown = false
    for zone in zones {
      let folder = "/sys/class/powercap/\(zone)"
      guard let now = tree.integer("\(folder)/energy_uj") else { continue }
      isKnown = true
      if let before = last[zone] {
        let range = tree.integer("\(folder)/max_energy_range_uj") ?? 0
        microjoules += Double(now >= before ? now - before : now - before + range)
      }
      last[zone] = now
    }
    return isKnown ? microjoules / 1e6 : nil
  }
}
