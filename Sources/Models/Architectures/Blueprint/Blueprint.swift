import Foundation

/// How the transformers library builds the models of one `model_type`: what a missing key means, and every weight with
/// its dimensions as expressions of the configuration's keys.
///
/// The tables under `Blueprints/` are facts of the library's classes, written by `scripts/blueprints`.
struct Blueprint: Sendable {
  /// Weights of one form, one for each value of their loops for which the condition holds.
  struct Rule: Sendable {
    /// The name as the library has it, `{0}` and `{1}` standing for the numbers of the loops.
    var name: String
    /// How often: a key, the length of a list (`#key`), or a number.
    var loops: [String]
    /// For which numbers of the first loop; empty for all.
    var condition: String
    /// In the library's order: the contiguous dimension last.
    var dimensions: [String]
    /// Keys that must be set, or after `!` not be.
    var flags: [String]
  }

  /// What a missing key means: a value, or after `=` an expression of other keys of the same object.
  let defaults: JSONValue
  /// The class whose weights these are: `LlamaForCausalLM`.
  let className: String
  let rules: [Rule]

  /// Returns the blueprint of a `model_type`; nil where the library has no such class.
  static func named(_ modelType: String) -> Blueprint? {
    let isPlain = modelType.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
        || [0x2D, 0x2E, 0x5F].contains(byte)
    }
    // A configuration is a stranger's text: what it names becomes part of a path.
    guard isPlain, !modelType.isEmpty, modelType.count <= 64, !modelType.hasPrefix("."),
      let folder = Bundle.module.resourcePath,
      let data = FileManager.default.contents(atPath: "\(folder)/Blueprints/\(modelType).json")
    else { return nil }
    let bytes = [UInt8](data)
    guard let value = try? JSONValue(parsing: bytes.span.bytes) else { return nil }
    return Blueprint(value)
  }

  /// True where a weight depends on a key, in whichever part it stands.
  func heeds(_ key: String) -> Bool {
    rules.contains { rule in
      (rule.loops + rule.dimensions + rule.flags + [rule.condition]).contains { text in
        text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == key }
      }
    }
  }

  private init?(_ value: JSONValue) {
    guard let defaults = value["defaults"], let rules = value["weights"]?.array else { return nil }
    self.defaults = defaults
    className = value["class"]?.string ?? ""
    self.rules = rules.compactMap { row in
      guard let row = row.array, row.count == 5, let name = row[0].string, let loops = row[1].array,
        let condition = row[2].string, let dimensions = row[3].array, let flags = row[4].array
      else { return nil }
      return Rule(
        name: name, loops: loops.compactMap(\.string), condition: condition,
        dimensions: dimensions.compactMap(\.string),
        flags: flags.compactMap(\.string))
    }
  }
}
