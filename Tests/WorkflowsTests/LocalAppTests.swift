import Benchmarking
import Engines
import Fixtures
import Foundation
import Platform
import Testing
import Units

@testable import Deployment
@testable import Workflows

/// Models and servers of other applications, by the names that they have there.
@Suite struct LocalAppTests {
  private let hash = String(repeating: "ab", count: 32)

  private func manifest(_ digest: String, type: String = "application/vnd.ollama.image.model") -> String {
    #"{"layers":[{"mediaType":"\#(type)","digest":"\#(digest)","size":2048}]}"#
  }

  @Test func ollamasModelsAreFoundByTheirNames() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let store = ".ollama/models"
    let blob = try fixture.write("GGUF", to: "\(store)/blobs/sha256-\(hash)")
    let here = "\(store)/manifests"
    _ = try fixture.write(manifest("sha256:\(hash)"), to: "\(here)/registry.ollama.ai/library/llama3.2/latest")
    _ = try fixture.write(manifest("sha256:\(hash)"), to: "\(here)/registry.ollama.ai/someone/tuned/1b")
    _ = try fixture.write(manifest("sha256:\(hash)"), to: "\(here)/hf.co/org/name-GGUF/Q4_K_M")
    // A digest is a file's name: it must not lead out of the store. Layers of other kinds hold no GGUF; some are no JSON.
    _ = try fixture.write(manifest("sha256:../../../secret"), to: "\(here)/registry.ollama.ai/library/evil/latest")
    _ = try fixture.write(
      manifest("sha256:\(hash)", type: "application/vnd.ollama.image.tensor"),
      to: "\(here)/registry.ollama.ai/library/other/latest")
    _ = try fixture.write("{", to: "\(here)/registry.ollama.ai/library/broken/latest")
    let models = LocalApp.ollama.models(fixture.workspace.environment)
    #expect(
      models.map(\.name) == ["ollama:hf.co/org/name-GGUF:Q4_K_M", "ollama:llama3.2:latest", "ollama:someone/tuned:1b"])
    #expect(Set(models.map(\.path)) == [blob])
    #expect(models.first?.bytes == ByteCount(2048))
    #expect(try LocalApp.ollama.model("llama3.2", fixture.workspace.environment).path == blob)
    let failure = #expect(throws: Failure.self) {
      try LocalApp.ollama.model("mistral", fixture.workspace.environment)
    }
    #expect(failure?.reason.code == .unknownModel)
    #expect(failure?.reason.remedy?.contains("ollama:llama3.2:latest") == true)
  }

  @Test func foldersOfFilesAreModels() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let studio = ".lmstudio/models/publisher"
    let one = try fixture.write("GGUF", to: "\(studio)/one-GGUF/one.Q4_K_M.gguf")
    _ = try fixture.write("GGUF", to: "\(studio)/one-GGUF/mmproj-one.gguf")
    let first = try fixture.write("GGUF", to: "\(studio)/two-GGUF/two.Q4_K_M.gguf")
    _ = try fixture.write("GGUF12", to: "\(studio)/two-GGUF/two.Q8_0.gguf")
    let models = LocalApp.lmStudio.models(fixture.workspace.environment)
    #expect(models.map(\.name) == ["lmstudio:publisher/one-GGUF", "lmstudio:publisher/two-GGUF"])
    #expect(models.map(\.path) == [one, URL(filePath: first).deletingLastPathComponent().path])
    #expect(models.map(\.bytes.bytes) == [4, 10])
    #expect(LocalApp.jan.models(fixture.workspace.environment).isEmpty)
  }

  @Test(arguments: [
    (nil, "http://127.0.0.1:11434"), ("0.0.0.0", "http://127.0.0.1:11434"), ("0.0.0.0:9000", "http://127.0.0.1:9000"),
    ("http://gpu-box:11435/", "http://gpu-box:11435"), (":8000", "http://127.0.0.1:8000"),
    ("[::1]:11434", "http://[::1]:11434"), ("[::1]", "http://[::1]:11434"),
    ("https://box", "https://box:443"),
  ])
  func ollamasServerIsWhereItsVariableSays(_ host: String?, _ address: String) async throws {
    #expect(LocalApp.ollama.address(host.map { ["OLLAMA_HOST": $0] } ?? [:]) == address)
  }

  @Test func anApplicationIsATarget() async throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    var words = TargetWords()
    words.model = "qwen"
    #expect(try await fixture.workspace.target("lmstudio", words).baseURL.hasPrefix("http://127.0.0.1:1234"))
  }
}

/// The engine's own web page is served where it was asked for, and only there.
@Suite struct WebPageTests {
  @Test func aPageIsServedOnlyWhereOneIs() throws {
    let flags = [LaunchFlag("--no-webui", reason: "x"), LaunchFlag("--metrics", reason: "y")]
    let launch = LaunchConfiguration(program: "llama-server", flags: flags)
    let shown = launch.showingPage(EngineCatalogue.engine(.llamaCpp).operation)
    #expect(shown?.arguments == ["--metrics"])
    #expect(launch.showingPage(EngineCatalogue.engine(.vllm).operation) == nil)
  }
}
