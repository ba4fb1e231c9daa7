import Engines
import Fixtures
import Foundation
import Planning
import Platform
import Records
import Testing
import Units
import Workflows

@testable import Deployment
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
      #expect(await fixture.ask("GET", ["machines"], query: ["what": "x"]).status == 400)
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

  @Test func aNewLinkIsAskedOfTheRunningServer() async throws {
    try await asked { fixture in
      let first = await fixture.ask("POST", ["link"])
      #expect(first.status == 200 && first.text.contains("http://127.0.0.1:8765/?token="))
      #expect(await fixture.ask("POST", ["link"]).text != first.text)
      #expect(await fixture.ask("GET", ["link"]).status == 405)
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
    ("GET", ["sizings", "1"], "", 404), ("GET", ["sizings", "x", "report"], "", 404),
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
    ("POST", ["deployments", "x", "restart"], "", 404), ("POST", ["deployments", "..", "restart"], "", 404),
    ("GET", ["hub", "models"], "", 400), ("GET", ["hub", "files"], "", 400),
    ("POST", ["downloads"], #"{"model": "hf:org/name"}"#, 404), ("POST", ["downloads"], #"{"model": "../x"}"#, 400),
    ("POST", ["downloads"], #"{"model": "http://127.0.0.1:1/org/name"}"#, 400), ("POST", ["machines"], "", 400),
    ("POST", ["plan"], #"{"model": "qwen3-8b", "machine": "upload:7"}"#, 404),
    ("GET", ["runs", "x", "report"], "", 404),
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
        // Nor beside a model that is allowed.
        for beside in [["lora": JSON.list([.text(name)])], ["draft": .text(name)]] {
          for path in ["plan", "deployments"] {
            let body = JSON.object(beside.merging(["model": "qwen3-0.6b"]) { own, _ in own })
            let answer = await fixture.ask("POST", [path], try JSONEncoder().encode(body).text)
            #expect(answer.status == 400 && answer.text.contains("request-refused"), "\(path) \(name): \(answer.text)")
          }
        }
        let size = await fixture.ask(
          "POST", ["size"], try JSONEncoder().encode(["model": "qwen3-0.6b", "draft": name]).text)
        #expect(size.status == 400 && size.text.contains("request-refused"), "size \(name): \(size.text)")
      }
      let link = await fixture.ask("GET", ["models", "link.gguf"]).text
      #expect(link.contains("is a link that leads out of the folders of models"))
      let machine = await fixture.ask("GET", ["machines", profile])
      #expect(machine.status >= 400 && !machine.text.contains("secret words"))
    }
  }

  @Test func machinesSentAreReadPlannedAndForgotten() async throws {
    try await asked { fixture in
      let text = "GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-5e1b0c9a-0000-0000-0000-000000000000)\n"
      let sent = await fixture.ask(
        "POST", ["machines"], try JSONEncoder().encode(["content": text, "name": "../a/smi.txt"]).text)
      #expect(sent.status == 201, "\(sent.text)")
      try expect(sent.text, isOf: "machine")
      #expect(sent.text.contains("RTX 4090") && sent.text.contains("smi.txt") && !sent.text.contains(".."))
      let name = try #require(sent.headers["Location"]?.split(separator: "/").last.map(String.init))
      #expect(await fixture.ask("GET", ["machines", name]).text == sent.text)
      let plan = await fixture.ask(
        "POST", ["plan"], try JSONEncoder().encode(["model": "qwen3-8b", "machine": name]).text)
      #expect(plan.status == 200 && plan.text.contains("RTX 4090"), "\(plan.text.prefix(300))")
      let list = await fixture.ask(
        "POST", ["recommend"], try JSONEncoder().encode(["use": "chat", "machine": name]).text)
      #expect(list.status == 200, "\(list.text.prefix(300))")
      for _ in 0..<16 {
        _ = await fixture.ask("POST", ["machines"], try JSONEncoder().encode(["content": text]).text)
      }
      #expect(await fixture.ask("GET", ["machines", "upload:0"]).status == 404)
    }
  }

  @Test func aProfileIsReadByItsSchemaAndWithItsParts() async throws {
    try await asked { fixture in
      let known = await fixture.ask("GET", ["machines", "2x rtx-4090, 128 GiB"])
      let again = await fixture.ask("POST", ["machines"], try JSONEncoder().encode(["content": known.text]).text)
      #expect(again.status == 201, "\(again.text.prefix(300))")
      let parts = "schema: plimsoll.machine/1\nname: box\nparts: 2x rtx-4090, 128 GiB\n"
      let made = await fixture.ask(
        "POST", ["machines"], try JSONEncoder().encode(["content": parts, "name": "box.yaml"]).text)
      #expect(made.status == 201 && made.text.contains("RTX 4090"), "\(made.text.prefix(300))")
    }
  }

  static let noMachines: [String] = [
    "", " ", "/etc/passwd", "file:///etc/passwd", "../../etc/passwd", "secret words",
    "bash: nvidia-smi: command not found",
    "PK\u{3}\u{4}\u{14}\u{0}", "dump.tar\u{0}\u{0}0000644", String(repeating: "<object>", count: 20_000),
    "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><topology>&b;</topology>",
    "schema: plimsoll.machine/1\nname: a\nparts: /etc/passwd\n", "schema: plimsoll.machine/9\n",
    "schema: plimsoll.machine/1\nname: a\nmemory: {totalBytes: {value: -5, source: user}}\n",
    "a: &a [x]\nplimsoll.machine/1: [" + String(repeating: "*a,", count: 25_000) + "]\n",
    "{\"schema\": \"plimsoll.machine/1\", " + String(repeating: "[", count: 10_000),
  ]

  @Test func whatDescribesNoMachineIsRefused() async throws {
    try await asked { fixture in
      for (content, name) in Self.noMachines.flatMap({ [($0, "/etc/passwd"), ($0, "../x.yaml")] }) {
        let answer = await fixture.ask(
          "POST", ["machines"], try JSONEncoder().encode(["content": content, "name": name]).text)
        #expect(answer.status == 400 || answer.status == 404, "\(content.prefix(60)): \(answer.status) \(answer.text)")
        #expect(!answer.text.contains("root:"))
        try expect(answer.text, isOf: "error")
      }
    }
  }

  @Test func aDeploymentsLogIsPlainTextAndItsRestartAJob() async throws {
    try await asked { fixture in
      let folders = fixture.workspace.folders
      try FileManager.default.createDirectory(atPath: folders.deployments, withIntermediateDirectories: true)
      let log = "\(fixture.folder)/log"
      try Data("loading\u{1B}[2J<b>\n".utf8).write(to: URL(filePath: log))
      // The second record lies outside, where a name with a path would lead.
      for name in ["x", "../x"] {
        let record = Deployment(
          name: name, engine: .llamaCpp, engineBuild: nil, modelPath: "/m", address: ServerAddress(port: 1),
          command: [],
          environment: [:], startedAt: 0, log: log)
        try JSONEncoder().encode(record).write(to: URL(filePath: "\(folders.deployments)/\(name).json"))
      }
      let text = await fixture.ask("GET", ["deployments", "x", "log"]).text
      #expect(text.hasPrefix("loading") && text.contains("<b>") && !text.contains("\u{1B}"))
      #expect(await fixture.ask("GET", ["deployments", "../x", "log"]).status == 404)
      let begun = await fixture.ask("POST", ["deployments", "x", "restart"])
      #expect(begun.status == 202, "\(begun.text)")
      let id = try JSONDecoder().decode(Job.self, from: Data(begun.text.utf8)).id
      var ended = try JSONDecoder().decode(Job.self, from: Data(begun.text.utf8))
      while ended.state == .running {
        await Task.yield()
        ended = try JSONDecoder().decode(Job.self, from: Data(await fixture.ask("GET", ["jobs", id]).text.utf8))
      }
      #expect(ended.kind == "restart" && ended.state == .failed && ended.failure?.code == "no-plan", "\(ended)")
    }
  }

  @Test func longBodiesAreForTheUserAlone() throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    func limit(_ path: [String], _ headers: [String: String]) -> Int {
      fixture.app.bodyLimit(WebRequest("POST", path, headers: headers))
    }
    let key = ["authorization": "Bearer secret"]
    #expect(limit(["api", "v1", "machines"], key) == 4 << 20)
    #expect(limit(["api", "v1", "deployments", "a", "chat"], key) == 1 << 20)
    for path in [["api", "v1", "plan"], ["machines"], ["chat"]] { #expect(limit(path, key) == 65_536) }
    for headers in [[:], ["authorization": "Bearer other"], ["cookie": "plimsoll-8765=x"]] {
      #expect(limit(["api", "v1", "machines"], headers) == 65_536)
      #expect(limit(["api", "v1", "deployments", "a", "chat"], headers) == 65_536)
    }
  }

  @Test func reportsAreShownWithoutRightsAndGivenAsFiles() async throws {
    try await asked { fixture in
      let store = try RunStore(path: fixture.workspace.folders.database)
      for id in ["run-a", "run-\"b\r\nX: y"] {
        var builder = RunBuilder()
        builder.id = id
        builder.requestsPerStage = 4
        builder.modelName = "<script>alert(1)</script>"
        try store.add(builder.archive(), origin: .imported)
      }
      try store.tag("run-a", adding: ["nightly"], removing: [])
      let page = await fixture.ask("GET", ["runs", "run-a", "report"])
      #expect(page.status == 200 && page.text.hasPrefix("<!DOCTYPE html>"), "\(page.text.prefix(300))")
      #expect(!page.text.contains("<script"))
      let policy = try #require(page.headers["Content-Security-Policy"])
      for word in ["default-src 'none'", "frame-ancestors 'self'", "sandbox"] { #expect(policy.contains(word)) }
      #expect(!policy.contains("script-src") && !policy.contains("allow-"))
      #expect(page.headers["Content-Disposition"] == nil)
      for (format, type) in [
        ("md", "text/markdown"), ("csv", "text/csv"), ("json", "application/json"), ("html", "text/html"),
      ] {
        let file = await fixture.ask(
          "GET", ["runs", "run-\"b", "report"], query: ["format": format, "download": "true"])
        #expect(file.headers["Content-Type"]?.hasPrefix(type) == true, "\(file.text.prefix(300))")
        #expect(file.headers["Content-Disposition"] == "attachment; filename=\"run-bXy.\(format)\"")
      }
      let both = await fixture.ask("GET", ["comparison", "report"], query: ["runs": "run-a,run-\"b"])
      #expect(both.status == 200 && both.text.hasPrefix("<!DOCTYPE html>"), "\(both.text.prefix(300))")
      #expect(await fixture.ask("GET", ["comparison", "report"], query: ["runs": "run-a"]).status == 400)
      let found = await fixture.ask("GET", ["runs"], query: ["text": "NIGHT"])
      #expect(found.text.contains("run-a") && !found.text.contains("X: y"))
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"), "no Python is here"))
  func aDownloadIsAJobWithItsRate() async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    let models = "\(fixture.folder)/hub/org/tiny"
    try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    let bytes = GGUFBuilder().build() + [UInt8](repeating: 7, count: 3 << 20)
    try Data(bytes).write(to: URL(filePath: "\(models)/tiny-Q8_0.gguf"))
    let (process, hub) = try standInHub(of: "\(fixture.folder)/hub")
    defer { process.terminate() }
    let workspace = Workspace(environment: [
      "PLIMSOLL_HOME": fixture.folder, "HOME": fixture.folder, "HF_ENDPOINT": hub,
    ])
    let api = try API(workspace, program: "")
    let preview = try #require(api.endpoints.first { $0.name == "previewDownload" })
    let told = try await preview.handle(Inputs(["model": "hf:org/tiny:Q8_0"])).text
    #expect(told.contains("tiny-Q8_0.gguf") && told.contains("\(bytes.count)"), "\(told)")
    let search = try #require(api.endpoints.first { $0.name == "searchHub" })
    let found = try await search.handle(Inputs(["text": "tiny", "files": true])).text
    #expect(found.contains("org/tiny") && found.contains("Q8_0"), "\(found)")
    let endpoint = try #require(api.endpoints.first { $0.name == "download" })
    let begun = try await endpoint.handle(Inputs(["model": "hf:org/tiny:Q8_0"]))
    #expect(begun.status == 202)
    let job = try #require(try api.jobs.list(limit: 1).first)
    let all = try await #require(try api.jobs.changes(of: job.id)).reduce(into: [Job]()) { $0.append($1) }
    let last = try #require(all.last)
    #expect(last.state == .done && last.kind == "download", "\(last)")
    let folder = try #require(last.notes.last?.dropFirst(3))
    #expect(try Data(contentsOf: URL(filePath: "\(folder)/tiny-Q8_0.gguf")) == Data(bytes))
  }

  /// The stand-in of `scripts/hub-server` for a folder, and its address.
  private func standInHub(of folder: String) throws -> (Process, String) {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["\(root)/scripts/hub-server", folder]
    process.standardInput = Pipe()
    process.standardOutput = output
    try process.run()
    let line = output.fileHandleForReading.availableData
    return (process, try JSONDecoder().decode([String: String].self, from: line)["hub"] ?? "")
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

  /// A plan that was made before says nothing of what is free when a server is started.
  @Test func whatIsStartedIsPlannedForWhatIsFreeNow() async throws {
    try await asked { fixture in
      let warm = fixture.app.api.warm
      let question = #"{"model": "qwen3-0.6b"}"#
      #expect(await fixture.ask("POST", ["plan"], question).status == 200)
      #expect(warm.knowsThisMachine)
      let begun = await fixture.ask("POST", ["deployments"], #"{"model": "qwen3-0.6b", "engine": "llama.cpp"}"#)
      #expect(begun.status == 202, "\(begun.text)")
      await fixture.app.end()
      #expect(!warm.knowsThisMachine)
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
