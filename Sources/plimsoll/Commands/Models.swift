import ArgumentParser
import Hardware
import Hub
import Platform
import Reporting
import Units

/// Models on the Hugging Face Hub and in the cache that every tool shares.
struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Find, fetch, list, verify and remove models.",
    discussion: """
      Example: plimsoll models pull ggml-org/SmolLM2-135M-Instruct-GGUF:Q8_0

      Reads HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_ENDPOINT and HF_HUB_OFFLINE as the official client does.
      """,
    subcommands: [
      ModelsCatalogue.self, ModelsSearch.self, ModelsShow.self, ModelsPull.self, ModelsList.self, ModelsVerify.self,
      ModelsRemove.self,
    ],
    defaultSubcommand: ModelsList.self)
}

struct ModelsSearch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find models on the Hub.",
    discussion: "Example: plimsoll models search smollm --format gguf --files")
  @Argument(help: "Words that the name should hold.") var text: String
  @Option(help: "gguf, safetensors or mlx.") var format: Format?
  @Option(help: "An engine that runs it: llama.cpp, vllm or mlx-lm.") var engine: Engine?
  @Option(help: "Whose models.") var author: String?
  @Option(help: "A licence as the Hub names it: apache-2.0, mit.") var licence: String?
  @Option(help: "What it is for: text-generation, image-text-to-text.") var task: String?
  @Option(help: "Least parameters: 500M, 7B.") var minParameters: String?
  @Option(help: "Most parameters.") var maxParameters: String?
  @Option(help: "downloads, likes, trending, created or modified.") var sort: SortOrder = .downloads
  @Option(help: "The most results.") var limit = 20
  @Flag(help: "List each one's quantizations with sizes: one more request each.") var files = false
  @Flag(help: "Plan each on this machine or --on another: about two more requests each.") var fits = false
  @OptionGroup var machine: MachineOption
  @Flag(help: "Print JSON.") var json = false

  enum Format: String, ExpressibleByArgument, CaseIterable { case gguf, safetensors, mlx }

  /// Engines by the names that the Hub has for them.
  enum Engine: String, ExpressibleByArgument, CaseIterable {
    case llamaCpp = "llama.cpp"
    case vllm
    case mlx = "mlx-lm"
  }

  enum SortOrder: String, ExpressibleByArgument, CaseIterable {
    case downloads, likes, trending, created, modified
  }

  func validate() throws {
    if !(1...1000).contains(limit) { throw ValidationError("--limit takes 1 to 1000") }
    let bounds = try [("--min-parameters", minParameters), ("--max-parameters", maxParameters)].map { name, text in
      try text.map { text in
        guard let count = ParameterCount(text) else {
          throw ValidationError("\(name) takes a count such as 500M or 7B")
        }
        return count
      }
    }
    if let least = bounds[0], let most = bounds[1], least.value > most.value {
      throw ValidationError("--min-parameters is more than --max-parameters")
    }
    if machine.expression != nil, !fits { throw ValidationError("--on is the machine of --fits: add that") }
  }

  func run() async throws {
    let context = CommandContext()
    var search = HubSearch(text: text)
    (search.format, search.engine, search.author) = (format?.rawValue, engine?.rawValue, author)
    (search.licence, search.task, search.limit) = (licence, task, limit)
    (search.leastParameters, search.mostParameters) = (minParameters, maxParameters)
    switch sort {
    case .downloads: search.order = .downloads
    case .likes: search.order = .likes
    case .trending: search.order = .trending
    case .created: search.order = .created
    case .modified: search.order = .modified
    }
    let client = context.hubClient()
    let planner = fits ? try await RepositoryPlanner(machine, client: client, context: context) : nil
    var document = SearchDocument(try await client.search(search))
    if files || fits {
      let found = try await client.files(of: document.repositories.map(\.repository))
      try await document.add(found, planner: planner)
    }
    document.cost = client.ledger.totals
    json ? try JSONOutput.print(document) : Terminal.result(document.rendered())
    if let reason = document.incomplete, !json {
      Terminal.note("the list is not complete: \(printable(reason.message)) [\(reason.code)]")
      if let remedy = reason.remedy { Terminal.note(printable(remedy)) }
    }
  }
}

struct ModelsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a repository's quantizations, their sizes, and what of them is in the cache.",
    discussion: "Example: plimsoll models show ggml-org/SmolLM2-135M-Instruct-GGUF --on \"rtx-4090, 64 GiB\"")
  @Argument(help: "org/name, with @revision if not the main branch.") var model: String
  @Flag(help: "Show what is in the cache; ask nobody.") var cached = false
  @OptionGroup var machine: MachineOption
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let context = CommandContext()
    let endpoint = HubEndpoint(environment: context.environment)
    let reference = try HubReference(parsing: model)
    let cache = HubCache(root: endpoint.cache)
    let document: ShowDocument
    if cached || endpoint.isOffline {
      guard let found = cache.model(reference.repository) else { throw HubError.notCached(name: reference.repository) }
      document = ShowDocument(cached: found)
    } else {
      let client = context.hubClient()
      let repository = try await client.repository(reference.repository, revision: reference.revision)
      let listing = try await client.files(reference.repository, commit: repository.commit ?? reference.revision)
      let planner = try await RepositoryPlanner(machine, client: client, context: context)
      var plan: RepositoryPlan?
      var unplanned: Reason?
      do {
        plan = try await planner.plan(repository, listing: listing)
      } catch let error as any ExplainedError {
        unplanned = error.reason
      }
      document = ShowDocument(
        repository, listing: listing, cached: cache.model(reference.repository), plan: plan, unplanned: unplanned,
        cost: client.ledger.totals)
    }
    json ? try JSONOutput.print(document) : Terminal.result(document.rendered())
  }
}
