/// The keys of one model in GGUF's spelling without the architecture's prefix, whatever format they came from.
///
/// A `config.json` is translated into these first, so that one set of rules makes the layers of every format.
struct Hyperparameters: Sendable, Hashable {
  /// The architecture in GGUF's spelling.
  var architecture: String
  var numbers: [String: Double] = [:]
  /// Values that differ by layer; booleans as 0 and 1.
  var arrays: [String: [Double]] = [:]
  var texts: [String: String] = [:]

  init(architecture: String) { self.architecture = architecture }

  /// Returns a whole number, the first element where the key is an array.
  func int(_ key: String) -> Int? {
    let value = numbers[key] ?? arrays[key]?.first
    return value.flatMap(Self.count)
  }

  /// Returns the value for one layer: the element of an array, else the number for all.
  func int(_ key: String, layer: Int) -> Int? {
    guard let array = arrays[key] else { return numbers[key].flatMap(Self.count) }
    return array.indices.contains(layer) ? Self.count(array[layer]) : nil
  }

  /// A number as a count; nil above 2^31, which no model has of anything and whose products would overflow.
  private static func count(_ value: Double) -> Int? {
    abs(value) <= 2_147_483_648 ? Int(value.rounded()) : nil
  }

  /// Returns whether a per-layer flag is set; nil where the key is no array.
  func flags(_ key: String) -> [Bool]? { arrays[key]?.map { $0 != 0 } }

  mutating func set(_ key: String, _ value: Int?) {
    if let value { numbers[key] = Double(value) }
  }
}

extension Hyperparameters {
  /// Takes the keys of a header that begin with the architecture's name.
  init(_ header: GGUFHeader) {
    self.init(architecture: header.metadata["general.architecture"]?.string ?? "unknown")
    let prefix = architecture + "."
    for (key, value) in header.metadata where key.hasPrefix(prefix) {
      let name = String(key.dropFirst(prefix.count))
      if let number = value.number {
        numbers[name] = number
      } else if let array = value.array?.numbers {
        arrays[name] = array
      } else if let text = value.string {
        texts[name] = text
      }
    }
  }
}
