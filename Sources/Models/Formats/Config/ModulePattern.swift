/// The name of a part of a model as a `quantization_config` gives it: whole, with `*`, or after `re:` as an expression.
///
/// Prefixes differ between what wrote a configuration and what reads it (`model.language_model.`, `backbone.`), so names
/// are compared from `layers.` on.
struct ModulePattern: Sendable, Hashable {
  /// The name as it is compared.
  let text: String
  private let glob: [UInt8]

  /// Reads a name, or the names that an expression stands for; nil for one that is more than names with gaps and choices.
  static func all(_ text: String) -> [ModulePattern]? {
    guard text.hasPrefix("re:") else { return [ModulePattern(canonical: canonical(text))] }
    var text = String(text.dropFirst(3))
    // An expression holds from a name's beginning on, and may end before the name does.
    if text.hasSuffix("$") { text.removeLast() } else { text += ".*" }
    let plain = [
      ("(?:", "("), ("\\.", "."), ("\\d+", "*"), ("[0-9]+", "*"), (".*", "*"), (".+", "*"), ("^", ""), ("**", "*"),
    ]
    for (mark, meaning) in plain { text = text.replacing(mark, with: meaning) }
    guard let names = choices(in: text, limit: 64) else { return nil }
    let others = "\\[](){}+?|$".utf8
    guard !names.contains(where: { $0.utf8.contains { others.contains($0) } }) else { return nil }
    return names.map { ModulePattern(canonical: canonical($0)) }
  }

  /// Writes out each choice of `(a|b)`; nil where choices lie in each other, may be left out, or are too many.
  private static func choices(in text: String, limit: Int) -> [String]? {
    guard let open = text.firstIndex(of: "(") else { return [text] }
    let (before, rest) = (text[..<open], text[text.index(after: open)...])
    guard limit > 0, let close = rest.firstIndex(of: ")"), !rest[..<close].contains("(") else { return nil }
    let after = rest[rest.index(after: close)...]
    guard after.first.map({ !"*+?{".contains($0) }) ?? true else { return nil }
    var all: [String] = []
    for choice in rest[..<close].split(separator: "|", omittingEmptySubsequences: false) {
      guard let more = choices(in: String(before + choice + after), limit: limit - all.count - 1) else { return nil }
      all += more
    }
    return all.count <= limit ? all : nil
  }

  private init(canonical text: String) {
    self.text = text
    glob = Array("*.\(text).*".utf8)
  }

  /// True where the name leaves something open, or may stand anywhere.
  var isOpen: Bool { !text.hasPrefix("layers.") || text.contains("*") }

  /// The same part of every layer.
  var inAnyLayer: ModulePattern {
    let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
    return ModulePattern(canonical: pieces.map { Int($0) == nil ? $0 : "*" }.joined(separator: "."))
  }

  /// True where the module is named, or is part of what is named: a bare name is found anywhere, in whole pieces.
  func matches(_ module: ModuleName) -> Bool {
    // A gap at the end may stand for part of a piece: `linear_attn*`.
    Self.matches(module.bytes, glob) || (text.hasSuffix("*") && Self.matches(module.bytes, Array(glob.dropLast(2))))
  }

  /// Drops what precedes the layers, and the numbers of experts; names the parts of Nemotron's mixers by what they are.
  static func canonical(_ name: String) -> String {
    var name = name[...]
    if let layers = name.firstRange(of: "layers.") { name = name[layers.lowerBound...] }
    var pieces = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if let experts = pieces.firstIndex(of: "experts"), experts + 1 < pieces.count, Int(pieces[experts + 1]) != nil {
      pieces.remove(at: experts + 1)
    }
    if let mixer = pieces.firstIndex(of: "mixer"), mixer + 1 < pieces.count {
      switch pieces[mixer + 1] {
      case "q_proj", "k_proj", "v_proj", "o_proj": pieces[mixer] = "self_attn"
      case "experts", "shared_experts", "gate", "up_proj", "down_proj", "fc1_latent_proj", "fc2_latent_proj":
        pieces[mixer] = "mlp"
      default: break
      }
    }
    return pieces.joined(separator: ".")
  }

  /// Matches a name with one that has gaps, in time of at most the product of their lengths.
  private static func matches(_ name: [UInt8], _ glob: [UInt8]) -> Bool {
    var (at, place) = (0, 0)
    var retry: (at: Int, place: Int)?
    while at < name.count {
      if place < glob.count, glob[place] == UInt8(ascii: "*") {
        retry = (at, place + 1)
        place += 1
      } else if place < glob.count, glob[place] == name[at] {
        (at, place) = (at + 1, place + 1)
      } else if let last = retry {
        retry = (last.at + 1, last.place)
        (at, place) = (last.at + 1, last.place)
      } else {
        return false
      }
    }
    return glob[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
