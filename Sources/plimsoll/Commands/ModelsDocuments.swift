import Hub
import Planning
import Reporting
import Units

/// A choice of a repository as listings show it.
struct VariantRow: Encodable {
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

  init(_ variant: ModelVariant, of repository: String, plan option: PlanOption?, cached: CachedModel? = nil) {
    quantization = variant.label
    format = variant.format
    file = variant.weights.first?.path ?? ""
    parts = variant.weights.count
    projector = variant.projector?.path
    bytes = variant.bytes
    verdict = option?.verdict
    reason = option?.reason
    largestContext = option?.largestContext
    refusal = HubDownloads.refusal(of: variant, of: repository)
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
struct SearchDocument: Encodable {
  struct Row: Encodable {
    var repository: HubRepository
    var variants: [VariantRow]?
    /// Why its files are not listed, or are listed without verdicts.
    var unplanned: Reason?
  }

  var schema = "plimsoll.search/1"
  var repositories: [Row]
  /// Why the list ends early, where it does.
  var incomplete: Reason?
  var cost: RequestLedger.Totals?

  init(_ result: HubSearchResult) {
    repositories = result.repositories.map { Row(repository: $0, variants: nil) }
    incomplete = result.incomplete
  }

  /// Adds files, and what a plan says of them where there is a planner.
  ///
  /// A repository that cannot be planned says why in its row; where the Hub itself fails, the rest stays without verdicts.
  ///
  /// - Throws: `CancellationError`.
  mutating func add(_ found: HubListings, planner: RepositoryPlanner?) async throws {
    incomplete = incomplete ?? found.incomplete
    var isRefused = found.incomplete != nil
    for index in repositories.indices {
      let repository = repositories[index].repository
      repositories[index].unplanned = found.refused[repository.name]
      guard let listing = found.files[repository.name] else { continue }
      var plan: RepositoryPlan?
      if let planner, !isRefused {
        do {
          plan = try await planner.plan(repository, listing: listing)
        } catch let error as any ExplainedError {
          repositories[index].unplanned = error.reason
          if let error = error as? HubError, !error.isAboutOneRepository {
            isRefused = true
            incomplete = incomplete ?? error.reason
          }
        }
      }
      let selection = plan?.selection ?? FileSelection(repository: repository.name, files: listing)
      repositories[index].variants = selection.variants.map {
        VariantRow($0, of: repository.name, plan: plan?.option(for: $0))
      }
    }
  }

  func rendered() -> String {
    var table = TextTable(
      ["model", ">parameters", ">downloads", ">likes", "licence", "updated", ""],
      optional: ["likes", "updated", "licence"])
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
struct ShowDocument: Encodable {
  var schema = "plimsoll.repository/1"
  var repository: HubRepository?
  var variants: [VariantRow]?
  var cached: CachedModel?
  /// Why there are no verdicts.
  var unplanned: Reason?
  var cost: RequestLedger.Totals?

  init(cached: CachedModel) { self.cached = cached }

  init(
    _ repository: HubRepository, listing: [HubFile], cached: CachedModel?, plan: RepositoryPlan?,
    unplanned: Reason?, cost: RequestLedger.Totals
  ) {
    self.repository = repository
    let selection = plan?.selection ?? FileSelection(repository: repository.name, files: listing)
    variants = selection.variants.map {
      VariantRow($0, of: repository.name, plan: plan?.option(for: $0), cached: cached)
    }
    self.cached = cached
    self.unplanned = unplanned
    self.cost = cost
  }

  func rendered() -> String {
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
