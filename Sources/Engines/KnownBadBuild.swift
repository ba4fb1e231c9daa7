public import Units

/// Builds of an engine with a known hole or fault.
public struct KnownBadBuild: Hashable, Sendable {
  /// The first build without the fault, compared number by number; nil where no fix is known.
  public var fixedIn: String?
  /// The first build with it; nil means from the beginning.
  public var since: String?
  /// A word of the version text that marks the builds concerned, where they cannot be told by number.
  public var mark: String?
  public var reason: Reason

  public init(since: String? = nil, fixedIn: String? = nil, mark: String? = nil, reason: Reason) {
    self.since = since
    self.fixedIn = fixedIn
    self.mark = mark
    self.reason = reason
  }

  /// True where the build has the fault; false where its number is not known.
  public func concerns(_ version: String) -> Bool {
    if let mark { return version.contains(mark) }
    let number = Self.numbers(version)
    guard !number.isEmpty else { return false }
    if let since, number.lexicographicallyPrecedes(Self.numbers(since)) { return false }
    guard let fixedIn else { return since != nil }
    return number.lexicographicallyPrecedes(Self.numbers(fixedIn))
  }

  private static func numbers(_ text: String) -> [Int] {
    text.split { !$0.isASCII || !$0.isNumber }.prefix(4).compactMap { Int($0) }
  }
}
