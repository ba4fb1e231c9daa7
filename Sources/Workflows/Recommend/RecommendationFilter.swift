import Models
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
  public var seesImages = false
  public var callsTools = false
  public var isMultilingual = false

  public init() {}

  func admits(_ entry: ModelEntry) -> Bool {
    suits(entry) && holds(entry.license, license) && holds(entry.maker, maker)
      && (since.map { (entry.released ?? "") >= $0 } ?? true)
      && (leastParameters.map { Double(entry.parameters) >= $0 } ?? true)
      && (mostParameters.map { Double(entry.parameters) <= $0 } ?? true)
      && (leastContext.map { longest(entry) >= $0 } ?? true)
      && (!seesImages || entry.uses.contains(.vision)) && (!callsTools || entry.uses.contains(.toolUse))
      && (!isMultilingual || entry.uses.contains(.multilingual))
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
      let weights = BenchmarkWeights.weights(for: .code)
      return uses.contains(.code) || entry.scores.contains { weights[$0.benchmark] != nil }
    }
  }

  private func longest(_ entry: ModelEntry) -> Int { max(entry.contextLength ?? 0, entry.contextExtended ?? 0) }

  private func holds(_ value: String?, _ part: String?) -> Bool {
    part.map { (value ?? "").plain.contains($0.plain) } ?? true
  }
}
