/// A reason code with the sentence that a person reads.
public struct Reason: Hashable, Sendable, Codable {
  public var code: ReasonCode
  /// One sentence, with the figures that decided.
  public var message: String
  /// The nearest thing that would work, or what to do, where there is one.
  public var remedy: String?
  /// The code as another version wrote it, while `code` is `unrecognized`: a record is stored again as it was read.
  private var storedCode: String?

  public init(_ code: ReasonCode, _ message: String, remedy: String? = nil) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  private enum CodingKeys: CodingKey { case code, message, remedy }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let name = try values.decode(String.self, forKey: .code)
    code = ReasonCode(rawValue: name) ?? .unrecognized
    storedCode = code == .unrecognized ? name : nil
    message = try values.decode(String.self, forKey: .message)
    remedy = try values.decodeIfPresent(String.self, forKey: .remedy)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(code == .unrecognized ? storedCode ?? code.rawValue : code.rawValue, forKey: .code)
    try values.encode(message, forKey: .message)
    try values.encodeIfPresent(remedy, forKey: .remedy)
  }
}

/// A refusal in a `Result` is its reason.
extension Reason: Error {}
