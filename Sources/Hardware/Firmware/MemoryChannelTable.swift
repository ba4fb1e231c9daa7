/// Memory channels of one package, by the processor's name.
///
/// From the makers' product pages. A processor that is not here has an unknown count, which is then taken from the slots.
enum MemoryChannelTable {
  /// Returns the 64-bit channels of a package, or nil where the processor is not in the table.
  static func channels(model: String?, product: String?) -> Int? {
    if let product, let count = byProduct[product] { return count }
    guard let model else { return nil }
    if model.contains("EPYC") { return epyc(model) }
    if model.contains("Threadripper") { return threadripper(model) }
    if model.contains("Xeon") { return xeon(model) }
    if model.contains("Opteron") { return nil }
    if model.contains("Ryzen") || model.contains("RYZEN") { return model.uppercased().contains("MAX") ? 4 : 2 }
    if model.contains("Core(TM)") && !model.contains("X-series") { return 2 }
    return nil
  }

  private static let byProduct: [String: Int] = [
    "Altra": 8, "Altra Max": 8, "AmpereOne X": 8, "AmpereOne M": 12, "Graviton2": 8, "Graviton3": 8, "Graviton4": 12,
    "Kunpeng 920": 8,
  ]

  /// The first run of at least four characters that starts with a digit: `9654`, `7V73X`, `9V33X`.
  private static func number(_ model: String) -> [Character]? {
    model.split { $0 == " " || $0 == "-" }.first { $0.count >= 4 && $0.first?.isNumber ?? false }.map { Array($0) }
  }

  private static func epyc(_ model: String) -> Int? {
    guard let number = number(model) else { return nil }
    switch (number[0], number[3]) {
    case ("9", _): return 12
    case ("8", _): return 6
    case ("7", _): return 8
    case ("4", _), ("3", _): return number[0] == "4" ? 2 : 4
    default: return nil
    }
  }

  private static func threadripper(_ model: String) -> Int? {
    model.contains("PRO") ? 8 : 4
  }

  private static func xeon(_ model: String) -> Int? {
    if model.contains("E5-") { return 4 }
    if model.contains("E3-") || model.contains("E-2") { return 2 }
    if model.contains("Max") { return 8 }
    // "Gold 6230", "Platinum 8480+", "6980P": the second digit is the generation.
    guard let number = number(model) else { return nil }
    if number.contains("P"), number[0] == "6" { return number[1] == "9" ? 12 : 8 }
    if number.contains("E"), number[0] == "6" { return number[1] == "9" ? 12 : 8 }
    let isScalable = ["Bronze", "Silver", "Gold", "Platinum"].contains { model.contains($0) }
    guard isScalable else { return nil }
    switch number[1] {
    case "1", "2": return 6
    case "3": return number[0] == "8" && number.contains("H") ? 6 : 8
    case "4", "5": return 8
    default: return nil
    }
  }
}
