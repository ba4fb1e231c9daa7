import Units

/// Parts of one AMD card that its driver lists as devices of their own (DPX, TPX, QPX, CPX), whichever tool listed them.
///
/// Tools print the whole card's name and bus for each part, so that eight parts would read eight times as fast as the card.
enum AMDPartitions {
  /// Gives parts of a card, which are functions of one PCI device or have one address, their share of what is the card's.
  ///
  /// A device whose share is already known is left as it is.
  static func share(_ devices: inout [Accelerator]) {
    let cards = Dictionary(
      grouping: devices.indices.filter { devices[$0].vendor.value == .amd && devices[$0].address != nil }
    ) { index in (devices[index].address?.value ?? "").prefix { $0 != "." } }
    for members in cards.values where members.count > 1 && members.allSatisfy({ devices[$0].partition == nil }) {
      share(card: members, in: &devices)
    }
  }

  /// Gives the parts of one card their shares: of memory by what each has, where that is known of all, else as of processors.
  ///
  /// - Parameter units: each part's processors; equal ones where nobody counted them.
  static func share(card members: [Int], units: [Int]? = nil, in devices: inout [Accelerator]) {
    let units = units ?? [Int](repeating: 1, count: members.count)
    let all = units.reduce(0.0) { $0 + Double($1) }
    guard all > 0 else { return }
    let memory = members.compactMap { devices[$0].memoryBytes?.value }
    let whole = memory.count == members.count ? memory.reduce(.zero, +) : .zero
    for (index, own) in zip(members, units) {
      let compute = Double(own) / all
      var partition = Partition(memoryShare: compute, computeShare: compute)
      if whole > .zero, let own = devices[index].memoryBytes?.value {
        partition.memoryShare = Double(own.bytes) / Double(whole.bytes)
        partition.cardBytes = whole
      }
      devices[index].take(partition, of: members.count)
    }
  }

  /// The share that a part has by the name of the card's mode; nil for a card in one piece, and for a name that says nothing.
  static func partition(mode: String?, model: String?) -> Partition? {
    let parts: Int
    switch mode?.uppercased() {
    case "DPX": parts = 2
    case "TPX": parts = 3
    case "QPX": parts = 4
    case "CPX":
      // One for each die that computes.
      let model = model ?? ""
      parts = model.contains("MI300A") ? 6 : model.contains("MI308") ? 4 : 8
    default: return nil
    }
    return Partition(memoryShare: 1 / Double(parts), computeShare: 1 / Double(parts))
  }
}

extension Accelerator {
  /// Becomes a part of a card whose bandwidth and power it was given.
  mutating func take(_ partition: Partition, of count: Int) {
    self.partition = partition
    watts = nil
    guard let whole = bandwidth else { return }
    bandwidth = Figure(
      whole.value * partition.memoryShare, .computed, "\(whole.source.detail), shared by \(count) partitions")
  }
}
