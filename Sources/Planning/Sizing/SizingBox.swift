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
  /// Machines that one server spans; each is one of those that are bought.
  var nodes = 1
  /// True for accelerators alone, which can be put into a box in several numbers.
  var isCounted: Bool
  var watts: Double?
  /// Of one box without its host; nil where it is not known, or is rented alone.
  var price: Double?
  var priceSource: String?
  /// The host that the parts are put into, where they are sold without one, and its price.
  var host: String?
  var hostPrice: Double?
  /// True where they need a host, and no price of one is known.
  var isWithoutHost = false
  static let withoutHost = ", accelerators without the host"
  /// What one box is rented for: on demand, reserved.
  var rents: [RentOffer] = []

  /// The box in words: `8x h100-sxm5-80gb`, `apple-m4-max-40core-128gb`.
  var words: String {
    if accelerators == 0, let memory = machine.memory.totalBytes, memory.source.kind == .assumed {
      return "\(name), \(memory.value)"
    }
    let each = isCounted && accelerators / nodes > 1 ? "\(accelerators / nodes)x \(name)" : name
    return nodes > 1 ? "\(nodes) nodes of \(each)" : each
  }

  /// So many of these as one, which one server spans.
  func joined(_ nodes: Int) -> SizingBox {
    guard nodes > 1, accelerators > 0 else { return self }
    var copy = self
    let times = Double(nodes)
    copy.nodes = nodes
    copy.accelerators *= nodes
    copy.watts = watts.map { $0 * times }
    copy.price = price.map { $0 * times }
    copy.hostPrice = hostPrice.map { $0 * times }
    copy.rents = rents.map { offer in
      var all = offer
      all.perHour *= times
      return all
    }
    return copy
  }

  /// Numbers that are tried where none were asked for.
  private static let usualCounts = [1, 2, 4, 8]

  /// The boxes that a machine stands for: itself, or an accelerator in the numbers that it is sold in.
  ///
  /// A part in another number can be had where it is rented by the hour. Numbers that were asked for are kept.
  static func boxes(
    of asked: Machine, counts: [Int]? = nil, costs: CostBasis = CostBasis(), rents: [String: [RentOffer]] = [:]
  ) -> [SizingBox] {
    let listed = listed(asked)
    let counts = listed.count.map { [$0] } ?? counts
    let machine = withMemory(listed.machine)
    let own = machine.accelerators.count
    let isCounted =
      own == 1 && machine.memory.totalBytes == nil && machine.accelerators.first?.sharesMemory != true
    let sold = machine.accelerators.first?.soldIn?.value
    let offers = offers(for: machine, costs, rents)
    func isSold(_ count: Int) -> Bool { sold?.contains(count) ?? true }
    let isRented = offers.contains { $0.isPerAccelerator }
    let usual = usualCounts.filter { isSold($0) || isRented }
    let numbers = counts ?? (usual.isEmpty ? Array((sold ?? usualCounts).prefix(1)) : usual)
    return (isCounted ? numbers : [own]).map { count in
      var box = SizingBox(
        machine: isCounted ? machine.holding(count) : machine, name: machine.name, accelerators: count,
        isCounted: isCounted)
      let times = Double(isCounted ? count : 1)
      box.watts = machine.watts.map { $0.value * times } ?? watts(of: machine, times: times)
      box.rents = offers.best(accelerators: count, isWhole: !isCounted || count == 1)
      guard machine.virtualMachine?.value != true, !isCounted || isSold(count) || counts != nil else {
        return box
      }
      let price = machine.price ?? (own == 1 ? machine.accelerators.first?.price : nil)
      if let price, price.isPurchase, let own = costs.converted(price.amount.value, from: price.currency) {
        box.price = own.amount * times * costs.scale
        let day = price.amount.source.date.map { " of \($0)" } ?? ""
        box.priceSource = "\(price.basis) price\(day)\(own.words)\(costs.scale == 1 ? "" : ", scaled")"
      }
      let hasHost =
        !isCounted || own == 0 || machine.cpu.model != nil || machine.accelerators.first?.sharesMemory == true
      if !hasHost { box.takeHost(of: costs, isBoard: sold.map { !$0.contains(1) } ?? false) }
      return box
    }
  }

  /// The machine as it is listed: `8x h100` is eight of the part `h100`, with its prices; else itself, and no count.
  static func listed(_ machine: Machine) -> (machine: Machine, count: Int?) {
    let count = machine.accelerators.count
    guard count > 1, let kind = machine.accelerators.first, let entry = kind.catalogue, kind.sharesMemory != true,
      machine.accelerators.allSatisfy({ $0.catalogue == entry }), machine.price == nil, machine.system == nil,
      machine.memory.totalBytes == nil, machine.cpu.model == nil, machine.cpu.cores == nil
    else { return (machine, nil) }
    var part = machine.holding(1)
    part.name = entry
    return (part, count)
  }

  /// Puts its parts into the smallest host that takes them, where prices of hosts are known.
  private mutating func takeHost(of costs: CostBasis, isBoard: Bool) {
    let found = costs.hosts.filter { $0.isForBoards == isBoard && $0.most >= accelerators }
      .min { ($0.most, $0.price.value) < ($1.most, $1.price.value) }
    if let found {
      host = found.words
      hostPrice = found.price.value * costs.scale
    } else if let largest = costs.hosts.filter({ $0.isForBoards == isBoard && $0.most > 0 }).max(by: {
      $0.most < $1.most
    }) {
      // More than any host takes: so many of the largest.
      let hosts = (accelerators + largest.most - 1) / largest.most
      host = "\(hosts) x \(largest.words)"
      hostPrice = Double(hosts) * largest.price.value * costs.scale
    } else {
      isWithoutHost = true
      priceSource = priceSource.map { "\($0)\(Self.withoutHost)" }
    }
  }

  /// Prices of an hour that are known for a machine: its own, those of its one accelerator, and those of lists.
  private static func offers(
    for machine: Machine, _ costs: CostBasis, _ rents: [String: [RentOffer]]
  ) -> [RentOffer] {
    let own = (machine.prices ?? []) + (machine.accelerators.count == 1 ? machine.accelerators[0].prices ?? [] : [])
    let seller = machine.system?.vendor?.value
    let entry = machine.accelerators.count == 1 ? machine.accelerators[0].catalogue : nil
    let listed = Set([machine.name, entry].compactMap { $0 }).flatMap { rents[$0] ?? [] }
    let all = own.compactMap { RentOffer($0, seller: seller, costs) } + listed
    return all.map { offer in
      var copy = offer
      copy.perHour *= costs.scale
      return copy
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
