public import Platform

/// The shapes of models that measurements name without a file, found by their name.
public struct ReferenceShapes: Sendable {
  /// One kind of model; `names` are parts of names, lower case with hyphens.
  package struct Entry: Hashable, Sendable, Codable {
    package var names: [String]
    /// Parameters in 10^9, all and active.
    var parameters: Double
    var active: Double?
    var layers: Double
    var width: Double
    var queryWidth: Double
    var cacheElements: Double
    var fullLayers: Double?
    var window: Double?
    var vocabulary: Double
    var tied: Bool?
    var experts: Double?
    var usedExperts: Double?
    var latent: Bool?
  }

  package let entries: [Entry]

  /// Reads the table that ships with the efficiencies.
  public init(json: Data) throws {
    entries = try JSONDecoder().decode([Entry].self, from: json)
  }

  /// Reads `30b-a3b` out of a name: numbers before a `b` that ends a word, and such numbers after an `a`.
  package static func sizes(in name: String) -> (total: Double?, active: Double?) {
    var total: Double?
    var active: Double?
    for word in name.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == ".") }) where word.last == "b" {
      for part in word.split(separator: "b") {
        let isActive = part.first == "a"
        let digits = isActive ? part.dropFirst() : part.drop { $0.isLetter }
        guard let value = Double(digits.drop { $0 == "." }) else { continue }
        if isActive { active = active ?? value } else { total = total ?? value }
      }
    }
    return (total, active)
  }
}

extension ReferenceShapes.Entry {
  package var traits: ModelTraits {
    ModelTraits(
      parameters: parameters * 1e9, activeParameters: (active ?? parameters) * 1e9, layers: layers, width: width,
      queryWidth: queryWidth, cacheElements: cacheElements, fullLayers: fullLayers ?? layers,
      windowLayers: window == nil ? 0 : layers - (fullLayers ?? layers), window: window ?? 0, vocabulary: vocabulary,
      hasTiedEmbeddings: tied ?? false, experts: experts ?? 0, usedExperts: usedExperts ?? 0, isLatent: latent ?? false)
  }
}

extension String {
  /// Returns the text with one character in place of another.
  package func replacingAll(_ character: Character, with other: Character) -> String {
    String(map { $0 == character ? other : $0 })
  }
}

extension ReferenceShapes {
  /// Returns the traits of a model that a person names, or of an ordinary one of a size such as `70b` or `30b-a3b`.
  public func traits(named text: String) -> ModelTraits? {
    let name = text.lowercased().replacingAll("_", with: "-")
    if let known = entries.first(where: { entry in entry.names.contains { name.contains($0) } }) { return known.traits }
    let sizes = ReferenceShapes.sizes(in: name)
    guard let total = sizes.total, total > 0 else { return nil }
    return ModelTraits(ordinaryWith: total * 1e9, active: min(total, sizes.active ?? total) * 1e9)
  }
}
