public import Models
public import Planning
import Units

/// Which models of the catalogue are considered.
public struct RecommendationFilter: Hashable, Sendable {
  public var use = Use.chat
  /// A part of the licence's name, in any case.
  public var license: String?
  /// A part of the maker's name, in any case.
  public var maker: String?
  /// Released on this day or later: `2025-06`.
  public var since: String?
  public var leastParameters: Double?
  public var mostParameters: Double?
  /// Tokens of context that have to fit.
  public var leastContext: Int?
  /// What it has to be for beside the use.
  public var task: ModelEntry.Use?
  public var seesImages = false
  public var callsTools = false
  public var isMultilingual = false

  public init() {}

  /// True for a year, a month or a day; everything would come before or after any other text.
  public static func isDay(_ text: String) -> Bool {
    text.wholeMatch(of: /\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?/) != nil
  }

  func admits(_ entry: ModelEntry) -> Bool {
    suits(entry) && holds(entry.license, license) && holds(entry.maker, maker)
      && (since.map { (entry.released ?? "") >= $0 } ?? true)
      && (leastParameters.map { Double(entry.parameters) >= $0 } ?? true)
      && (mostParameters.map { Double(entry.parameters) <= $0 } ?? true)
      && (leastContext.map { longest(entry) >= $0 } ?? true)
      && (task.map { entry.uses.contains($0) } ?? true) && (!seesImages || entry.uses.contains(.vision))
      && (!callsTools || entry.uses.contains(.toolUse))
      && (!isMultilingual || entry.uses.contains(.multilingual))
  }

  /// Refuses a license or a maker that no model of the catalogue has, which would leave an empty list unexplained.
  ///
  /// - Throws: `Failure` with those that there are.
  func check(_ all: [ModelEntry]) throws {
    func check(_ part: String?, _ what: String, _ value: (ModelEntry) -> String?) throws {
      guard let part, !all.contains(where: { holds(value($0), part) }) else { return }
      let counts = Dictionary(grouping: all.compactMap(value)) { $0 }.mapValues(\.count)
      let most = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(6).map(\.key)
      throw Failure(
        .usage, .nothingToPlan,
        "no model of the catalogue has a \(what) that contains \(printable(part).debugDescription)",
        remedy: "the most frequent are \(most.joined(separator: ", "))")
    }
    try check(license, "license", \.license)
    try check(maker, "maker", \.maker)
  }

  /// True for models that are made for the use, or were tested for it.
  private func suits(_ entry: ModelEntry) -> Bool {
    let uses = entry.uses
    switch use {
    case .embedding: return uses.contains(.embedding)
    case .vision: return uses.contains(.vision)
    case .chat: return uses.contains(.chat)
    case .rag: return uses.contains(.chat) && longest(entry) >= Use.rag.contextLength
    case .reasoning: return uses.contains(.reasoning)
    case .code:
      // Whoever chats well writes code too: what it is good for is estimated where it was not tested.
      let weights = BenchmarkWeights.weights(for: .code).merging(BenchmarkWeights.weights(for: .chat)) { $1 }
      return uses.contains(.code) || uses.contains(.chat) && entry.scores.contains { weights[$0.benchmark] != nil }
    }
  }

  private func longest(_ entry: ModelEntry) -> Int { max(entry.contextLength ?? 0, entry.contextExtended ?? 0) }

  private func holds(_ value: String?, _ part: String?) -> Bool {
    part.map { (value ?? "").plain.contains($0.plain) } ?? true
  }
}
