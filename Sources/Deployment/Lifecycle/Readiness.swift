import Models
import Platform

/// Asks a server for one token, or for a vector or score where that is what it makes: the only sign that it is ready.
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
  var task = ModelTask.generation
  /// How long an answer may take: the first one of a large model on a slow processor takes minutes.
  var patience = Duration.seconds(120)

  private struct Body: Encodable {
    var model: String
    var prompt: String?
    var messages: [[String: String]]?
    var input: String?
    var query: String?
    var documents: [String]?
    var max_tokens: Int? = 1
    var temperature: Double? = 0
  }

  private struct Completion: Decodable {
    struct Usage: Decodable { var completion_tokens: Int? }
    struct Choice: Decodable { var finish_reason: String? }
    struct Vector: Decodable { var embedding: [Double]? }
    struct Score: Decodable { var relevance_score: Double? }
    var choices: [Choice]?
    var usage: Usage?
    var data: [Vector]?
    var results: [Score]?

    /// Tokens; or the numbers of a vector, or scores.
    func count(for task: ModelTask) -> Int {
      guard task != .generation else { return usage?.completion_tokens ?? choices?.count ?? 0 }
      return data?.first?.embedding?.count ?? results?.count { $0.relevance_score != nil } ?? 0
    }
  }

  /// The first that is answered counts: chat where there is no plain route, scores where there are no vectors.
  func ask() async -> Answer {
    switch task {
    case .generation:
      await first([
        ("/v1/completions", Body(model: model, prompt: "Hello")),
        ("/v1/chat/completions", Body(model: model, messages: [["role": "user", "content": "Hello"]])),
      ])
    case .embedding: await first([embedding, reranking])
    case .reranking: await first([reranking, embedding])
    }
  }

  private var embedding: (String, Body) { ("/v1/embeddings", Body(model: model, input: "Hello", max_tokens: nil)) }
  private var reranking: (String, Body) {
    ("/v1/rerank", Body(model: model, query: "Hello", documents: ["Hello", "there"], max_tokens: nil))
  }

  private func first(_ questions: [(String, Body)]) async -> Answer {
    var answer = Answer.notYet
    for (path, body) in questions {
      answer = await send(path, body)
      guard case .refused = answer else { return answer }
    }
    return answer
  }

  private func send(_ path: String, _ body: Body) async -> Answer {
    guard let bytes = try? JSONEncoder().encode(body) else { return .notYet }
    var headers = ["Content-Type": "application/json"]
    if let apiKey { headers["Authorization"] = "Bearer \(apiKey)" }
    let request = HTTPRequest(
      "POST", baseURL + path, headers: headers, body: Array(bytes), timeout: patience, bodyLimit: 1 << 20)
    guard let response = try? await transport.send(request) else { return .notYet }
    switch response.status {
    case 200:
      let answer = try? JSONDecoder().decode(Completion.self, from: Data(response.body))
      return answer?.count(for: task) ?? 0 > 0 ? .token : .refused("an answer without a token, vector or score")
    case 400..<500: return .refused("status \(response.status): \(response.text.prefix(200))")
    default: return .notYet
    }
  }
}
