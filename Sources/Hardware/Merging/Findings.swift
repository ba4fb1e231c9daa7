import Units

/// What one source tells of a machine, with the evidence that only makes sense beside that of other sources.
struct Findings {
  /// The facts; what the source does not tell is nil or empty.
  var machine = Machine(name: "")
  /// What tells processors with the same core apart.
  var evidence = ProcessorProduct()
  var modules: MemoryModules?
  /// True where an accelerator would have been among the facts, so that none means that there is none.
  var listsDevices = false
  /// Earlier ranks win where two sources tell the same fact.
  var rank: Rank

  /// Sources from the most to the least trusted. A tool of the maker knows its device better than a list of PCI devices;
  /// `live` is libhwloc's view of this machine.
  enum Rank: Int, Comparable {
    case vendorTool, live, kernel, topology, tool, firmware, list

    static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
  }

  init(_ rank: Rank) { self.rank = rank }

  /// True where the source told nothing at all.
  var isEmpty: Bool {
    !listsDevices && machine == Machine(name: machine.name) && modules == nil && evidence.names.isEmpty
      && evidence.part == nil && evidence.sockets == nil
      && !evidence.hasAmpereRoot
  }
}

extension Optional {
  /// Takes another value where there is none yet.
  mutating func fill(_ other: Wrapped?) {
    if self == nil { self = other }
  }
}
