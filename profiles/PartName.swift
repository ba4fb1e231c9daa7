import Foundation

/// Names of parts as their makers, drivers and shops write them, brought to one form.
enum PartName {
  private static let noise: Set<String> = [
    "nvidia", "amd", "intel", "geforce", "tesla", "instinct", "radeon", "graphics", "generation", "gpu", "per",
    "edition",
    "corporation", "r", "tm", "hbm3", "hbm3e", "hbm2", "hbm2e", "oam", "data", "center", "jetson", "dgx", "spark",
    "t5000", "cpu", "processor", "habana", "quadro", "gb", "core", "platinum", "gold",
  ]

  /// Returns the words that tell a product: no maker, no amount of memory, `sxm5` and `sxm` alike.
  static func words(of name: String) -> Set<String> {
    var words: [String] = []
    // What is in parentheses is a second name: "Gaudi 2 (HL-225)".
    let plain = name.lowercased().replacing("+", with: "plus").replacing("(r)", with: " ").replacing("(tm)", with: " ")
    for piece in plain.prefix(while: { $0 != "(" }).split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      var word = String(piece)
      if word.hasPrefix("sxm") { word = "sxm" }
      if word == "ws" { word = "workstation" }
      if noise.contains(word) || isAmount(word) { continue }
      words.append(word)
    }
    // "Gaudi 2" and "gaudi2".
    if words.count == 2, words[0] == "gaudi" { words = ["gaudi" + words[1]] }
    var set = Set(words)
    // The system's name, where its chip's is not told.
    if plain.contains("dgx"), plain.contains("spark") { set.insert("gb10") }
    // Drivers name the form of the others only.
    let boards: Set = ["h100", "h200", "b200", "b300"]
    if !set.isDisjoint(with: boards), set.isDisjoint(with: ["pcie", "nvl", "sxm"]) { set.insert("sxm") }
    return set
  }

  /// Lists of PCI devices name the chip, and the product in brackets: `GA102 [GeForce RTX 3090]`.
  static func product(_ name: String) -> String {
    guard let open = name.firstIndex(of: "["), let close = name[open...].firstIndex(of: "]") else { return name }
    return String(name[name.index(after: open)..<close])
  }

  /// `80gb`, and `40core` of an Apple chip's GPU.
  private static func isAmount(_ word: String) -> Bool {
    for unit in ["gb", "gib", "core", "cores"] where word.hasSuffix(unit) {
      if Int(word.dropLast(unit.count)) != nil { return true }
    }
    return false
  }
}
