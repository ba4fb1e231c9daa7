/// One model of the catalogue: what is published about it, and the configuration that fixes its memory and speed.
public struct ModelEntry: Hashable, Sendable {
  /// What people use a model for.
  public enum Use: String, Hashable, Sendable, Codable, CaseIterable {
    case chat, code, reasoning, vision, multilingual, embedding, reranking
    case toolUse = "tool-use"
  }

  /// One published result. Results of different reporters or modes are not comparable with each other.
  public struct Score: Hashable, Sendable, Codable {
    public var benchmark: String
    public var score: Double
    /// What the row says of how it was measured: `thinking`, `5-shot`.
    public var mode: String?
    public var source: String
    /// The year, month or day of the source.
    public var date: String?
    public var reportedBy: String?
  }

  /// The catalogue's name: that of the repository without its owner, in lower case.
  public var name: String
  /// `org/name` on the Hub.
  public var repository: String
  /// Other names that mean this model.
  public var aliases: [String] = []
  public var maker: String
  public var family: String
  /// Distinct weights: a tied output is counted once, layers that predict further tokens are not.
  public var parameters: Int
  public var activeParameters: Int
  /// Tokens that it was trained for.
  public var contextLength: Int?
  /// Tokens that it takes with the scaling of positions that its maker states.
  public var contextExtended: Int?
  /// The SPDX name where there is one.
  public var license: String?
  /// True where the Hub asks for consent first; nil where that is not known.
  public var isGated: Bool?
  /// `2025-04-27` or `2025-04`.
  public var released: String?
  public var uses: [Use] = []
  /// True for those that a short list should hold first.
  public var isCore = false
  /// Downloads of a month as the Hub counts them, and the day of the count.
  public var monthlyDownloads: Int?
  public var downloadsDate: String?
  /// True where the weights that the configuration builds are within 1% of a published count.
  public var isVerified = false
  /// The published count that it was held against, and where from.
  public var publishedParameters: Int?
  public var verificationSource: String?
  /// Repositories with GGUF files of it.
  public var gguf: [String] = []
  /// Repositories that hold it in a quantized form, by the form's name: `FP8`, `AWQ 4-bit`.
  public var quantized: [String: String] = [:]
  public var scores: [Score] = []
  /// Where its facts are from.
  public var sources: [String] = []
  public var note: String?
  let config: JSONValue?

  /// True where its shape is known, so that it can be planned.
  public var hasConfiguration: Bool { config != nil }

  /// Reads an entry's file.
  ///
  /// - Throws: `ModelError` where the text is no JSON, or a fact that every entry has is missing or impossible.
  public init(parsing bytes: [UInt8], name: String) throws(ModelError) {
    let root = try JSONValue(parsing: bytes.span.bytes)
    func missing(_ key: String) -> ModelError {
      .malformed(format: "catalogue entry \(name)", offset: 0, cause: "it states no \(key)")
    }
    guard let repository = root["repository"]?.string, repository.contains("/") else { throw missing("repository") }
    guard let parameters = root["parameters"]?.int, parameters > 0 else { throw missing("parameters") }
    guard let maker = root["maker"]?.string else { throw missing("maker") }
    self.name = name
    self.repository = repository
    self.maker = maker
    self.parameters = parameters
    family = root["family"]?.string ?? maker
    activeParameters = min(parameters, root["activeParameters"]?.int ?? parameters)
    aliases = root.strings("aliases")
    contextLength = root["contextLength"]?.int
    contextExtended = root["contextExtended"]?.int
    license = root["license"]?.string
    isGated = root["gated"]?.bool
    released = root["released"]?.string
    uses = root.strings("tasks").compactMap { Use(rawValue: $0) }
    isCore = root["core"]?.bool ?? false
    monthlyDownloads = root["downloads"]?["monthly"]?.int
    downloadsDate = root["downloads"]?["date"]?.string
    isVerified = root["verified"]?.bool ?? false
    publishedParameters = root["verification"]?["published"]?.int
    verificationSource = root["verification"]?["source"]?.string
    gguf = root.strings("gguf")
    quantized = (root["quantized"]?.object ?? [:]).compactMapValues(\.string)
    scores = (root["scores"]?.array ?? []).compactMap { Score($0) }
    sources = root.strings("sources")
    note = root["note"]?.string
    config = root["config"].flatMap { $0.object == nil ? nil : $0 }
  }
}

extension ModelEntry: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, repository, aliases, maker, family, parameters, activeParameters, contextLength, contextExtended, license
    case released, monthlyDownloads, downloadsDate, publishedParameters, verificationSource, gguf, scores, sources, note
    case hasConfiguration
    case uses = "tasks"
    case isGated = "gated"
    case isCore = "core"
    case isVerified = "verified"
  }

  /// Writes every fact but the configuration, of which it says whether there is one.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(name, forKey: .name)
    try keys.encode(repository, forKey: .repository)
    try keys.encode(aliases, forKey: .aliases)
    try keys.encode(maker, forKey: .maker)
    try keys.encode(family, forKey: .family)
    try keys.encode(parameters, forKey: .parameters)
    try keys.encode(activeParameters, forKey: .activeParameters)
    try keys.encodeIfPresent(contextLength, forKey: .contextLength)
    try keys.encodeIfPresent(contextExtended, forKey: .contextExtended)
    try keys.encodeIfPresent(license, forKey: .license)
    try keys.encodeIfPresent(isGated, forKey: .isGated)
    try keys.encodeIfPresent(released, forKey: .released)
    try keys.encode(uses, forKey: .uses)
    try keys.encode(isCore, forKey: .isCore)
    try keys.encodeIfPresent(monthlyDownloads, forKey: .monthlyDownloads)
    try keys.encodeIfPresent(downloadsDate, forKey: .downloadsDate)
    try keys.encode(isVerified, forKey: .isVerified)
    try keys.encodeIfPresent(publishedParameters, forKey: .publishedParameters)
    try keys.encodeIfPresent(verificationSource, forKey: .verificationSource)
    try keys.encode(hasConfiguration, forKey: .hasConfiguration)
    try keys.encode(gguf, forKey: .gguf)
    try keys.encode(scores, forKey: .scores)
    try keys.encode(sources, forKey: .sources)
    try keys.encodeIfPresent(note, forKey: .note)
  }
}

extension ModelEntry.Score {
  fileprivate init?(_ value: JSONValue) {
    guard let benchmark = value["benchmark"]?.string, let score = value["score"]?.double,
      let source = value["source"]?.string
    else { return nil }
    self.init(
      benchmark: benchmark, score: score, mode: value["mode"]?.string, source: source, date: value["date"]?.string,
      reportedBy: value["reportedBy"]?.string)
  }
}

extension JSONValue {
  fileprivate func strings(_ key: String) -> [String] { (self[key]?.array ?? []).compactMap(\.string) }
}
