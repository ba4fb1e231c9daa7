public import Models
import Units

/// A model of a repository with the other quantizations that the repository holds.
///
/// One header is read; what else there is comes from the listing. Paths are those that the files have in the cache once
/// they are fetched, so that what is planned with them can be started as it stands.
public struct RemoteModel: Sendable {
  public let repository: String
  public let revision: String
  public let commit: String
  /// The form whose header was read.
  public let model: Model
  /// The other forms of the same model, the largest first; their sizes are the listing's.
  public let siblings: [Model]
  /// All choices of the repository.
  public let selection: FileSelection
  private let variants: [String: ModelVariant]

  /// Reads what a reference names; without a choice, the largest form in the fewest files.
  ///
  /// - Throws: `HubError`, `ModelError`.
  public init(_ reference: HubReference, client: HubClient) async throws {
    try await self.init(reference, in: RemoteRepository(reference, client: client), client: client)
  }

  /// Reads what a reference names in a repository that is listed already.
  public init(_ reference: HubReference, in folder: RemoteRepository, client: HubClient) async throws {
    let selection = try await folder.selection()
    self.selection = selection
    let main = try reference.selection.map { try selection.choose($0) } ?? Self.main(of: selection)
    let root = HubCache(root: client.endpoint.cache).snapshot(reference.repository, commit: folder.commit)
    var model = try await ModelReader.read(folder: folder, weights: main.weights.map(\.path))
    model.files = Self.files(main, root: root)
    let belonging = Set(main.companions.map { "\(folder.name)/\($0.path)" })
    let companions = model.companions.filter { $0.role != .projector || belonging.contains($0.file.path) }
    model.companions = companions.map { companion in
      var companion = companion
      companion.file.path = companion.file.path.replacing("\(folder.name)/", with: "\(root)/", maxReplacements: 1)
      return companion
    }
    let isNamed = reference.selection != nil || main.format != "gguf"
    let others = isNamed ? [] : selection.variants.filter { $0.isSibling(of: main) }.reversed()
    if main.format == "gguf", main.label != "gguf" {
      model.quantization = Figure(main.label, .header, "the file's name")
    }
    let listed = ListedQuantization(of: model)
    siblings = others.map { listed.model(label: $0.label, files: Self.files($0, root: root)) }
    repository = reference.repository
    revision = reference.revision
    commit = folder.commit
    self.model = model
    var variants = [main.weights.first?.path ?? "": main]
    for other in others { variants[other.weights.first?.path ?? ""] = other }
    self.variants = Dictionary(variants.map { ("\(root)/\($0)", $1) }, uniquingKeysWith: { first, _ in first })
  }

  /// The files to fetch for the form whose first file, or whose folder, a plan names.
  public func variant(at path: String) -> ModelVariant? {
    variants[path] ?? variants.first { $0.key.hasPrefix("\(path)/") }?.value
  }

  /// The form whose header tells most: the widest weights in one file, else in the fewest.
  private static func main(of selection: FileSelection) throws(HubError) -> ModelVariant {
    let usual = try? selection.choose(nil)
    if let usual, usual.format != "gguf" { return usual }
    let forms = selection.variants.filter { form in form.format == "gguf" && (usual.map { form.isKin(of: $0) } ?? true)
    }
    guard let best = forms.max(by: { ($1.weights.count, $0.bytes) < ($0.weights.count, $1.bytes) }) else {
      return try selection.choose(nil)
    }
    return best
  }

  private static func files(_ variant: ModelVariant, root: String) -> [ModelFile] {
    variant.weights.map { ModelFile(path: "\(root)/\($0.path)", bytes: $0.bytes) }
  }
}

extension ModelVariant {
  /// True for another quantization of the same model.
  fileprivate func isSibling(of other: ModelVariant) -> Bool { self != other && isKin(of: other) }

  /// True where the names differ in the quantization alone.
  fileprivate func isKin(of other: ModelVariant) -> Bool {
    format == other.format && label != format && stem == other.stem
  }

  /// The file's name without folder, number of part and quantization.
  private var stem: String {
    let name = weights.first?.path.split(separator: "/").last.map { String($0) } ?? ""
    let bare = name.hasSuffix(".gguf") ? name.dropLast(5) : name[...]
    let whole = SplitName(bare).map(\.base) ?? bare
    return whole.lowercased().replacing(label.lowercased(), with: "")
  }
}
