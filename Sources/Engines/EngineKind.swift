/// An engine by its name: `llama.cpp`, `vllm`... Open to engines of other modules, as a list of cases would not be.
///
/// Each engine's folder declares its own; `allCases` and names are those of the catalogue in force.
public struct EngineKind: Sendable, RawRepresentable {
  public let rawValue: String
  /// The engine itself.
  public let engine: any Engine

  /// Names an engine.
  public init(_ name: String, _ engine: any Engine) {
    rawValue = name
    self.engine = engine
  }

  /// Returns the engine that the catalogue knows by a name; nil where there is none.
  public init?(rawValue: String) {
    guard let engine = EngineCatalogue.all.first(where: { $0.kind.rawValue == rawValue }) else { return nil }
    self.init(rawValue, engine)
  }
}

extension EngineKind: Hashable {
  public static func == (left: EngineKind, right: EngineKind) -> Bool { left.rawValue == right.rawValue }
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

/// Coded as its name; a name that the catalogue does not know is refused.
extension EngineKind: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let kind = EngineKind(rawValue: name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(name) is not an engine; the engines are \(known)")
    }
    self = kind
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

extension EngineKind: CaseIterable {
  public static var allCases: [EngineKind] { EngineCatalogue.all.map(\.kind) }
}

extension EngineKind: CustomStringConvertible {
  public var description: String { rawValue }
}
