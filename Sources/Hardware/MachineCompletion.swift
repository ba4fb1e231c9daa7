import Units

/// Conclusions that need several sources at once: drawn after all facts of a machine are together.
enum MachineCompletion {
  static func complete(_ machine: inout Machine) {
    noteUnknowns(&machine)
  }

  /// Lists what a planner would like to know and does not, with the command that would tell.
  private static func noteUnknowns(_ machine: inout Machine) {
    let memory = machine.memory
    if memory.speedMTs == nil, machine.virtualMachine?.value != true {
      machine.unknowns.append(
        UnknownFact(
          "memory.speedMTs", reason: "firmware tables are readable by root only", command: "sudo plimsoll probe"))
    }
    if memory.bandwidth == nil {
      machine.unknowns.append(
        UnknownFact("memory.bandwidth", reason: "not measured yet", command: "plimsoll probe --measure"))
    }
    if memory.totalBytes == nil {
      machine.unknowns.append(
        UnknownFact("memory.totalBytes", reason: "no input tells it", command: "cat /proc/meminfo"))
    }
  }
}
