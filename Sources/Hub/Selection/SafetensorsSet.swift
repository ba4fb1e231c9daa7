import Models
/// The files that hold one safetensors model, among all of that ending: repositories keep copies in other precisions
/// beside them, and the whole beside its shards.
struct SafetensorsSet: Hashable, Sendable {
  /// In the order of their names.
  let weights: [HubFile]
  /// Parts that the index or their numbering names and that are not there.
  let missing: [String]
  /// True where the names do not settle it and an index is there to be asked.
  let isDoubtful: Bool

  /// Sorts by the index: what its weight map names is the model, which is what engines load.
  ///
  /// - Parameter shards: names in the folder of the index, checked.
  init(_ files: [HubFile], named shards: [String]) {
    weights = files.filter { shards.contains($0.path) }.sorted { $0.path < $1.path }
    let present = Set(weights.map(\.path))
    missing = shards.filter { !present.contains($0) }
    isDoubtful = false
  }

  /// Sorts by names alone: no copies in other precisions, `model*` before others, and of the whole and its shards one.
  init(_ files: [HubFile], hasIndex: Bool) {
    let names = files.map { Name($0) }
    let plain = names.filter { name in !name.isCopy(of: names) }
    let main = plain.filter { $0.base.hasPrefix("model") }
    let series = Dictionary(grouping: main.isEmpty ? plain : main, by: \.base).values.map { Self.one(of: $0, hasIndex) }
    let chosen = series.flatMap(\.files)
    weights = chosen.sorted { $0.path < $1.path }
    missing = series.flatMap(\.missing).sorted()
    isDoubtful = hasIndex && chosen.count < files.count
  }

  /// Of the whole file and the shards under one name: the shards where an index leads to them and all are there.
  private static func one(of names: [Name], _ hasIndex: Bool) -> (files: [HubFile], missing: [String]) {
    let whole = names.filter { $0.count == nil }
    // Two numberings of one model can stand side by side; the one with all its parts counts.
    let numberings = Dictionary(grouping: names.filter { $0.count != nil }) { $0.count ?? 0 }
    let complete = numberings.filter { $0.value.count == $0.key }.min { $0.key < $1.key }?.value
    if let complete, whole.isEmpty || hasIndex { return (complete.map(\.file), []) }
    guard whole.isEmpty,
      let (count, parts) = numberings.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) })
    else {
      return (whole.map(\.file), [])
    }
    return (parts.map(\.file), SplitName.missing(from: parts.map(\.file.path), count: count))
  }

  /// A file's name taken apart: `model.fp16-00001-of-00002.safetensors`.
  private struct Name: Hashable {
    let file: HubFile
    /// Folder and name without numbering and precision.
    var base: String
    var precision: String?
    var count: Int?

    /// The marks by which transformers and diffusers tell copies of weights apart.
    private static let precisions = ["fp16", "bf16", "fp32", "fp8", "int8", "non_ema", "ema"]

    init(_ file: HubFile) {
      self.file = file
      var stem = file.path.dropLast(".safetensors".count)
      // The mark stands before the numbering, and in old repositories after it.
      precision = Self.cutPrecision(&stem)
      if let split = SplitName(stem) {
        (stem, count) = (split.base, split.count)
        precision = precision ?? Self.cutPrecision(&stem)
      }
      base = String(stem)
    }

    private static func cutPrecision(_ stem: inout Substring) -> String? {
      guard let dot = stem.lastIndex(of: "."), precisions.contains(stem[stem.index(after: dot)...].lowercased()) else {
        return nil
      }
      defer { stem = stem[..<dot] }
      return String(stem[stem.index(after: dot)...])
    }

    /// True where the same weights are there without the mark.
    func isCopy(of others: [Name]) -> Bool {
      precision != nil && others.contains { $0.precision == nil && $0.base == base }
    }
  }
}
