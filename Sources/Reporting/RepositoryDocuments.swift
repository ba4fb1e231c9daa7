public import Hub
public import Planning
public import Units

/// A choice of a repository as listings show it.
public struct VariantRow: Encodable, Sendable {
  var quantization: String
  var format: String
  var file: String
  var parts: Int
  /// The projector that is fetched with it.
  var projector: String?
  var bytes: ByteCount
  /// What a plan says of it; nil where it was not planned.
  var verdict: Verdict?
  var reason: Reason?
  var largestContext: Figure<Int>?
  /// Why it is not fetched unless the user says so; nil where nothing stands against it.
  var refusal: Reason?
  /// True where all its files are in the cache.
  var isCached: Bool?

  public init(_ variant: ModelVariant, of repository: String, plan option: PlanOption?, cached: CachedModel? = nil) {
    quantization = variant.label
    format = variant.format
    file = variant.weights.first?.path ?? ""
    parts = variant.weights.count
    projector = variant.projector?.path
    bytes = variant.bytes
    verdict = option?.verdict
    reason = option?.reason
    largestContext = option?.largestContext
    refusal = variant.refusal(in: repository)
    let there = (cached?.snapshots ?? []).flatMap(\.files).filter { !$0.isBroken }
    isCached =
      cached == nil
      ? nil : variant.files.allSatisfy { file in there.contains { $0.etag == file.etag && $0.bytes == file.bytes } }
  }

  var cells: [String] {
    [
      printable(quantization), "\(bytes)", parts > 1 ? "\(parts)" : "", verdict?.rawValue ?? "",
      largestContext.map { $0.value.grouped } ?? "", isCached == true ? "yes" : "",
      printable(([file] + (projector.map { [$0] } ?? [])).joined(separator: " + ")),
    ]
  }

  /// A line for each choice that is refused as things stand.
  static func refusals(_ rows: [VariantRow]) -> [String] {
    rows.compactMap { row in
      row.refusal.map { "\(printable(row.quantization)) is refused: \(printable($0.message)) [\($0.code)]" }
    }
  }

  static let titles = ["quantization", ">size", ">parts", "verdict", ">max context", "cached", "file"]
}

/// `models search --json`.
public struct SearchDocument: Encodable, Sendable {
  public struct Row: Encodable, Sendable {
    public var repository: HubRepository
    public var variants: [VariantRow]?
    /// Why its files are not listed, or are listed without verdicts.
    public var unplanned: Reason?
  }

  var schema = "plimsoll.search/1"
  public var repositories: [Row]
  /// Why the list ends early, where it does.
  public var incomplete: Reason?
  public var cost: RequestLedger.Totals?

  public init(_ result: HubSearchResult) {
    repositories = result.repositories.map { Row(repository: $0, variants: nil) }
    incomplete = result.incomplete
  }

  public func rendered() -> String {
    var table = TextTable(
      ["model", ">parameters", ">downloads", ">likes", "license", "updated", ""],
      optional: ["likes", "updated", "license"])
    for row in repositories {
      let found = row.repository
      table.add([
        found.name, found.parameters.map { "\((Double($0) / 1e9).formatted(significant: 3)) B" } ?? "",
        found.downloads?.grouped ?? "", found.likes?.grouped ?? "", printable(found.licence ?? ""),
        printable(String((found.lastModified ?? "").prefix(10))),
        found.isGated ? "gated" : found.isPrivate ? "private" : "",
      ])
    }
    var lines = [repositories.isEmpty ? "nothing found" : table.rendered()]
    for row in repositories {
      let variants = row.variants ?? []
      guard !variants.isEmpty || row.unplanned != nil else { continue }
      lines.append("\n\(row.repository.name)")
      var inner = TextTable(VariantRow.titles)
      for variant in variants { inner.add(variant.cells) }
      if !variants.isEmpty { lines.append(inner.rendered()) }
      lines += VariantRow.refusals(variants)
      if let reason = row.unplanned {
        lines.append("\(variants.isEmpty ? "no files" : "no verdicts"): \(printable(reason.message)) [\(reason.code)]")
      }
    }
    if let cost { lines.append("\n\(counted(cost.requests, "request")), \(cost.bytes)") }
    return lines.joined(separator: "\n")
  }
}

/// `models show --json`.
public struct ShowDocument: Encodable, Sendable {
  var schema = "plimsoll.repository/1"
  var repository: HubRepository?
  var variants: [VariantRow]?
  var cached: CachedModel?
  /// Why there are no verdicts.
  var unplanned: Reason?
  var cost: RequestLedger.Totals?

  public init(cached: CachedModel) { self.cached = cached }

  public init(
    _ repository: HubRepository, variants: [VariantRow], cached: CachedModel?, unplanned: Reason?,
    cost: RequestLedger.Totals
  ) {
    self.repository = repository
    self.variants = variants
    self.cached = cached
    self.unplanned = unplanned
    self.cost = cost
  }

  public func rendered() -> String {
    var lines: [String] = []
    if let repository {
      let facts = [
        repository.commit.map { "commit \($0.prefix(12))" }, repository.licence, repository.task,
        repository.isGated ? "gated" : nil,
      ]
      lines.append("\(repository.name)  \(facts.compactMap { $0.map(printable) }.joined(separator: ", "))")
    }
    if let variants {
      var table = TextTable(VariantRow.titles)
      for row in variants { table.add(row.cells) }
      lines.append(variants.isEmpty ? "no model files that an engine here can run" : table.rendered())
      lines += VariantRow.refusals(variants)
      if let unplanned, !variants.isEmpty || unplanned.code == .missingParts {
        lines.append(
          "\(variants.isEmpty ? "nothing to fetch" : "no verdicts"): \(printable(unplanned.message)) [\(unplanned.code)]"
        )
        if let remedy = unplanned.remedy { lines.append("  \(printable(remedy))") }
      }
    }
    if repository == nil, let cached {
      lines.append("\(cached.name)  \(cached.bytes)  \(cached.folder)")
      for snapshot in cached.snapshots {
        let names = cached.references.filter { $0.value == snapshot.commit }.keys.sorted()
        lines.append("commit \(snapshot.commit)\(names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")")
        var table = TextTable(["  file", ">size", "hash"])
        for file in snapshot.files {
          let hash = file.isBroken ? "missing" : file.etag.map { String($0.prefix(12)) } ?? "unknown"
          table.add(["  \(printable(file.path))", "\(file.bytes)", hash])
        }
        lines.append(table.rendered())
      }
    }
    if let cost { lines.append("\(counted(cost.requests, "request")), \(cost.bytes)") }
    return lines.joined(separator: "\n")
  }
}
