import ArgumentParser
import Hub
import Units

/// Which models of the Hub `models search` lists, in which order.
struct ModelSearchOptions: ParsableArguments {
  @Option(help: "gguf, safetensors or mlx.") var format: Format?
  @Option(help: "Runs on llama.cpp, vllm or mlx-lm.") var engine: Engine?
  @Option(help: "Published by, such as Qwen.") var author: String?
  @Option(name: [.customLong("license"), .long], help: "License as on the Hub, such as apache-2.0.") var licence:
    String?
  @Option(help: "Task as on the Hub, such as text-generation.") var task: String?
  @Option(help: ArgumentHelp("Fewest parameters, such as 7B.", valueName: "n")) var minParameters: String?
  @Option(help: ArgumentHelp("Most parameters, such as 32B.", valueName: "n")) var maxParameters: String?
  @Option(help: "By downloads, likes, trending, created or modified.") var sort: SortOrder = .downloads
  @Option(help: ArgumentHelp("The most results.", valueName: "n")) var limit = 20

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
  }

  func search(_ text: String) -> HubSearch {
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
    return search
  }
}
