import Units

/// What a planner would like to know of a machine and does not, with the command that would tell.
enum MissingFacts {
  /// Adds them to the machine's unknowns.
  static func note(in machine: inout Machine, knowsAccelerators: Bool) {
    let memory = machine.memory
    // What a dump leaves out can be asked of its machine only, not of the one that this runs on.
    let isDump = machine.inputs != ["this machine"]
    let told = machine.inputs.joined(separator: " ")
    func note(_ fact: String, _ reason: String, _ commands: String...) {
      // What the input already is would tell the same again.
      let command = commands.first { !isDump || !told.contains(tool($0)) }
      machine.unknowns.append(
        UnknownFact(
          fact, reason: isDump ? "the input does not say" : reason,
          command: command.map { isDump ? "on that machine: \($0)" : $0 }))
    }
    let isMac =
      machine.cpu.maker == .apple || machine.system?.vendor.map { Maker($0.value) } == .apple
      || machine.os?.value.contains("macOS") ?? false
    // The memory of these is soldered beside the chip: no tool tells its speed or counts its channels.
    let isBoard = UnifiedMemory.isBoardWithoutFirmwareTables(machine)
    if machine.virtualMachine?.value != true, !isBoard {
      if isMac {
        if memory.speedMTs == nil { note("memory.speedMTs", "not asked", "system_profiler SPMemoryDataType") }
      } else {
        let reason = "firmware tables are readable by root only"
        if memory.speedMTs == nil { note("memory.speedMTs", reason, "sudo dmidecode --type memory") }
        if memory.channels == nil { note("memory.channels", reason, "sudo dmidecode --type memory") }
      }
    }
    if memory.bandwidth == nil { note("memory.bandwidth", "not measured yet", "plimsoll probe --measure") }
    if memory.totalBytes == nil { note("memory.totalBytes", "no input says", "cat /proc/meminfo") }
    if machine.accelerators.isEmpty, !knowsAccelerators {
      // A GPU on the package of a board by NVIDIA is on no bus that lists it.
      let reason = "no list of devices can be read"
      if isMac {
        note("accelerators", reason, "system_profiler SPDisplaysDataType")
      } else if UnifiedMemory.isNVIDIABoard(machine) {
        note("accelerators", reason, "nvidia-smi -q -x")
      } else {
        note("accelerators", reason, "lspci -nn")
      }
    }
    let unsized = machine.accelerators.indices.filter {
      machine.accelerators[$0].memoryBytes == nil && machine.accelerators[$0].sharesMemory != true
    }
    // A card in 63 partitions is one question, not 63.
    let byCommand = Dictionary(grouping: unsized) { machine.accelerators[$0].vendor.value }
    for (maker, indices) in byCommand.sorted(by: { $0.value[0] < $1.value[0] }) {
      note(
        "accelerators[\(CPUSet(indices).list)].memoryBytes", "only the driver's own tool knows",
        maker.facts.memoryCommand, maker.facts.otherMemoryCommand ?? maker.facts.memoryCommand)
    }
  }

  /// What names a tool in the list of inputs: its own name, and of `nvidia-smi` the form of its output.
  private static func tool(_ command: String) -> String {
    let words = command.split(separator: " ").filter { $0 != "sudo" }.map { String($0) }
    guard words.first == "nvidia-smi" else { return words.first ?? command }
    return command.contains("-x") ? "nvidia-smi XML" : "nvidia-smi text"
  }
}
