import Engines
import Hardware
import Units

/// A box as it could be bought: a machine of the catalogue, or so many accelerators in a host that is not stated.
struct SizingBox: Sendable {
  /// The box as a machine, with all its accelerators.
  var machine: Machine
  /// The machine's name as it is listed.
  var name: String
  /// 0 where the processor computes.
  var accelerators: Int
  /// True for accelerators alone, which can be put into a box in several numbers.
  var isCounted: Bool
  var watts: Double?
  var price: Double?
  var priceSource: String?

  /// The box in words: `8x h100-sxm5-80gb`, `apple-m4-max-40core-128gb`.
  var words: String {
    if accelerators == 0, let memory = machine.memory.totalBytes, memory.source.kind == .assumed {
      return "\(name), \(memory.value)"
    }
    return isCounted && accelerators > 1 ? "\(accelerators)x \(name)" : name
  }

  /// The boxes that a machine stands for: itself, or an accelerator in several numbers.
  static func boxes(of listed: Machine, counts: [Int]) -> [SizingBox] {
    let machine = withMemory(listed)
    let own = machine.accelerators.count
    let isCounted =
      own == 1 && machine.memory.totalBytes == nil && machine.accelerators.first?.sharesMemory != true
    return (isCounted ? counts : [own]).map { count in
      var box = SizingBox(
        machine: isCounted ? machine.holding(count) : machine, name: machine.name, accelerators: count,
        isCounted: isCounted)
      let times = Double(isCounted ? count : 1)
      box.watts = machine.watts.map { $0.value * times } ?? watts(of: machine, times: times)
      let price = machine.price ?? (own == 1 ? machine.accelerators.first?.price : nil)
      box.price = price.map { $0.amount.value * times }
      let hasHost = own == 0 || machine.cpu.model != nil || machine.accelerators.first?.sharesMemory == true
      box.priceSource = price.map { "\($0.basis)\(hasHost ? "" : ", accelerators without the host")" }
      return box
    }
  }

  /// What the parts of a machine draw that does not state its own power.
  ///
  /// A host around accelerators takes about 300 W where its processors are not stated, and a tenth of what they take.
  private static func watts(of machine: Machine, times: Double) -> Double? {
    guard !machine.accelerators.isEmpty else { return machine.cpu.watts?.value }
    let each = machine.accelerators.compactMap { $0.watts?.value }
    guard each.count == machine.accelerators.count else { return nil }
    let all = each.reduce(0, +) * times
    return machine.accelerators[0].sharesMemory == true ? all : all * 1.1 + (machine.cpu.watts?.value ?? 300)
  }

  /// Gives a processor that is listed without memory 16 GiB in each channel, so that there is something to size.
  private static func withMemory(_ listed: Machine) -> Machine {
    guard listed.accelerators.isEmpty, listed.memory.totalBytes == nil, listed.memory.limitBytes == nil,
      let channels = listed.memory.channels?.populated?.value, (1...64).contains(channels)
    else { return listed }
    var machine = listed
    machine.memory.totalBytes = Figure(.gibibytes(16 * channels), .assumed, "16 GiB in each channel")
    return machine
  }
}

extension Machine {
  /// The machine with so many accelerators of its one kind, linked as they say.
  func holding(_ count: Int) -> Machine {
    guard let kind = accelerators.first, count != accelerators.count else { return self }
    var copy = self
    copy.name = "\(count)x \(name)"
    copy.accelerators = Array(repeating: kind, count: count)
    copy.links = []
    copy.linkPeers(0..<count)
    return copy
  }
}
