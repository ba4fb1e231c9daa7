import Engines
import Fixtures
import Foundation
import Models
import Platform
import Testing
import Units

@testable import Deployment

/// Answers one route as a server does, and any other with 404.
private struct OneRoute: HTTPTransport {
  let path: String
  let body: String

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    request.url.hasSuffix(path) ? HTTPResponse(status: 200, body: Array(body.utf8)) : HTTPResponse(status: 404)
  }
}

/// Models that make vectors or scores, and vision models.
@Suite struct TaskTests {
  @Test(arguments: [
    (ModelTask.generation, "/v1/completions", #"{"choices":[{}],"usage":{"completion_tokens":1}}"#, true),
    (.embedding, "/v1/embeddings", #"{"data":[{"embedding":[0.1,0.2]}],"usage":{"prompt_tokens":2}}"#, true),
    (.embedding, "/v1/embeddings", #"{"data":[{"embedding":[]}]}"#, false),
    (.reranking, "/v1/rerank", #"{"results":[{"index":0,"relevance_score":0.5}]}"#, true),
    // vLLM's pooling models are one or the other.
    (.embedding, "/v1/rerank", #"{"results":[{"index":0,"relevance_score":0.5}]}"#, true),
    // A server of vectors that answers text is not ready for what it is for.
    (.embedding, "/v1/completions", #"{"choices":[{}],"usage":{"completion_tokens":1}}"#, false),
  ])
  func readyIsARealAnswerOfTheModelsKind(task: ModelTask, path: String, body: String, isReady: Bool) async {
    let question = ReadinessQuestion(
      transport: OneRoute(path: path, body: body), baseURL: "http://h", model: "m", apiKey: nil, task: task)
    let answer = await question.ask()
    #expect((answer == .token) == isReady)
  }

  @Test(arguments: [
    (EngineKind.llamaCpp, ModelTask.embedding, ["--embeddings"]), (.llamaCpp, .reranking, ["--reranking"]),
    (.vllm, .embedding, ["--runner", "pooling"]), (.vllm, .reranking, ["--runner", "pooling"]),
  ])
  func theEngineIsToldWhatTheModelIsFor(kind: EngineKind, task: ModelTask, words: [String]) {
    var asked = LaunchRequest(modelPath: "/m/m.gguf", contextLength: 512, parallel: 1)
    let plain = EngineCatalogue.engine(kind).launch(asked)
    #expect(!plain.arguments.contains(words[0]) && plain.task == .generation)
    asked.task = task
    let launch = EngineCatalogue.engine(kind).launch(asked)
    #expect(launch.flags.contains { $0.words == words })
    #expect(launch.task == (kind == .vllm ? .embedding : task))
  }

  @Test func modelsThatSeeGetTheServerThatSees() {
    var asked = LaunchRequest(modelPath: "/m", contextLength: 4096, parallel: 2)
    #expect(MLX().launch(asked).program == "mlx_lm.server")
    asked.seesImages = true
    let launch = MLX().launch(asked)
    #expect(launch.program == "mlx_vlm.server")
    #expect(launch.arguments.prefix(6) == ["--model", "/m", "--max-num-seqs", "2", "--max-kv-size", "4096"])
  }

  @Test func theServerThatSeesIsFoundInItsOwnFolder() async throws {
    let home = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    let folders = DataFolders(environment: ["PLIMSOLL_HOME": home])
    for (folder, name) in [("mlx", "mlx_lm.server"), ("mlx-vlm", "mlx_vlm.server")] {
      try DataFolders.make("\(folders.engines)/\(folder)/bin")
      try writeAtomically([], to: "\(folders.engines)/\(folder)/bin/\(name)", mode: 0o755)
      try writeAtomically(Array("\(folder) 1".utf8), to: "\(folders.engines)/\(folder)/VERSION")
    }
    let finder = EngineFinder(folders: folders, environment: [:])
    #expect(await finder.find(MLX()).map(\.version) == ["mlx 1"])
    #expect(await finder.find(MLX(), program: "mlx_vlm.server").map(\.version) == ["mlx-vlm 1"])
    #expect(await finder.find(MLX(), program: "mlx_lm.server").map(\.version) == ["mlx 1"])
    #expect(await finder.all().map(\.version) == ["mlx 1", "mlx-vlm 1"])
  }

  @Test func aProgramOfHomebrewIsFoundWithoutItsPath() async throws {
    let home = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    try DataFolders.make("\(home)/brew")
    try writeAtomically([], to: "\(home)/brew/mlx_lm.server", mode: 0o755)
    let finder = EngineFinder(
      folders: DataFolders(environment: ["PLIMSOLL_HOME": home]), environment: [:], brewFolders: ["\(home)/brew"])
    #expect(await finder.find(MLX()).map(\.program) == ["\(home)/brew/mlx_lm.server"])
  }

  /// An mlx-lm of the user's own may be older than the flags.
  @Test func aProgramOfTheUsersOwnIsAskedForItsFlags() async {
    let launch = MLX().launch(LaunchRequest(modelPath: "/m", contextLength: 512, parallel: 1))
    let help = "usage: mlx_lm.server [--model MODEL] [--host HOST] [--decode-concurrency N]"
    let finder = EngineFinder(
      folders: DataFolders(environment: ["PLIMSOLL_HOME": "/nonexistent"]), environment: [:],
      commands: RecordedCommands(["/x/mlx_lm.server --help": CommandResult(exitCode: 0, output: help)]))
    func words(_ origin: EngineInstallation.Origin) async -> [String] {
      let own = EngineInstallation(
        engine: .mlx, program: "/x/mlx_lm.server", origin: origin, version: "1", environment: [:], problem: nil,
        warnings: [])
      let found = await finder.asked(own, for: launch).help
      return (found.map { launch.understood(byHelp: $0) } ?? launch).arguments
    }
    #expect(await words(.path).contains("--decode-concurrency"))
    #expect(await !words(.path).contains("--prompt-cache-size"))
    #expect(await words(.installed).contains("--prompt-cache-size"))
  }
}
