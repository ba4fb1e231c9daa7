import Models
import Units

/// Sorts a repository's files into the choices that it offers, and picks the files of one.
public struct FileSelection: Hashable, Sendable {
  public let repository: String
  /// Every choice, the smallest weights first.
  public let variants: [ModelVariant]
  /// The index of shards, where names alone leave doubt about which files are the model.
  public let undecidedIndex: HubFile?
  /// How many projectors the repository has.
  public var projectorCount: Int { files.count { FileRole($0.path) == .projector } }
  /// Choices that lack a part, which cannot run.
  private let incomplete: [IncompleteVariant]
  private let files: [HubFile]

  private struct IncompleteVariant: Hashable, Sendable {
    var variant: ModelVariant
    var missing: [String]
  }

  /// Sorts a listing. No requests.
  ///
  /// A GGUF quantization has all its parts and the projector that belongs to it; a safetensors model has all shards,
  /// tokenizer and configuration, and no second copy in another format or precision.
  ///
  /// - Parameter shards: the files that the index of shards names; nil where it was not read.
  public init(repository: String, files: [HubFile], shards: [String]? = nil) {
    self.repository = repository
    self.files = files
    let roles = Dictionary(grouping: files) { FileRole($0.path) }
    var found = Self.ggufVariants(roles)
    let support = roles[.support] ?? []
    let index = files.first { $0.path == Self.indexName }
    var undecided: HubFile?
    let top = (roles[.safetensors] ?? []).filter { !$0.path.contains("/") }
    if let tensors = top.isEmpty ? roles[.safetensors] : top, !tensors.isEmpty {
      let isMLX = repository.lowercased().hasPrefix("mlx-community/") || repository.lowercased().contains("-mlx")
      let format = isMLX ? "mlx" : "safetensors"
      let label = QuantizationLabel.find(in: repository) ?? format
      let beside = support.filter { !$0.path.contains("/") || top.isEmpty }.filter { !Self.isForeignIndex($0.path) }
      let set =
        shards.map { SafetensorsSet(tensors, named: $0) } ?? SafetensorsSet(tensors, hasIndex: index != nil)
      undecided = set.isDoubtful ? index : nil
      let variant = ModelVariant(label: label, format: format, weights: set.weights, companions: beside)
      found.append(IncompleteVariant(variant: variant, missing: set.missing))
    } else if let pickles = roles[.pytorch], !pickles.isEmpty {
      let beside = support.filter { !$0.path.contains("/") }
      let variant = ModelVariant(label: "pytorch", format: "pytorch", weights: pickles, companions: beside)
      found.append(IncompleteVariant(variant: variant, missing: []))
    }
    undecidedIndex = undecided
    incomplete = found.filter { !$0.missing.isEmpty }
    variants = found.filter(\.missing.isEmpty).map(\.variant)
      .sorted { ($0.weightBytes, $0.label) < ($1.weightBytes, $1.label) }
  }

  static let indexName = "model.safetensors.index.json"
  /// Models of a trillion parameters have indices of some ten mebibytes.
  static let longestIndex = ByteCount.mebibytes(64)

  /// Returns the files that an index names, each checked as a path.
  static func shards(inIndex bytes: [UInt8]) throws -> [String] {
    let shards = try SafetensorsIndex(parsing: bytes).shards
    if let hostile = shards.first(where: { !HubName.isSafePath($0) }) { throw HubError.unsafeName(name: hostile) }
    return shards
  }

  /// Indices of copies in other formats and precisions: `pytorch_model.bin.index.json`, `model.safetensors.index.fp16.json`.
  private static func isForeignIndex(_ path: String) -> Bool {
    path.contains(".bin.index") || (path.contains(".safetensors.index.") && !path.hasSuffix(".safetensors.index.json"))
  }

  private static func ggufVariants(_ roles: [FileRole: [HubFile]]) -> [IncompleteVariant] {
    let projectors = ProjectorChoice(projectors: roles[.projector] ?? [])
    // Parts of one model share folder and base; files that are whole stand alone.
    let groups = Dictionary(grouping: roles[.ggufWeights] ?? []) { file -> String in
      let stem = file.path.dropLast(5)
      return SplitName(stem).map { "\($0.base)|\($0.count)" } ?? String(stem)
    }
    return groups.values.compactMap { group in
      let parts = group.sorted { $0.path < $1.path }
      guard let first = parts.first else { return nil }
      let split = SplitName(first.path.dropLast(5))
      let label = QuantizationLabel.find(in: first.path) ?? "gguf"
      let projector = projectors.projector(for: first)
      return IncompleteVariant(
        variant: ModelVariant(label: label, format: "gguf", weights: parts, companions: projector.map { [$0] } ?? []),
        missing: split.map { SplitName.missing(from: parts.map(\.path), count: $0.count) } ?? [])
    }
  }

  /// Returns the choice that a label, a file's path, or nothing names.
  ///
  /// Without a name: the only choice; Q4_K_M, the usual one, of a GGUF repository; safetensors where both are there.
  ///
  /// - Throws: `HubError.noMatch`, `.ambiguous`; `.missingParts` where what is named is not whole.
  public func choose(_ wanted: String?) throws(HubError) -> ModelVariant {
    guard let wanted else { return try chooseUnnamed() }
    let named = variants.filter { $0.isCalled(wanted) }
    if named.count == 1 { return named[0] }
    if named.count > 1 {
      throw .ambiguous(name: "\(repository):\(wanted)", available: named.compactMap { $0.weights.first?.path })
    }
    if let variant = variants.first(where: { $0.weights.contains { $0.path == wanted } }) { return variant }
    let inside = variants.filter { variant in variant.weights.allSatisfy { $0.path.hasPrefix("\(wanted)/") } }
    if inside.count == 1 { return inside[0] }
    if inside.count > 1 {
      throw .ambiguous(name: "\(repository):\(wanted)", available: inside.compactMap { $0.weights.first?.path })
    }
    if let file = files.first(where: { $0.path == wanted }) {
      return ModelVariant(label: wanted, format: "file", weights: [file], companions: [])
    }
    if let set = incomplete.first(where: { $0.variant.isCalled(wanted) }) { throw missingParts(set) }
    throw .noMatch(name: repository, wanted: wanted, available: labels)
  }

  private func chooseUnnamed() throws(HubError) -> ModelVariant {
    if variants.count == 1 { return variants[0] }
    if let usual = variants.first(where: { $0.label == "Q4_K_M" }) { return usual }
    if let tensors = variants.first(where: { $0.format != "gguf" }) { return tensors }
    if variants.isEmpty, let set = incomplete.first { throw missingParts(set) }
    guard !variants.isEmpty else { throw .noMatch(name: repository, wanted: "weights", available: ["no model files"]) }
    throw .ambiguous(name: repository, available: labels)
  }

  private func missingParts(_ set: IncompleteVariant) -> HubError {
    .missingParts(name: "\(repository):\(set.variant.label)", missing: set.missing)
  }

  private var labels: [String] { variants.map(\.label) }
}
