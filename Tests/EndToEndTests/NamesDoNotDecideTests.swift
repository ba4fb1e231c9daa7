import Fixtures
import Foundation
import Testing

/// Who made a device is one fact in any spelling, and what a device is called changes no answer.
@Suite(.enabled(if: Program.isBuilt, "the program is not built: swift build"))
struct NamesDoNotDecideTests {
  private static let spellings: [(maker: String, words: [String], architecture: String)] = [
    ("nvidia", ["NVIDIA", "nvidia", "NVIDIA Corporation", "NVIDIA(R) Corporation", "0x10de"], "8.9"),
    ("amd", ["AMD", "amd", "Advanced Micro Devices, Inc. [AMD/ATI]", "ATI Technologies", "1002"], "gfx1100"),
    ("intel", ["Intel", "intel", "Intel Corporation", "Intel(R) Corporation", "0x8086"], ""),
    ("habana", ["Habana", "habana", "Habana Labs", "Habana Labs Ltd.", "1da3"], ""),
    ("apple", ["Apple", "apple", "APPLE", "Apple Inc.", "Apple, Inc."], ""),
  ]

  private struct Answer: Equatable {
    var plan: String
    var deployment: String
    var exitCode: Int32
  }

  private static func profile(vendor: String, model: String, architecture: String) -> String {
    """
    schema: plimsoll.machine/1
    name: box
    cpu: {architecture: x86_64, cores: 16, threads: 32}
    memory: {totalBytes: 68719476736, bandwidth: 80000000000}
    accelerators:
    - vendor: "\(vendor)"
      model: "\(model)"
      memoryBytes: 34359738368
      bandwidth: 1792000000000
      hostGigabytesPerSecond: 63
      teraOperationsPerSecond: {fp16: 209.6, fp32: 104.8}
    \(architecture.isEmpty ? "" : "  architecture: \"\(architecture)\"")

    """
  }

  /// What is planned and deployed on a machine of one profile.
  private func answer(_ program: Program, _ profile: String, engine: String?) throws -> Answer {
    let place = "\(program.home)/box.yaml"
    try profile.write(toFile: place, atomically: true, encoding: .utf8)
    let model = "\(program.home)/m.gguf"
    if !FileManager.default.fileExists(atPath: model) { try DeployOptionTests.model(model) }
    let planned = try program.run(["plan", model, "--on", place, "--json"])
    let document = try JSONSerialization.jsonObject(with: Data(planned.output.utf8)) as? [String: Any]
    let options = try JSONSerialization.data(
      withJSONObject: try #require(document?["options"], "\(planned.errors)"), options: [.sortedKeys])
    let deployed = try program.run(
      ["deploy", model, "--on", place, "--target", "docker"] + (engine.map { ["--engine", $0] } ?? []))
    return Answer(
      plan: String(decoding: options, as: UTF8.self), deployment: deployed.output + deployed.errors,
      exitCode: deployed.exitCode)
  }

  @Test(arguments: spellings.indices) func spellingsOfAMakerAreOneMaker(_ index: Int) throws {
    let program = try Program()
    defer { program.remove() }
    let row = Self.spellings[index]
    let answers = try row.words.map {
      try answer(program, Self.profile(vendor: $0, model: "Card", architecture: row.architecture), engine: nil)
    }
    for (words, other) in zip(row.words, answers).dropFirst() { #expect(other == answers[0], "\(words)") }
    if row.maker == "nvidia" {
      #expect(answers[2].deployment.contains("--gpus") && answers[2].deployment.contains("server-cuda"))
    }
  }

  @Test func aDevicesNameDecidesNothingThatItsFactsTell() throws {
    let program = try Program()
    defer { program.remove() }
    let names = ["NVIDIA GeForce RTX 5090", "NVIDIA GeForce RTX 6090", "RTX 2080 Ti", "Card"]
    let plans = try names.map {
      try answer(program, Self.profile(vendor: "NVIDIA", model: $0, architecture: "12.0"), engine: nil).plan
    }
    for (name, plan) in zip(names, plans).dropFirst() { #expect(plan == plans[0], "\(name)") }
  }
}
