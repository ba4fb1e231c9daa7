import Engines
import Fixtures
import Foundation
import Platform
import Testing
import Units

@testable import Deployment

/// The user's own choice of engines: nothing in it is passed over.
@Suite struct EngineConfigurationTests {
  @Test func readsPathsAndVariables() throws {
    let text = "engines:\n  llama.cpp: {path: /opt/llama-server, environment: {N: 1}}\n"
    let read = try EngineConfiguration(parsing: text, path: "config.yaml")
    #expect(read.engines[.llamaCpp] == .init(path: "/opt/llama-server", environment: ["N": "1"]))
    #expect(try EngineConfiguration(parsing: "# nothing\n", path: "config.yaml").engines.isEmpty)
  }

  @Test(arguments: [
    ("engines: [", "config.yaml:"), ("\nengine: {}", "config.yaml:2: it has no key engine"),
    ("engines:\n  llama: {path: /x}", "config.yaml:2: llama is none of"),
    ("engines:\n  vllm:\n    paht: /x", "config.yaml:3: an engine has no key paht"),
    ("engines: {vllm: {environment: {}}}", "config.yaml:1: vllm has no path"),
    ("engines: {vllm: /x}", "config.yaml:1: vllm is not a list"),
  ])
  func namesThePlaceOfWhatIsNotUnderstood(text: String, words: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try EngineConfiguration(parsing: text, path: "config.yaml")
    }
    #expect(error?.reason.message.hasPrefix(words) == true, "\(error?.reason.message ?? "")")
    #expect(error?.outcome == .usage)
  }

  @Test func aNamedProgramIsNotReplacedByAnother() async throws {
    let home = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    let folders = DataFolders(environment: ["PLIMSOLL_HOME": home])
    try DataFolders.make(folders.configuration)
    let program = "#!/bin/sh\necho version: 99999\n"
    try DataFolders.make("\(folders.engines)/llama.cpp/bin")
    try writeAtomically(Array(program.utf8), to: "\(folders.engines)/llama.cpp/bin/llama-server", mode: 0o755)
    for (path, code) in [("/bin/true", "not-the-engine"), ("/nowhere", "engine-not-found")] {
      let text = "engines: {llama.cpp: {path: \(path)}}"
      try writeAtomically(Array(text.utf8), to: "\(folders.configuration)/config.yaml")
      let found = await EngineFinder(folders: folders, environment: [:]).find(LlamaCpp())
      #expect(found.map { $0.problem?.code.rawValue } == [code, nil])
    }
  }
}
