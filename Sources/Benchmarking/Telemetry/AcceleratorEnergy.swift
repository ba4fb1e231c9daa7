import Platform

/// What one accelerator says of its energy at a moment; what it does not say is nil.
public struct AcceleratorReading: Hashable, Sendable {
  /// Names the accelerator among those of its source.
  public var name: String
  /// A counter that only grows, from any start.
  public var joules: Double?
  /// Power at this moment.
  public var watts: Double?

  public init(name: String, joules: Double? = nil, watts: Double? = nil) {
    self.name = name
    self.joules = joules
    self.watts = watts
  }
}

/// Reads the energy of this machine's accelerators.
public protocol AcceleratorMeter: Sendable {
  func readings() -> [AcceleratorReading]
}

/// Cards whose drivers show their energy through hwmon: amdgpu, xe and i915.
///
/// A graphics part of a processor is left out: what it uses is in the processor's own counter.
struct HwmonAccelerators: AcceleratorMeter {
  private static let folder = "/sys/class/hwmon"
  private let tree: any FileTree

  init(tree: any FileTree) { self.tree = tree }

  func readings() -> [AcceleratorReading] {
    tree.list(Self.folder).compactMap { chip in
      switch tree.text("\(Self.folder)/\(chip)/name") {
      // Only a card has a power limit of its own; amdgpu gives a processor's part none.
      case "amdgpu" where value(chip, "power1_cap") != nil:
        let power = value(chip, "power1_average") ?? value(chip, "power1_input")
        return power.map { AcceleratorReading(name: chip, watts: $0) }
      // These two make a hwmon device for cards alone. The first counter is the card's, the second its chip's.
      case "xe", "i915":
        let energy = value(chip, "energy1_input") ?? value(chip, "energy2_input")
        return energy.map { AcceleratorReading(name: chip, joules: $0) }
      default: return nil
      }
    }
  }

  /// The kernel counts in millionths.
  private func value(_ chip: String, _ file: String) -> Double? {
    tree.integer("\(Self.folder)/\(chip)/\(file)").map { Double($0) / 1e6 }
  }
}

/// Adds up what accelerators use, from their counters, or from their power where they have none.
struct AcceleratorEnergy: Sendable {
  private let meters: [any AcceleratorMeter]
  private var last: [String: (time: Int64, reading: AcceleratorReading)] = [:]
  private var total = 0.0

  init(_ meters: [any AcceleratorMeter]) { self.meters = meters }

  /// Returns joules used since the first call; nil where no accelerator tells.
  ///
  /// - Parameter time: nanoseconds of any clock that only grows.
  mutating func joules(at time: Int64) -> Double? {
    var isKnown = false
    for (number, meter) in meters.enumerated() {
      for reading in meter.readings() where reading.joules != nil || reading.watts != nil {
        isKnown = true
        let name = "\(number) \(reading.name)"
        if let before = last[name] { total += Self.used(from: before, to: (time, reading)) }
        last[name] = (time, reading)
      }
    }
    return isKnown ? total : nil
  }

  /// A counter that fell was set back, as by a driver that was loaded again: what it counted in between is lost.
  private static func used(
    from before: (time: Int64, reading: AcceleratorReading), to now: (time: Int64, reading: AcceleratorReading)
  ) -> Double {
    if let from = before.reading.joules, let to = now.reading.joules { return max(0, to - from) }
    guard let from = before.reading.watts, let to = now.reading.watts, now.time > before.time else { return 0 }
    return max(0, (from + to) / 2) * Double(now.time - before.time) / 1e9
  }
}
