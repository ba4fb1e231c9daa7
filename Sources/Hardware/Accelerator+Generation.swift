import Units

extension Accelerator {
  /// The index in its machine of the accelerator that links and memory tables call `gpu0`, `gpu1`...; nil for other parts.
  public static func index(named name: String) -> Int? {
    guard name.hasPrefix("gpu"), let index = Int(name.dropFirst(3)), index >= 0 else { return nil }
    return index
  }

  /// Its name as measurements and generations spell it: letters and digits joined by hyphens, without the maker's.
  public var shortName: String { Self.shortName(catalogue ?? model?.value ?? vendor.value.name) }

  /// Returns a name's letters and digits joined by hyphens, without words that many products share.
  public static func shortName(_ name: String) -> String {
    name.lowercased().split { !($0.isLetter || $0.isNumber) }
      .filter { !["nvidia", "amd", "geforce", "intel", "radeon", "instinct", "tesla", "r", "tm"].contains($0) }
      .joined(separator: "-")
  }

  /// Its generation: by its architecture and its PCI device number, by its short name last.
  public func generation(called name: String) -> Generation? {
    let number = pciDevice?.value.split(separator: ":").last.flatMap { Int($0, radix: 16) }
    return vendor.value.facts.generations.generation(
      architecture: architecture?.value, pciDevice: number, slug: name)
  }

  /// The compute capability or instruction set that it has, else those of its generation; empty where neither is known.
  public var possibleArchitectures: [String] {
    if let architecture { return [architecture.value.lowercased()] }
    return generation(called: shortName)?.architectures ?? []
  }
}
