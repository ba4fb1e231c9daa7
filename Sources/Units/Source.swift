/// Where a number came from.
///
/// Every figure that Plimsoll prints or stores has one; `detail` names the place so that a reader can check it.
public struct Source: Hashable, Sendable, Codable {
  /// How a number was obtained, from the most to the least certain.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Read from a model file's header, a configuration, or another file that states it.
    case header
    /// Told by the machine: the kernel, a driver, a library.
    case probed
    /// Measured by running something.
    case measured
    /// From a maker's document or another published source.
    case datasheet
    /// Follows from other figures by a formula.
    case computed
    /// Stated by the user, on the command line or in a profile.
    case user
    /// Taken as usual for the kind of thing, for want of anything better.
    case assumed

    public init(from decoder: any Decoder) throws {
      let text = try decoder.singleValueContainer().decode(String.self)
      guard let kind = Self(rawValue: text) else {
        let kinds = Self.allCases.map(\.rawValue).joined(separator: ", ")
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is none of \(kinds)"))
      }
      self = kind
    }
  }

  public var kind: Kind
  /// The file, tool, document or formula, in a few words.
  public var detail: String
  /// The day it was measured or published, as `2026-11-22`, where that matters.
  public var date: String?
  /// True where a datasheet figure was not found in a source that could be checked.
  public var unverified: Bool?

  public init(_ kind: Kind, _ detail: String, date: String? = nil, unverified: Bool? = nil) {
    self.kind = kind
    self.detail = detail
    self.date = date
    self.unverified = unverified
  }
}

extension Source: CustomStringConvertible {
  public var description: String {
    let when = date.map { ", \($0)" } ?? ""
    return "\(kind.rawValue): \(detail)\(when)\(unverified == true ? " (unverified)" : "")"
  }
}
