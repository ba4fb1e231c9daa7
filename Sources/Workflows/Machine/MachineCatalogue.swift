import Hardware
public import Profiles
public import Reporting
import Units

/// What is asked of the catalogue; what is left out asks for all.
public struct CatalogueQuestion: Sendable {
  /// A part of a name, or words of one.
  public var text: String?
  public var kind: Profiles.Shelf?
  public var maker: String?
  /// True where no figures are wanted, so that the entries need not be read.
  public var isNamesOnly: Bool

  public init(text: String? = nil, kind: Profiles.Shelf? = nil, maker: String? = nil, isNamesOnly: Bool = false) {
    self.text = text
    self.kind = kind
    self.maker = maker
    self.isNamesOnly = isNamesOnly
  }
}

extension Workspace {
  /// The catalogue's entries and the user's own profiles that a question asks for; one that cannot be read is named and
  /// left out.
  ///
  /// - Throws: `ProfileError.unknownName` with the nearest names, for a text that none has.
  public func machines(_ question: CatalogueQuestion) throws -> MachineListScreen {
    let catalogue = catalogue()
    let all = catalogue.makers()
    let called = question.text.map { Set(catalogue.entries(matching: $0)) }
    let wanted = all.filter { entry, maker in
      (question.kind == nil || entry.shelf == question.kind) && called?.contains(entry) ?? true
        && (question.maker == nil || (maker ?? "").plain.contains(question.maker?.plain ?? ""))
    }
    if let text = question.text, wanted.isEmpty { throw catalogue.unknown(text) }
    // Of names alone, only the user's own profiles are looked into, for they may be wrong.
    let read = wanted.map(\.entry).filter { !question.isNamesOnly || $0.shelf == .personal }
    let (shown, errors) = catalogue.read(read)
    for error in errors { audience.note("plimsoll: \(error) [\(error.reason.code)]") }
    return MachineListScreen(
      rows: wanted.map { MachineListing.Row(kind: $0.entry.shelf.rawValue, name: $0.entry.name, maker: $0.maker) },
      total: all.count, table: MachineTable(shown.map { ($0.entry.name, $0.entry.shelf.rawValue, $0.machine) }),
      isNamesOnly: question.isNamesOnly)
  }
}
