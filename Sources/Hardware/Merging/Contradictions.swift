import Units

/// Signs that dumps which were given as one machine's are of different machines.
enum Contradictions {
  /// Returns a sentence for each thing on which two inputs disagree as no two views of one machine do.
  static func between(_ inputs: [(name: String, machine: Machine)]) -> [String] {
    var sentences: [String] = []
    for (index, later) in inputs.enumerated() {
      for earlier in inputs.prefix(index) {
        let found = [
          processors(earlier.machine.cpu, later.machine.cpu), memory(earlier.machine.memory, later.machine.memory),
          accelerators(earlier.machine.accelerators, later.machine.accelerators),
        ]
        for (what, one, other) in found.compactMap({ $0 }) {
          sentences.append(
            "\(earlier.name) and \(later.name) do not seem to be of one machine: \(what) \(one) in the first, \(other) in the "
              + "second")
        }
      }
    }
    let more = sentences.count - mostSentences
    return more > 0 ? sentences.prefix(mostSentences) + ["\(more) more such pairs of inputs"] : sentences
  }

  private static let mostSentences = 6

  private typealias Disagreement = (what: String, one: String, other: String)

  private static func processors(_ a: Processor, _ b: Processor) -> Disagreement? {
    if let one = a.implementer?.value, let other = b.implementer?.value, one != other {
      return ("a processor by", one, other)
    }
    // Arm's tools name the core, firmware the product; only x86 has one name for both.
    guard let one = a.model?.value, let other = b.model?.value, a.implementer?.value == b.implementer?.value,
      ["intel", "amd"].contains(a.implementer?.value ?? ""), differ(one, other)
    else { return nil }
    return ("the processor", one, other)
  }

  /// A kernel keeps a part of the memory to itself, a limit hides more: only twice as much is of another machine.
  private static func memory(_ a: MachineMemory, _ b: MachineMemory) -> Disagreement? {
    guard let one = a.totalBytes?.value, let other = b.totalBytes?.value, min(one, other) * 2 < max(one, other) else {
      return nil
    }
    return ("memory of", "\(one)", "\(other)")
  }

  /// Numbers of devices differ where there are partitions or some are passed to a guest; models and addresses do not.
  private static func accelerators(_ a: [Accelerator], _ b: [Accelerator]) -> Disagreement? {
    for vendor in Set(a.map(\.vendor.value)).intersection(b.map(\.vendor.value)).sorted() {
      let (one, other) = (a.filter { $0.vendor.value == vendor }, b.filter { $0.vendor.value == vendor })
      let (oneModels, otherModels) = (one.compactMap(\.model?.value), other.compactMap(\.model?.value))
      if let first = oneModels.first, let second = otherModels.first,
        !oneModels.contains(where: { name in otherModels.contains { !differ(name, $0) } })
      {
        return ("accelerators", "\(one.count) x \(first)", "\(other.count) x \(second)")
      }
      let (oneSeats, otherSeats) = (one.compactMap(\.address?.value), other.compactMap(\.address?.value))
      if let first = oneSeats.first, let second = otherSeats.first, Set(oneSeats).isDisjoint(with: otherSeats) {
        return ("accelerators", "at \(first)", "at \(second)")
      }
    }
    return nil
  }

  /// True where two names both hold numbers and share none: `Tesla T4` and `GA100 [A100 SXM4 40GB]`.
  private static func differ(_ one: String, _ other: String) -> Bool {
    let (a, b) = (numbers(one), numbers(other))
    return !a.isEmpty && !b.isEmpty && !a.contains { x in b.contains { x.hasPrefix($0) || $0.hasPrefix(x) } }
  }

  /// The words of a name that hold a digit, without amounts, clocks and counts of cores.
  private static func numbers(_ name: String) -> [String] {
    let units = ["gb", "gib", "ghz", "mhz", "core"]
    return name.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "." }.map { String($0) }.filter { word in
      word.contains(where: \.isNumber) && !units.contains { word.hasSuffix($0) } && word != "0"
    }
  }
}
