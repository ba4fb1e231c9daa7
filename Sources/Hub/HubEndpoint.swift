/// The address and credentials of a Hugging Face Hub, as the environment gives them.
public struct HubEndpoint: Hashable, Sendable {
  /// Without a slash at the end.
  public var url: String
  /// The access token; sent to this endpoint's own origin only, and never printed.
  public var token: String?
  public var isOffline: Bool

  /// Creates the endpoint from `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE`.
  public init(environment: [String: String]) {
    var address = environment["HF_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 } ?? "https://huggingface.co"
    while address.hasSuffix("/") { address.removeLast() }
    url = address
    token = environment["HF_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    isOffline = ["1", "true", "yes", "on"].contains(environment["HF_HUB_OFFLINE"]?.lowercased() ?? "")
  }
}
