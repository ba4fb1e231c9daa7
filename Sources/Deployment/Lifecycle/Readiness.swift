#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import Platform

/// Asks a server for one token: the only sign that it is ready.
///
/// `/health` is no sign: mlx_lm answers it before it has a model, and others when a worker is dead.
struct ReadinessQuestion: Sendable {
  enum Answer: Hashable, Sendable {
    case token
    case notYet
    /// It answers, and refuses what every engine can do.
    case refused(String)
  }

  let transport: any HTTPTransport
  let baseURL: String
  let model: String
  let apiKey: String?

  private struct Body: Encodable {
    var model: String
    var prompt: String?
    var messages: [[String: String]]?
    var max_tokens = 1
    var temperature = 0.0
  }

  private struct Completion: Decodable {
    struct Usage: Decodable { var completion_tokens: Int? }
    struct Choice: Decodable { var finish_reason: String? }
    var choices: [Choice]?
    var usage: Usage?
  }

  /// Asks once; by the chat route where there is no plain one.
  func ask() async -> Answer {
    let plain = await send("/v1/completions", Body(model: model, prompt: "Hello"))
    guard case .refused = plain else { return plain }
    return await send("/v1/chat/completions", Body(model: model, messages: [["role": "user", "content": "Hello"]]))
  }

  private func send(_ path: String, _ body: Body) async -> Answer {
    guard let bytes = try? JSONEncoder().encode(body) else { return .notYet }
    var headers = ["Content-Type": "application/json"]
    if let apiKey { headers["Authorization"] = "Bearer \(apiKey)" }
    let request = HTTPRequest(
      "POST", baseURL + path, headers: headers, body: Array(bytes), timeout: .seconds(120), bodyLimit: 1 << 20)
    guard let response = try? await transport.send(request) else { return .notYet }
    switch response.status {
    case 200:
      let answer = try? JSONDecoder().decode(Completion.self, from: Data(response.body))
      let tokens = answer?.usage?.completion_tokens ?? answer?.choices?.count ?? 0
      return tokens > 0 ? .token : .refused("an answer without a token")
    case 400..<500: return .refused("status \(response.status): \(response.text.prefix(200))")
    default: return .notYet
    }
  }
}
