/// Memory channels of one package, by the processor's name.
///
/// From the makers' product pages. A processor that is not here has an unknown count, which is then taken from the slots.
enum MemoryChannelTable {
  /// Returns the 64-bit channels of a package, or nil where the processor is not in the table.
  static func channels(model: String?, product: String?) -> Int? {
    if let product, let count = byProduct[product] { return count }
    // Some firmware and newer parts write their names in capitals: `INTEL(R) XEON(R) GOLD 6430`.
    guard let model = model?.uppercased() else { return nil }
    if model.contains("EPYC") { return epyc(model) }
    if model.contains("THREADRIPPER") { return model.contains("PRO") ? 8 : 4 }
    if model.contains("XEON") { return xeon(model) }
    if model.contains("OPTERON") { return nil }
    if model.contains("RYZEN") { return model.contains("MAX") ? 4 : 2 }
    if model.contains("CORE(TM)") { return core(model) }
    return nil
  }

  /// Two, but for the processors of big sockets: `i9-10980XE`, `i7-7820X`, `i7-5960X`; `HX` is a laptop's.
  private static func core(_ model: String) -> Int? {
    if model.contains("X-SERIES") { return nil }
    let words = model.split { $0 == " " || $0 == "-" }
    guard let number = words.first(where: { $0.count >= 4 && $0.prefix(4).allSatisfy(\.isNumber) }) else { return 2 }
    let letters = number.drop(while: \.isNumber)
    guard letters == "X" || letters == "XE" else { return 2 }
    // The first of them had three channels (i7-980X) and are not told apart; Kaby Lake's had two.
    return ["7740X", "7640X"].contains(number) ? 2 : 4
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

  private static func xeon(_ model: String) -> Int? {
    if model.contains("E5-") { return 4 }
    if model.contains("E3-") || model.contains("E-2") { return 2 }
    if model.contains("E7-") { return 4 }
    if model.contains("MAX") { return 8 }
    if let workstation = workstation(model) { return workstation }
    // "Gold 6230", "Platinum 8480+", "6980P": the second digit is the generation.
    guard let number = number(model) else { return nil }
    if number.contains("P"), number[0] == "6" { return number[1] == "9" ? 12 : 8 }
    if number.contains("E"), number[0] == "6" { return number[1] == "9" ? 12 : 8 }
    let isScalable = ["BRONZE", "SILVER", "GOLD", "PLATINUM"].contains { model.contains($0) }
    guard isScalable else { return nil }
    switch number[1] {
    case "1", "2": return number[0] == "9" ? 12 : 6
    case "3": return number[0] == "8" && number.contains("H") ? 6 : 8
    case "4", "5": return 8
    default: return nil
    }
  }

  /// `W-2145`, `W-3345`, `w5-2465X`, `w9-3495X`, `D-2146NT`.
  private static func workstation(_ model: String) -> Int? {
    for word in model.split(separator: " ") {
      let parts = word.split(separator: "-")
      guard parts.count == 2, let kind = parts[0].first, kind == "W" || kind == "D", parts[0].count <= 2,
        let number = Int(parts[1].prefix { $0.isNumber }), number > 999
      else { continue }
      switch (kind, parts[0].count, number / 100) {
      case ("W", 1, 10...14): return 2
      case ("W", 1, 20...24): return 4
      case ("W", 1, 31...32): return 6
      case ("W", 1, 33...34), ("W", 2, 34...35): return 8
      case ("W", 2, 24...25): return 4
      case ("D", 1, 15...16): return 2
      case ("D", 1, 21...22), ("D", 1, 27...28): return 4
      default: return nil
      }
    }
    return nil
  }
}
