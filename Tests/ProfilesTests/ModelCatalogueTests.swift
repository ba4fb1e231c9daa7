import Models
import Profiles
import Testing
import Units

/// The models that are known by name.
@Suite struct ModelCatalogueTests {
  let catalogue = Profiles().modelCatalogue()

  @Test func everyEntryIsReadableAndCalledAfterItsRepository() throws {
    let entries = try catalogue.entries()
    #expect(entries.count >= 300)
    for entry in entries {
      #expect(entry.repository.split(separator: "/").last?.lowercased() == entry.name)
      #expect(!entry.uses.isEmpty, "\(entry.name)")
      #expect(entry.activeParameters <= entry.parameters, "\(entry.name)")
    }
    #expect(entries.count { $0.isVerified } >= 280)
    #expect(entries.count { $0.isCore } >= 200)
  }

  /// An entry that is another's quantized form has its dimensions, and that one names it.
  @Test func quantizedFormsAreNamedByTheirModel() throws {
    let entries = try catalogue.entries()
    var joined: Set<String> = []
    for entry in entries where !entry.quantized.isEmpty {
      #expect(!entry.hasQuantizedWeights && entry.sources.contains { $0.hasPrefix("quantized: ") }, "\(entry.name)")
      for (form, repository) in entry.quantized {
        #expect(CheckpointQuantization.Scheme(rawValue: form) != nil && repository.contains("/"), "\(entry.name)")
        guard let copy = entries.first(where: { $0.repository == repository }) else { continue }
        #expect(copy.isQuantizedCopy(of: entry), "\(copy.name)")
        let (own, other) = (try entry.model(), try copy.model())
        #expect(own.layers.count == other.layers.count && own.shape.embeddingLength == other.shape.embeddingLength)
        joined.insert(copy.name)
      }
    }
    let copies = entries.filter { copy in entries.contains { copy.isQuantizedCopy(of: $0) } }.map(\.name)
    let missing = Set(copies).subtracting(joined)
    #expect(joined.contains("qwen3-32b-fp8") && joined.count >= 6)
    #expect(missing.isEmpty, "\(missing)")
  }

  @Test func everyScoreHasASource() throws {
    for entry in try catalogue.entries() {
      for score in entry.scores { #expect(!score.source.isEmpty, "\(entry.name)") }
    }
  }

  @Test(
    "finds what a person means",
    arguments: [
      ("qwen3-8b", "qwen3-8b"), ("Qwen/Qwen3-8B", "qwen3-8b"), ("QWEN3-8B", "qwen3-8b"), ("qwen3:8b", "qwen3-8b"),
      ("llama-3.1-8b", "llama-3.1-8b-instruct"), ("llama3.1:8b", "llama-3.1-8b-instruct"),
      ("Llama-3.3-70B", "llama-3.3-70b-instruct"), ("gemma-3-27b", "gemma-3-27b-it"),
      ("mixtral-8x7b", "mixtral-8x7b-instruct-v0.1"), ("gpt-oss-20b", "gpt-oss-20b"),
      ("qwen3-30b", "qwen3-30b-a3b"), ("kimi-k2", "kimi-k2-instruct"), ("unsloth/Qwen3-8B-GGUF", "qwen3-8b"),
      ("mistral-7b", "mistral-7b-instruct-v0.3"),
    ])
  func names(asked: String, found: String) throws {
    #expect(try catalogue.entry(named: asked).name == found)
  }

  @Test(
    "refuses what nothing is called",
    arguments: [
      "banana-12b", "llama-3.1-71b", "Qwen/Qwen3-8C", "qwen3-8", "", "gpt-5", "someone/qwen3-8b", "../qwen3-8b", "70c",
    ])
  func unknown(name: String) {
    #expect(throws: ModelNameError.self) { try catalogue.model(named: name) }
  }

  @Test func namesTheNearest() {
    let error = #expect(throws: ModelNameError.self) { try catalogue.entry(named: "llama-3.1-71b") }
    #expect(error?.reason.remedy?.contains("llama-3.1-70b-instruct") == true)
    #expect(error?.outcome == .refusedInput)
  }

  @Test(
    "a name that means several is refused with the choices",
    arguments: ["qwen3", "mixtral", "llama-70b", "arctic", "llama3"])
  func ambiguous(name: String) {
    let error = #expect(throws: ModelNameError.self) { try catalogue.entry(named: name) }
    guard case .ambiguous(_, let choices)? = error else {
      Issue.record("\(name) is not called ambiguous")
      return
    }
    #expect(choices.count > 1)
  }

  @Test func aNamedModelIsARealModel() throws {
    let model = try catalogue.model(named: "qwen3-8b")
    #expect(model.name == "Qwen3-8B")
    #expect(model.layers.count == 36)
    #expect(model.layers[0].kvHeadCount == 8)
    #expect(model.parameters?.value == 8_190_735_360)
    #expect(model.tensors.count > 300)
    #expect(model.warnings.isEmpty)
  }

  @Test(
    "a bare size is an ordinary model that says so",
    arguments: [("70b", 70e9, 70e9), ("30b-a3b", 30e9, 3e9), ("0.6b", 0.6e9, 0.6e9), ("350M", 350e6, 350e6)])
  func sizes(text: String, total: Double, active: Double) throws {
    let model = try catalogue.model(named: text)
    #expect(model.parameters.map { Double($0.value) } == total)
    #expect(model.activeParameters.map { Double($0.value) } == active)
    #expect(model.warnings.contains { $0.code == .genericShape })
    let elements = model.tensors.reduce(0.0) { $0 + Double($1.dimensions.reduce(1, *)) }
    #expect(abs(elements / total - 1) < 0.05)
  }

  /// Whatever an entry's shapes add up to, its count is never below what is published.
  @Test func noEntryIsLow() throws {
    for entry in try catalogue.entries() where entry.hasConfiguration {
      let model = try entry.model()
      let count = try #require(model.parameters?.value, "\(entry.name)")
      #expect(Double(count) >= 0.99 * Double(entry.parameters), "\(entry.name)")
    }
  }
}
