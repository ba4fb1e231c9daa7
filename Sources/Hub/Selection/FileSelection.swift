/// Sorts a repository's files into the choices that it offers, and picks the files of one.
public struct FileSelection: Hashable, Sendable {
  public let repository: String
  /// Every choice, the smallest weights first.
  public let variants: [ModelVariant]
  private let files: [HubFile]

  /// Sorts a listing. No requests.
  ///
  /// A GGUF quantization has all its parts and the repository's projector (the F16 one where there are several); a
  /// safetensors model has all shards, tokenizer and configuration, and no second copy in another format.
  public init(repository: String, files: [HubFile]) {
    self.repository = repository
    self.files = files
    let roles = Dictionary(grouping: files) { FileRole($0.path) }
    var found = Self.ggufVariants(roles)
    let support = roles[.support] ?? []
    let top = (roles[.safetensors] ?? []).filter { !$0.path.contains("/") }
    if let tensors = top.isEmpty ? roles[.safetensors] : top, !tensors.isEmpty {
      let isMLX = repository.lowercased().hasPrefix("mlx-community/") || repository.lowercased().contains("-mlx")
      let format = isMLX ? "mlx" : "safetensors"
      let label = QuantizationLabel.find(in: repository) ?? format
      let beside = support.filter { !$0.path.contains("/") || top.isEmpty }.filter { !$0.path.contains(".bin.index") }
      found.append(ModelVariant(label: label, format: format, weights: tensors, companions: beside))
    } else if let pickles = roles[.pytorch], !pickles.isEmpty {
      let beside = support.filter { !$0.path.contains("/") }
      found.append(ModelVariant(label: "pytorch", format: "pytorch", weights: pickles, companions: beside))
    }
    variants = found.sorted { ($0.weightBytes, $0.label) < ($1.weightBytes, $1.label) }
  }

  private static func ggufVariants(_ roles: [FileRole: [HubFile]]) -> [ModelVariant] {
    let projector = preferredProjector(roles[.projector] ?? [])
    // Parts of one model share folder and base; files that are whole stand alone.
    let groups = Dictionary(grouping: roles[.ggufWeights] ?? []) { file -> String in
      let stem = file.path.dropLast(5)
      return SplitName(stem).map { "\($0.base)|\($0.count)" } ?? String(stem)
    }
    return groups.values.compactMap { group in
      let parts = group.sorted { $0.path < $1.path }
      guard let first = parts.first else { return nil }
      // A model with a part missing cannot run: it is not offered.
      if let split = SplitName(first.path.dropLast(5)), split.count != parts.count { return nil }
      let label = QuantizationLabel.find(in: first.path) ?? "gguf"
      return ModelVariant(label: label, format: "gguf", weights: parts, companions: projector.map { [$0] } ?? [])
    }
  }

  private static func preferredProjector(_ projectors: [HubFile]) -> HubFile? {
    projectors.first { QuantizationLabel.find(in: $0.path) == "F16" }
      ?? projectors.first { QuantizationLabel.find(in: $0.path) == "BF16" } ?? projectors.first
  }

  /// Returns the choice that a label, a file's path, or nothing names.
  ///
  /// Without a name: the only choice; Q4_K_M, the usual one, of a GGUF repository; safetensors where both are there.
  ///
  /// - Throws: `HubError.noMatch`, `.ambiguous`.
  public func choose(_ wanted: String?) throws(HubError) -> ModelVariant {
    guard let wanted else { return try chooseUnnamed() }
    let named = variants.filter { $0.label.lowercased() == wanted.lowercased() || $0.format == wanted.lowercased() }
    if named.count == 1 { return named[0] }
    if named.count > 1 {
      throw .ambiguous(name: "\(repository):\(wanted)", available: named.compactMap { $0.weights.first?.path })
    }
    if let variant = variants.first(where: { $0.weights.contains { $0.path == wanted } }) { return variant }
    if let file = files.first(where: { $0.path == wanted }) {
      return ModelVariant(label: wanted, format: "file", weights: [file], companions: [])
    }
    throw .noMatch(name: repository, wanted: wanted, available: labels)
  }

  private func chooseUnnamed() throws(HubError) -> ModelVariant {
    if variants.count == 1 { return variants[0] }
    if let usual = variants.first(where: { $0.label == "Q4_K_M" }) { return usual }
    if let tensors = variants.first(where: { $0.format != "gguf" }) { return tensors }
    guard !variants.isEmpty else { throw .noMatch(name: repository, wanted: "weights", available: ["no model files"]) }
    throw .ambiguous(name: repository, available: labels)
  }

  private var labels: [String] { variants.map(\.label) }
}
