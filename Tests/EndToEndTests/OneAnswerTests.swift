import Foundation
import Hub
import Platform
import Testing

/// One question has one answer: the API says what the command says, to the last figure.
@Suite(.enabled(if: Program.isBuilt, "the program is not built: swift build"))
struct OneAnswerTests {
  struct Question: Sendable, CustomTestStringConvertible {
    var command: [String]
    var path: String
    /// JSON; nil for what is asked without a body.
    var body: String?

    var testDescription: String { command.joined(separator: " ") }
  }

  private static let questions = [
    Question(
      command: ["plan", "qwen3-8b", "--on", "rtx-4090, 64 GiB"], path: "plan",
      body: #"{"model": "qwen3-8b", "machine": "rtx-4090, 64 GiB", "limits": true}"#),
    Question(
      command: [
        "plan", "llama-3.3-70b", "--on", "2x rtx-5090, 256 GiB", "--concurrency", "16", "--workload", "chat",
      ], path: "plan",
      body: #"""
        {"model": "llama-3.3-70b", "machine": "2x rtx-5090, 256 GiB", "concurrency": 16, "workload": "chat",
        "limits": true}
        """#),
    Question(
      command: ["plan", "gpt-oss-20b", "--on", "apple-m4-pro-24gb", "--context", "32k", "--kv-type", "q8_0"],
      path: "plan",
      body: #"""
        {"model": "gpt-oss-20b", "machine": "apple-m4-pro-24gb", "context": 32768, "kvType": "q8_0", "limits": true}
        """#),
    Question(
      command: ["plan", "qwen3-8b", "--on", "rtx-4090, 64 GiB", "--draft", "qwen3-0.6b", "--threads", "4"],
      path: "plan",
      body: #"""
        {"model": "qwen3-8b", "machine": "rtx-4090, 64 GiB", "draft": "qwen3-0.6b", "threads": 4, "limits": true}
        """#),
    Question(
      command: ["recommend", "--on", "rtx-4060-laptop, 32 GiB", "--for", "code", "--limit", "5"], path: "recommend",
      body: #"{"machine": "rtx-4060-laptop, 32 GiB", "use": "code", "limit": 5}"#),
    Question(
      command: ["size", "llama-3.1-70b", "--workload", "chat", "--users", "200", "--on", "h100-sxm5-80gb"],
      path: "size",
      body: #"""
        {"model": "llama-3.1-70b", "workload": "chat", "load": "users", "amount": 200, "machines": ["h100-sxm5-80gb"]}
        """#),
    Question(command: ["inspect", "qwen3-8b"], path: "models/qwen3-8b"),
    Question(command: ["models"], path: "models"),
    Question(command: ["engines", "list"], path: "engines"),
    Question(command: ["ps"], path: "deployments"),
    Question(command: ["runs", "list"], path: "runs"),
  ]

  private func document(_ text: String) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
  }

  @Test func theAPIAnswersAsTheCommandsDo() async throws {
    let program = try Program()
    defer { program.remove() }
    let key = String(repeating: "k", count: 40)
    let keyFile = program.home + "/key"
    #expect(
      FileManager.default.createFile(atPath: keyFile, contents: Data(key.utf8), attributes: [.posixPermissions: 0o600]))
    let offline = ["HF_HUB_OFFLINE": "1"]
    let server = try program.start(["serve", "--api-only", "--api-key-file", keyFile], environment: offline)
    defer {
      kill(server.process.processIdentifier, SIGINT)
      _ = server.finish()
    }
    try #require(server.says("Ctrl-C ends it"))
    let address = try #require(server.output.firstMatch(of: /http:\/\/\S+/)).0
    for question in Self.questions {
      let printed = try program.run(question.command + ["--json"], environment: offline)
      #expect(printed.exitCode == 0, "\(question.testDescription): \(printed.errors)")
      var request = HTTPRequest(
        question.body == nil ? "GET" : "POST", "\(address)/\(question.path)",
        headers: ["Authorization": "Bearer \(key)"],
        timeout: .seconds(120), bodyLimit: 64 << 20)
      if let body = question.body {
        request.headers["Content-Type"] = "application/json"
        request.body = Array(body.utf8)
      }
      let answer = try await CurlTransport().send(request)
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(answer.status == 200, "\(question.testDescription): \(text.prefix(300))")
      #expect(try document(text) == document(printed.output), "\(question.testDescription)")
    }
  }
}
