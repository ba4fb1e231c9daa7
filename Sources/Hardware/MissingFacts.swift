import Units

/// What a planner would like to know of a machine and does not, with the command that would tell.
enum MissingFacts {
  /// Adds them to the machine's unknowns.
  static func note(in machine: inout Machine, knowsAccelerators: Bool) {
    let memory = machine.memory
    // What a dump leaves out can be asked of its machine only, not of the one that this runs on.
    let isDump = machine.inputs != ["this machine"]
    func note(_ fact: String, _ reason: String, _ command: String) {
      machine.unknowns.append(
        UnknownFact(
          fact, reason: isDump ? "the input does not tell it" : reason,
          command: isDump ? "on that machine: \(command)" : command))
    }
    let isMac =
      machine.cpu.maker == .apple || machine.system?.vendor.map { Maker($0.value) } == .apple
      || machine.os?.value.contains("macOS") ?? false
    if machine.virtualMachine?.value != true {
      let (reason, command) =
        isMac
        ? ("not asked", "system_profiler SPMemoryDataType")
        : ("firmware tables are readable by root only", "sudo dmidecode --type memory")
      if memory.speedMTs == nil { note("memory.speedMTs", reason, command) }
      // An Apple processor's memory is on its package, and no tool counts its channels.
      if memory.channels == nil, !isMac { note("memory.channels", reason, command) }
    }
    if memory.bandwidth == nil { note("memory.bandwidth", "not measured yet", "plimsoll probe --measure") }
    if memory.totalBytes == nil { note("memory.totalBytes", "no input tells it", "cat /proc/meminfo") }
    if machine.accelerators.isEmpty, !knowsAccelerators {
      // A GPU on the package of a board by NVIDIA is on no bus that lists it.
      let isBoard = UnifiedMemory.isNVIDIABoard(machine)
      note(
        "accelerators", "no list of devices can be read",
        isMac ? "system_profiler SPDisplaysDataType" : isBoard ? "nvidia-smi -q -x" : "lspci -nn")
    }
    let unsized = machine.accelerators.indices.filter {
      machine.accelerators[$0].memoryBytes == nil && machine.accelerators[$0].sharesMemory != true
    }
    // A card in 63 partitions is one question, not 63.
    let byCommand = Dictionary(grouping: unsized) { machine.accelerators[$0].vendor.value.facts.memoryCommand }
    for (command, indices) in byCommand.sorted(by: { $0.value[0] < $1.value[0] }) {
      note("accelerators[\(CPUSet(indices).list)].memoryBytes", "only the driver's own tool tells", command)
    }
  }
}
