/// The name of a part of a model as a `quantization_config` gives it: whole, with `*`, or after `re:` as an expression.
///
/// Prefixes differ between what wrote a configuration and what reads it (`model.language_model.`, `backbone.`), so names
/// are compared from `layers.` on.
struct ModulePattern: Sendable, Hashable {
  /// The name as it is compared.
  let text: String
  private let glob: [UInt8]

  /// Reads a name; nil for an expression that is more than a name with gaps.
  init?(_ text: String) {
    var text = text
    if text.hasPrefix("re:") {
      text = String(text.dropFirst(3))
      for (mark, plain) in [("\\.", "."), (".*", "*"), ("^", ""), ("$", "")] {
        text = text.replacing(mark, with: plain)
      }
      guard !text.utf8.contains(where: { "\\[](){}+?|".utf8.contains($0) }) else { return nil }
    }
    self.init(canonical: Self.canonical(text))
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
