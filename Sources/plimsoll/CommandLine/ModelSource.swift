import Hub
import Models
import Platform
import Units

/// A model as named on the command line, local or remote.
struct ModelSource {
  struct Found {
    var model: Model
    /// What was asked of servers; nil for local files.
    var fetched: RequestLedger.Totals?
  }

  let name: String
  let context: CommandContext

  init(_ name: String, context: CommandContext) {
    self.name = name
    self.context = context
  }

  /// Reads the model's headers.
  ///
  /// A name without a scheme is a path; one of the form `org/name` that is no path is looked for on the Hub.
  func read() async throws -> Found {
    let isAddress = name.hasPrefix("https://") || name.hasPrefix("http://")
    guard isAddress || name.hasPrefix("hf:") else { return Found(model: try ModelReader.read(path: name)) }
    let client = HubClient(endpoint: HubEndpoint(environment: context.environment))
    let model = try await read(with: client, isAddress: isAddress)
    return Found(model: model, fetched: client.ledger.totals)
  }

  private func read(with client: HubClient, isAddress: Bool) async throws -> Model {
    if isAddress, !name.hasPrefix("https://huggingface.co/") || name.contains("/resolve/") {
      return try await ModelReader.read(gguf: client.open(address: name))
    }
    let reference = try HubReference(parsing: name)
    if let file = reference.selection, file.hasSuffix(".gguf"), !file.contains("-of-") {
      return try await ModelReader.read(gguf: client.open(reference))
    }
    let repository = try await RemoteRepository(reference, client: client)
    let choice = try FileSelection(repository: repository.repository, files: repository.listing)
      .choose(reference.selection)
    return try await ModelReader.read(folder: repository, weights: choice.weights.map(\.path))
  }
}
