import Deployment
import Fixtures
import Foundation
import Hardware
import Platform
import Testing
import Units

@testable import Workflows

/// Accelerators timed through an engine: a script that answers as llama-server would, at a pace of its own.
@Suite(.enabled(if: FakeLlamaServer.python != nil, "python3 is not installed"))
struct AcceleratorJobTests {
  private func machine(cards: Int = 1) -> Machine {
    var machine = MachineBuilder.smallServer()
    machine.accelerators = (0..<cards).map { _ in
      var device = Accelerator(
        vendor: Figure(.nvidia, .probed, "test"), model: Figure("NVIDIA GeForce RTX 4060", .probed, "test"))
      device.memoryBytes = Figure(.gibibytes(8), .probed, "test")
      device.usableBytes = Figure(.gibibytes(8), .probed, "test")
      device.bandwidth = Figure(272e9, .datasheet, "test")
      device.architecture = Figure("8.9", .probed, "test")
      return device
    }
    return machine
  }

  /// A workspace with the fake engine and a model that nothing is in.
  private func fixture(hasEngine: Bool = true, hasModel: Bool = true, layers: String? = "2/2") throws
    -> WorkspaceFixture
  {
    let fixture = try WorkspaceFixture()
    let folders = fixture.workspace.folders
    if hasEngine { try FakeLlamaServer.install(in: "\(folders.engines)/llama.cpp/bin", layers: layers) }
    if hasModel {
      try DataFolders.make(folders.models)
      var builder = GGUFBuilder(architecture: "llama")
      for (key, value) in [
        ("block_count", 1), ("context_length", 2048), ("embedding_length", 64), ("feed_forward_length", 128),
        ("attention.head_count", 4), ("attention.head_count_kv", 4), ("vocab_size", 32),
      ] { builder.set("llama.\(key)", .uint32(UInt32(value))) }
      builder.add("token_embd.weight", [64, 32])
      try builder.write(to: "\(folders.models)/tiny.gguf", size: 16384)
    }
    return fixture
  }

  private func job(_ fixture: WorkspaceFixture) -> AcceleratorJob { AcceleratorJob(in: fixture.workspace) { _ in } }

  @Test func timesOneOfEachKind() async throws {
    let fixture = try fixture()
    defer { fixture.remove() }
    let timed = try await job(fixture).measured(machine(cards: 2))
    #expect(timed.accelerators[1].engineSpeeds == nil)
    let speed = try #require(timed.accelerators[0].engineSpeeds?.first)
    #expect(speed.engine.hasPrefix("llama.cpp"))
    #expect(speed.model.contains("tiny") || speed.model.contains("F16"))
    // The script waits 20 ms before the first token and 5 ms before each further one; a busy machine only adds to it.
    let answer = try #require(speed.answerTokensPerSecond)
    #expect(answer.source.kind == .measured && answer.value > 1 && answer.value < 205)
    let prompt = try #require(speed.promptTokensPerSecond)
    #expect(prompt.value > 10 && prompt.value < 1000 / 0.02)
    #expect(fixture.workspace.deployer.list().isEmpty)
  }

  @Test func anEngineForProcessorsIsNotTakenForTheCard() async throws {
    let fixture = try fixture(layers: nil)
    defer { fixture.remove() }
    let failure = await #expect(throws: Failure.self) { try await job(fixture).measured(machine()) }
    #expect(failure?.reason.code == .engineWithoutAccelerator)
    // Nor does the run correct what is predicted for the card.
    #expect(fixture.workspace.calibration() == nil)
  }

  @Test func whatIsMissingIsNamedWithItsRemedy() async throws {
    let bare = try fixture(hasEngine: false)
    defer { bare.remove() }
    let noCard = await #expect(throws: Failure.self) { try await job(bare).measured(machine(cards: 0)) }
    #expect(noCard?.reason.code == .noAccelerator)
    let noEngine = await #expect(throws: (any Error).self) { try await job(bare).measured(machine()) }
    #expect((noEngine as? any ExplainedError)?.reason.remedy?.contains("engines install llama.cpp") == true)
    let empty = try fixture(hasModel: false)
    defer { empty.remove() }
    let noModel = await #expect(throws: Failure.self) { try await job(empty).measured(machine()) }
    #expect(noModel?.reason.code == .noModelAtHand)
    #expect(noModel?.reason.remedy?.contains("demo-models") == true)
  }
}

/// A program that listens where it is told and answers chat requests in the form of llama-server.
enum FakeLlamaServer {
  static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// - Parameter layers: what its log says of layers on the accelerator; nil as a build for processors says nothing.
  static func install(in folder: String, layers: String?) throws {
    try DataFolders.make(folder)
    let log = layers.map { "load_tensors: offloaded \($0) layers to GPU" } ?? "load_tensors: loading model tensors"
    let text = "#!\(python ?? "")\nLOG = \"\(log)\"\n\(source)"
    try writeAtomically(Array(text.utf8), to: "\(folder)/llama-server", mode: 0o755)
  }

  private static let source = #"""
    import http.server, json, sys, time

    if "--version" in sys.argv:
        sys.exit(print("version: 99999 (abcdef)"))
    if "--help" in sys.argv:
        sys.exit(print("usage: llama-server"))
    print(LOG, file=sys.stderr, flush=True)


    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *words):
            pass

        def answer(self, body, kind="application/json"):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer(json.dumps({"object": "list", "data": [{"id": "tiny"}], "status": "ok"}).encode())

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            words = asked.get("prompt") or " ".join(str(one.get("content")) for one in asked.get("messages", []))
            count = asked.get("max_tokens") or asked.get("max_completion_tokens") or 1
            usage = {"prompt_tokens": len(str(words).split()), "completion_tokens": count}
            if not asked.get("stream"):
                choice = {"text": "x", "message": {"role": "assistant", "content": "x"}, "finish_reason": "length"}
                return self.answer(json.dumps({"choices": [choice], "usage": usage}).encode())
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()

            def event(data):
                text = ("data: %s\n\n" % data).encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
                self.wfile.flush()

            for place in range(count):
                time.sleep(0.005 if place else 0.02)
                event(json.dumps({"choices": [{"index": 0, "delta": {"content": " word"}, "finish_reason": None}]}))
            event(json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}))
            event(json.dumps({"choices": [], "usage": usage}))
            event("[DONE]")
            self.wfile.write(b"0\r\n\r\n")


    port = int(sys.argv[sys.argv.index("--port") + 1])
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
    """#
}
