import Engines
import Fixtures
import Foundation
import Planning
import Platform
import Records
import Testing
import Workflows

@testable import Web

/// The workbench over folders of its own, asked as a program asks it.
struct WebAppFixture {
  let folder: String
  let workspace: Workspace
  let app: WebApp

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("plimsoll-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    workspace = Workspace(environment: ["PLIMSOLL_HOME": folder, "HOME": folder, "HF_HUB_OFFLINE": "1"])
    let names = ["error", "machine", "model", "plan", "recommendation", "run"]
    app = try WebApp(
      workspace, gate: Gate(WebAddress(host: "127.0.0.1", port: 8765), key: "secret"), program: "/nonexistent",
      schemas: Dictionary(uniqueKeysWithValues: try names.map { ($0, try Schemas.text($0)) }), hasPages: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  func ask(
    _ method: String, _ path: [String], query: [String: String] = [:], _ body: String = ""
  ) async -> (status: Int, text: String, headers: [String: String]) {
    let headers = [
      "host": "127.0.0.1:8765", "authorization": "Bearer secret", "content-type": "application/json",
    ]
    let answer = await app.answer(
      WebRequest(method, ["api", "v1"] + path, query: query, headers: headers, body: Array(body.utf8)))
    guard case .bytes(let bytes) = answer.body else { return (answer.status, "", answer.headers) }
    return (answer.status, String(decoding: bytes, as: UTF8.self), answer.headers)
  }
}

@Suite struct WebAppTests {
  private func asked(_ test: (WebAppFixture) async throws -> Void) async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    try await test(fixture)
  }

  private func expect(_ text: String, isOf schema: String) throws {
    let violations = try Schemas.named(schema).violations(in: text)
    #expect(violations == [])
  }

  @Test func machinesAreAnsweredAsTheCommandsPrintThem() async throws {
    try await asked { fixture in
      let machine = await fixture.ask("GET", ["machines", "2x rtx-4090, 128 GiB"])
      #expect(machine.status == 200)
      try expect(machine.text, isOf: "machine")
      let own = await fixture.ask("GET", ["machine"])
      try expect(own.text, isOf: "machine")
      let list = await fixture.ask("GET", ["machines"], query: ["text": "rtx-4090"])
      #expect(list.text.contains("plimsoll.machines/1"))
      let drawing = await fixture.ask("GET", ["machine", "drawing"])
      #expect(drawing.headers["Content-Type"] == "image/svg+xml" && drawing.text.contains("<svg"))
    }
  }

  @Test func aPlanIsThatOfTheCommand() async throws {
    try await asked { fixture in
      let body =
        #"{"model": "qwen3-8b", "machine": "rtx-4090, 64 GiB", "context": 8192, "concurrency": 4, "limits": true}"#
      let answer = await fixture.ask("POST", ["plan"], body)
      #expect(answer.status == 200, "\(answer.text.prefix(300))")
      try expect(answer.text, isOf: "plan")
      var wishes = PlanWishes()
      (wishes.contextLength, wishes.concurrency) = (8192, 4)
      let found = try await ModelSource("qwen3-8b", in: fixture.workspace).found()
      let machine = try fixture.workspace.machine(named: "rtx-4090, 64 GiB")
      var request = try wishes.request(found.model, siblings: [], on: machine, workload: .init())
      request.published = found.published
      let plan = fixture.workspace.planner(for: machine).plan(request)
      #expect(answer.text == (try WebResponse.json(plan).text))
    }
  }

  @Test func modelsAreRecommended() async throws {
    try await asked { fixture in
      let answer = await fixture.ask(
        "POST", ["recommend"], #"{"machine": "rtx-4090, 64 GiB", "use": "code", "limit": 2}"#)
      #expect(answer.status == 200, "\(answer.text.prefix(300))")
      try expect(answer.text, isOf: "recommendation")
    }
  }

  @Test func machinesAreSized() async throws {
    try await asked { fixture in
      let answer = await fixture.ask(
        "POST", ["size"],
        #"{"model": "qwen3-0.6b", "machines": ["rtx-4090"], "quantizations": ["FP8"], "amount": 1, "prices": {"rtx-4090": 2500}}"#
      )
      #expect(answer.status == 200, "\(answer.text.prefix(300))")
      try expect(answer.text, isOf: "sizing")
      #expect(answer.text.contains(#""priceSource" : "given for \"rtx-4090\""#))
    }
  }

  @Test(arguments: [
    ("POST", ["size"], #"{"model": "qwen3-8b", "load": "users"}"#, 400),
    ("POST", ["size"], #"{"model": "qwen3-8b", "load": "documents", "amount": 5}"#, 400),
    ("GET", ["machines", "no-such-card"], "", 404), ("GET", ["models", "no-such-model"], "", 404),
    ("GET", ["runs", "no-such-run"], "", 404), ("GET", ["jobs", "x"], "", 404),
    ("GET", ["deployments", "x"], "", 404), ("GET", ["deployments", "../x"], "", 404),
    ("GET", ["nothing"], "", 404), ("GET", [], "", 404), ("PUT", ["machine"], "", 405),
    ("GET", ["machine"], "{}", 400), ("POST", ["plan"], "", 400), ("POST", ["plan"], "{", 400),
    ("POST", ["plan"], "[]", 400), ("POST", ["plan"], #"{"model": "qwen3-8b", "what": 1}"#, 400),
    ("POST", ["plan"], #"{"model": 5}"#, 400), ("POST", ["plan"], #"{"model": "qwen3-8b", "context": -1}"#, 400),
    ("POST", ["plan"], #"{"model": "qwen3-8b", "engine": "bash"}"#, 400),
    ("POST", ["plan"], #"{"model": "qwen3-8b", "kvType": "q9"}"#, 400),
    ("POST", ["plan"], #"{"model": "qwen3-8b", "quantizations": "Q99"}"#, 400),
    ("POST", ["recommend"], #"{"since": "yesterday"}"#, 400), ("GET", ["comparison"], "", 400),
    ("POST", ["deployments"], #"{"model": "qwen3-8b", "name": "../x"}"#, 400),
  ])
  func whatCannotBeIsRefusedInTheCommandsWords(_ method: String, _ path: [String], _ body: String, _ status: Int)
    async throws
  {
    try await asked { fixture in
      let answer = await fixture.ask(method, path, body)
      #expect(answer.status == status, "\(answer.text)")
      try expect(answer.text, isOf: "error")
    }
  }

  @Test func noFileOutsideTheFoldersOfModelsIsOpened() async throws {
    try await asked { fixture in
      let outside = "\(fixture.folder)/outside.gguf"
      let profile = "\(fixture.folder)/machine.yaml"
      for path in [outside, profile] { try Data("secret words".utf8).write(to: URL(filePath: path)) }
      let models = fixture.workspace.folders.models
      try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: "\(models)/link.gguf", withDestinationPath: outside)
      for name in [
        outside, "/etc/passwd", "\(models)/../../outside.gguf", "\(models)/link.gguf", "link.gguf", "./outside.gguf",
        "~/x",
        "https://example.com/x.gguf", "http://127.0.0.1:1/x.gguf", "file:///etc/passwd",
      ] {
        let answer = await fixture.ask("GET", ["models", name])
        #expect(answer.status == 400, "\(name): \(answer.text)")
        #expect(answer.text.contains("request-refused"))
        let plan = await fixture.ask("POST", ["plan"], try JSONEncoder().encode(["model": name]).text)
        #expect(plan.status == 400 && plan.text.contains("request-refused"))
        let deploy = await fixture.ask("POST", ["deployments"], try JSONEncoder().encode(["model": name]).text)
        #expect(deploy.status == 400 && deploy.text.contains("request-refused"))
      }
      let machine = await fixture.ask("GET", ["machines", profile])
      #expect(machine.status >= 400 && !machine.text.contains("secret words"))
    }
  }

  @Test func theDocumentDescribesEveryEndpoint() async throws {
    try await asked { fixture in
      let answer = await fixture.ask("GET", ["openapi.json"])
      let document = try JSONDecoder().decode(JSON.self, from: Data(answer.text.utf8))
      #expect(document["openapi"] == "3.1.0")
      let api = try API(fixture.workspace, program: "")
      for endpoint in api.endpoints {
        let operation = document["paths"]?["/api/v1" + endpoint.path]?[endpoint.method.lowercased()]
        #expect(operation?["operationId"] == .text(endpoint.name))
        #expect(operation?["responses"]?["\(endpoint.status)"] != nil)
        // Every part in braces is a parameter that is described.
        for part in endpoint.parts where part.first == "{" {
          #expect(endpoint.parameters.contains { $0.name == part.dropFirst().dropLast() && $0.isRequired })
        }
      }
      #expect(Set(api.endpoints.map(\.name)).count == api.endpoints.count)
      #expect(document["components"]?["schemas"]?["plan"]?["properties"]?["options"] != nil)
      #expect(!answer.text.contains("\"$ref\" : \"#/$defs"))
    }
  }

  @Test func aDeploymentThatCannotBeIsAJobThatFails() async throws {
    try await asked { fixture in
      let begun = await fixture.ask("POST", ["deployments"], #"{"model": "llama-3.1-405b", "engine": "llama.cpp"}"#)
      #expect(begun.status == 202, "\(begun.text)")
      let job = try JSONDecoder().decode(Job.self, from: Data(begun.text.utf8))
      #expect(begun.headers["Location"] == "/api/v1/jobs/\(job.id)")
      await fixture.app.end()
      let ended = try JSONDecoder().decode(Job.self, from: Data(await fixture.ask("GET", ["jobs", job.id]).text.utf8))
      #expect([.failed, .cancelled].contains(ended.state))
      #expect(ended.finishedAt != nil)
    }
  }
}

extension WebResponse {
  fileprivate var text: String {
    if case .bytes(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { "" }
  }
}

extension Data {
  fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
