import ArgumentParser
import Hub
import Platform
import Reporting
import Units
import Workflows

struct ModelsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the models on this machine: the Hugging Face cache, Ollama, LM Studio, Jan.",
    usage: "plimsoll models list [--json]",
    discussion: """
      Examples:
        plimsoll models list
        plimsoll models list --json
      """)
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let workspace = Workspace.ofCommand()
    let cache = HubCache(root: workspace.hub.cache)
    let document = ListDocument(cache: cache.root, models: cache.models(), applications: workspace.keptModels)
    json ? try JSONOutput.print(document) : Terminal.result(document.rendered())
  }
}

/// `models list --json`.
private struct ListDocument: Encodable {
  var schema = "plimsoll.models/1"
  var cache: String
  var models: [CachedModel]
  /// Files that were installed and models of other applications, under the names that commands take.
  var applications: [LocalApp.Model]

  func rendered() -> String {
    var parts: [String] = []
    if models.isEmpty {
      parts.append(
        Prose.wrapped(
          "No models in \(cache). Fetch one: plimsoll models pull ORG/NAME; find names: plimsoll models search TEXT."))
    } else {
      var table = TextTable(["model", ">size", ">commits", ">files", "references", ""])
      for model in models {
        table.add([
          model.name, "\(model.bytes)", "\(model.snapshots.count)",
          "\(model.snapshots.map(\.files.count).reduce(0, +))",
          printable(model.references.keys.sorted().joined(separator: ", ")),
          model.unfinished.isEmpty ? "" : "unfinished",
        ])
      }
      let total = models.reduce(ByteCount.zero) { $0 + $1.bytes }
      parts.append(table.rendered() + "\n\n\(counted(models.count, "model")), \(total), in \(cache)")
    }
    if !applications.isEmpty {
      var table = TextTable(["elsewhere on this machine", ">size"])
      for model in applications { table.add([printable(model.name), "\(model.bytes)"]) }
      parts.append(table.rendered())
    }
    return parts.joined(separator: "\n\n")
  }
}

struct ModelsVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check cached files against their hashes; exit code 4 where one is wrong.",
    usage: "plimsoll models verify [ORG/NAME...] [--json]",
    discussion: """
      Examples:
        plimsoll models verify
        plimsoll models verify ggml-org/SmolLM2-135M-Instruct-GGUF
      """)
  @Argument(help: "org/name; all where none is given.", completion: Completion.cachedModels) var models: [String] = []
  @Flag(help: "Remove corrupt files, so that the next pull fetches just those.") var repair = false
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let context = Workspace.ofCommand()
    let cache = HubCache(root: HubEndpoint(environment: context.environment).cache)
    let names =
      try models.isEmpty ? cache.models().map(\.name) : models.map { try HubReference(parsing: $0).repository }
    var document = VerifyDocument()
    for name in names {
      let files = try await cache.verify(name) { bytes in context.terminal.draw("\(name)  \(bytes)") }
      document.models.append(.init(name: name, files: files))
    }
    context.terminal.draw("")
    json ? try JSONOutput.print(document) : Terminal.result(document.rendered())
    let wrong = document.models.flatMap(\.files).filter { $0.verdict == .corrupt || $0.verdict == .missing }
    let damaged = document.models.filter { $0.files.contains { $0.verdict == .corrupt || $0.verdict == .missing } }
    if repair { for entry in damaged { try cache.discardCorrupt(entry.files, of: entry.name) } }
    guard wrong.isEmpty else {
      let pull = "plimsoll models pull \(damaged.first?.name ?? "")"
      throw Failure(
        .refusedInput, .hashMismatch, "\(counted(wrong.count, "file")) corrupt or missing",
        remedy: repair
          ? "\(pull) fetches only these" : "plimsoll models verify --repair \(damaged.first?.name ?? ""), then \(pull)")
    }
  }
}

/// `models verify --json`.
private struct VerifyDocument: Encodable {
  struct Entry: Encodable {
    var name: String
    var files: [VerifiedFile]
  }

  var schema = "plimsoll.verification/1"
  var models: [Entry] = []

  func rendered() -> String {
    var table = TextTable(["model", ">files", ">bytes", "verdict"])
    for entry in models {
      let counts = Dictionary(grouping: entry.files, by: \.verdict).mapValues(\.count)
      let words = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
      // A blob that several commits share is one.
      let shared = Dictionary(entry.files.map { ($0.expected ?? $0.commit + $0.path, $0.bytes) }) { first, _ in first }
      let bytes = shared.values.reduce(ByteCount.zero, +)
      table.add([entry.name, "\(entry.files.count)", "\(bytes)", words.joined(separator: ", ")])
      for file in entry.files where file.verdict == .corrupt || file.verdict == .missing {
        table.add(["  \(printable(file.path))", "", "\(file.bytes)", file.verdict.rawValue])
      }
    }
    return table.rendered()
  }
}

struct ModelsRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove a model, or one commit of it, from the cache.",
    usage: "plimsoll models remove ORG/NAME [--yes]",
    discussion: """
      Examples:
        plimsoll models remove ggml-org/SmolLM2-135M-Instruct-GGUF
        plimsoll models remove ggml-org/SmolLM2-135M-Instruct-GGUF --yes
      """)
  @Argument(help: "org/name, with @commit or @branch for one commit alone.", completion: Completion.cachedModels)
  var model: String
  @Flag(help: "Do it; without, only show what would go.") var yes = false

  func run() async throws {
    let cache = HubCache(root: HubEndpoint(environment: Workspace.ofCommand().environment).cache)
    let reference = try HubReference(parsing: model)
    guard let found = cache.model(reference.repository) else { throw HubError.notCached(name: reference.repository) }
    var commit: String?
    if model.contains("@") {
      commit = cache.commit(reference.repository, revision: reference.revision)
      guard commit != nil else { throw HubError.notCached(name: "\(reference)") }
    }
    guard yes else {
      Terminal.result("\(found.name): \(found.bytes) in \(found.folder); add --yes to remove")
      return
    }
    let freed = try cache.remove(reference.repository, commit: commit)
    Terminal.result("removed \(reference), \(freed) freed")
  }
}
