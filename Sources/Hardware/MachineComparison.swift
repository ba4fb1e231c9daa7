public import Units

/// What changes from one machine to another, row by row: "what if I buy B".
public struct MachineComparison: Hashable, Sendable, Codable {
  /// One compared quantity; nil where a machine's figure is not known.
  public struct Row: Hashable, Sendable, Codable {
    public var name: String
    public var unit: String
    public var values: [Double?]
    public var sources: [Source?]
    /// Last over first, where both are known and the first is not zero.
    public var ratio: Double?
  }

  public var schema = "plimsoll.machine-comparison/1"
  public var machines: [String]
  public var rows: [Row]

  /// Compares machines in the order given.
  public init(_ all: [Machine]) {
    machines = all.map { $0.name }
    rows = (Self.quantities + Self.prices(of: all)).map { quantity in
      let figures = all.map { quantity.figure($0) }
      let values = figures.map { $0?.value }
      var ratio: Double?
      if let first = values.first ?? nil, let last = values.last ?? nil, first != 0, last != 0, values.count > 1 {
        ratio = last / first
      }
      return Row(
        name: quantity.name, unit: quantity.unit, values: values, sources: figures.map { $0?.source }, ratio: ratio)
    }.filter { row in row.values.contains { $0 ?? 0 != 0 } }
  }

  private struct Quantity: Sendable {
    var name: String
    var unit: String
    var figure: @Sendable (Machine) -> Figure<Double>?
  }

  private static let quantities: [Quantity] = [
    Quantity(name: "memory", unit: "GiB") { $0.memory.totalBytes.map { $0.map { $0.gibibytes } } },
    Quantity(name: "memory bandwidth", unit: "GB/s") { $0.memory.bandwidth.map { $0.map { $0 / 1e9 } } },
    Quantity(name: "cores", unit: "") { $0.cpu.cores.map { $0.map { Double($0) } } },
    Quantity(name: "accelerators", unit: "") { machine in
      machine.unknowns.contains { $0.fact == "accelerators" }
        ? nil : Figure(Double(machine.accelerators.count), .computed, "accelerators in the profile")
    },
    Quantity(name: "accelerator memory", unit: "GiB") {
      sum($0.accelerators) { $0.memoryBytes.map { $0.map { $0.gibibytes } } }
    },
    Quantity(name: "accelerator bandwidth", unit: "GB/s") {
      sum($0.accelerators) { $0.bandwidth.map { $0.map { $0 / 1e9 } } }
    },
    Quantity(name: "dense FP16/BF16", unit: "TFLOPS") { machine in
      sum(machine.accelerators) { $0.teraOperationsPerSecond?["bf16"] ?? $0.teraOperationsPerSecond?["fp16"] }
    },
    Quantity(name: "dense FP8", unit: "TFLOPS") { sum($0.accelerators) { rate($0, "fp8") { $0.multipliesFP8 } } },
    Quantity(name: "dense FP4", unit: "TFLOPS") { sum($0.accelerators) { rate($0, "fp4") { $0.multipliesFP4 } } },
    Quantity(name: "scale-up link, one direction", unit: "GB/s") {
      $0.accelerators.first?.interconnectGigabytesPerSecond
    },
    Quantity(name: "processor power", unit: "W") { $0.cpu.watts },
    Quantity(name: "accelerator power", unit: "W") { sum($0.accelerators) { $0.watts } },
    Quantity(name: "whole machine's power", unit: "W") { $0.watts },
  ]

  /// Operations of a type that not every generation multiplies: none where a generation that is known has no units for it.
  private static func rate(
    _ accelerator: Accelerator, _ type: String, _ multiplies: (Generation) -> Bool?
  ) -> Figure<Double>? {
    if let stated = accelerator.teraOperationsPerSecond?[type] { return stated }
    guard accelerator.teraOperationsPerSecond != nil,
      let generation = accelerator.generation(called: accelerator.shortName), multiplies(generation) != true
    else { return nil }
    return Figure(0, .computed, "\(generation.name) has no units for \(type)")
  }

  /// One row for each currency and kind of price, since no two of them can be compared.
  private static func prices(of all: [Machine]) -> [Quantity] {
    let kinds = Set(
      all.flatMap { [$0.price] + $0.accelerators.map(\.price) }.compactMap { $0 }.map { [$0.basis, $0.currency] })
    return kinds.sorted { $0.lexicographicallyPrecedes($1) }.map { kind in
      @Sendable func amount(_ price: Price?) -> Figure<Double>? {
        price.flatMap { [$0.basis, $0.currency] == kind ? $0.amount : nil }
      }
      return Quantity(name: "\(kind[0]) price", unit: kind[1]) { machine in
        amount(machine.price) ?? sum(machine.accelerators) { amount($0.price) }
      }
    }
  }

  /// The sum over all accelerators; nil where one of them does not say.
  private static func sum(_ all: [Accelerator], _ figure: (Accelerator) -> Figure<Double>?) -> Figure<Double>? {
    let figures = all.map(figure)
    guard let first = figures.first ?? nil else { return nil }
    var total = 0.0
    for each in figures {
      guard let each else { return nil }
      total += each.value
    }
    return Figure(total, first.source)
  }
}
