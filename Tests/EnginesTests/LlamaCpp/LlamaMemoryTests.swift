import Fixtures
import Foundation
import Models
import Testing
import Units

@testable import Engines

@Suite("What llama.cpp allocates")
struct LlamaMemoryTests {
  /// One measured configuration of the reference data.
  struct Row: Decodable {
    var model: String
    var kind: String?
    var n_ctx: Int?
    var n_parallel: Int?
    var type_k: String?
    var type_v: String?
    var fa: String?
    var kv_unified: Int?
    var n_batch: Int?
    var n_ubatch: Int?
    var swa_full: Int?
    var n_outputs_max: Int?
    var context_bytes: Int?
    var compute_bytes: Int?
    var error: String?
  }

  private func rows() -> [Row] {
    guard let root = SharedData.root,
      let text = try? String(contentsOfFile: "\(root)/truth/llama-memory.jsonl", encoding: .utf8)
    else { return [] }
    let all = text.split(separator: "\n").compactMap { try? JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
    // Every seventh keeps the suite quick; the whole is `make accuracy`.
    return all.filter { $0.kind == nil }.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)
  }

  @Test(
    "caches, states and compute buffers are those that the engine allocated", .enabled(if: SharedModels.folder != nil))
  func measured() throws {
    let folder = try #require(SharedModels.folder)
    var known: [String: LlamaMemory] = [:]
    var compared = 0
    for row in rows() {
      if known[row.model] == nil {
        let path = "\(folder)/\(row.model).gguf"
        guard FileManager.default.fileExists(atPath: path) else { continue }
        known[row.model] = LlamaMemory(try ModelReader.read(path: path))
      }
      guard let memory = known[row.model] else { continue }
      compare(row, memory)
      compared += 1
    }
    #expect(compared > 50)
  }

  private func compare(_ row: Row, _ memory: LlamaMemory) {
    var settings = EngineSettings()
    settings.flashAttention = row.fa != "off"
    settings.kvUnified = row.kv_unified == 1
    settings.batch = row.n_batch ?? 2048
    settings.ubatch = row.n_ubatch ?? 512
    settings.swaFull = row.swa_full == 1
    settings.outputRows = row.n_outputs_max
    let needs = memory.needs(
      contextLength: row.n_ctx ?? 0, sequences: row.n_parallel ?? 1,
      kvType: KVCacheType(key: row.type_k ?? "f16", value: row.type_v ?? "f16"), settings: settings)
    switch needs {
    case .failure: #expect(row.error != nil, "\(row)")
    case .success(let found):
      #expect(row.error == nil, "\(row)")
      #expect((found.cacheTotal + found.stateTotal).bytes == row.context_bytes, "\(row)")
      #expect(found.compute.value.bytes == row.compute_bytes, "\(row)")
    }
  }

  @Test("more context never needs less", arguments: [("llama", false), ("gemma3", true)])
  func monotonic(architecture: String, slides: Bool) {
    let memory = LlamaMemory(Self.model(architecture, slides: slides))
    var last = 0
    for context in stride(from: 512, through: 65536, by: 4096) {
      guard
        case .success(let needs) = memory.needs(
          contextLength: context, sequences: 1, kvType: KVCacheType(), settings: EngineSettings())
      else {
        Issue.record("refused")
        return
      }
      let total = (needs.cacheTotal + needs.compute.value).bytes
      #expect(total >= last)
      last = total
    }
  }

  @Test("a hostile header is refused or priced, never trapped")
  func hostile() {
    var model = Self.model("llama", slides: false)
    model.shape.embeddingLength = Int.max
    model.shape.vocabularySize = Int.max / 2
    let needs = LlamaMemory(model).needs(
      contextLength: 4096, sequences: 1, kvType: KVCacheType(), settings: EngineSettings())
    guard case .failure(let reason) = needs else {
      Issue.record("priced")
      return
    }
    #expect(reason.code == "too-large")
  }

  @Test("a head of any size is refused or priced, never trapped", arguments: ["llama", "gemma4", "kimi-linear"])
  func hostileHeads(architecture: String) {
    var model = Self.model(architecture, slides: false)
    model.layers[0].headCount = 1 << 50
    model.layers[0].keyLength = 1 << 50
    model.shape.extras["kda.head_dim"] = .infinity
    let needs = LlamaMemory(model).needs(
      contextLength: 4096, sequences: 1, kvType: KVCacheType(), settings: EngineSettings())
    guard case .failure(let reason) = needs else {
      Issue.record("priced")
      return
    }
    #expect(reason.code == "too-large")
  }

  @Test("a state's size follows the architecture, whatever other keys a header has")
  func statesByArchitecture() {
    var model = Self.model("lfm2", slides: false)
    model.shape.extras = ["shortconv.l_cache": 3, "wkv.head_size": 64, "kda.head_dim": 128]
    let lfm2 = LlamaModelFacts(model).stateWidths(model.layers[0])
    #expect(lfm2.convolution == 1024)
    #expect(lfm2.state == 0)
    model.architecture = "rwkv7"
    let rwkv = LlamaModelFacts(model).stateWidths(model.layers[0])
    #expect(rwkv.convolution == 1024)
    #expect(rwkv.state == 512 * 64)
  }

  static func model(_ architecture: String, slides: Bool) -> Model {
    var shape = ModelShape(embeddingLength: 512, vocabularySize: 1000, contextLength: 65536)
    if slides { shape.slidingWindow = 512 }
    let layers = (0..<6).map { index in
      Layer(
        kind: slides && index % 6 < 5 ? .sliding : .full, headCount: 8, kvHeadCount: 2, keyLength: 64, valueLength: 64,
        window: slides ? 512 : nil, feedForwardLength: 1024)
    }
    var model = Model(name: "made", format: .gguf, architecture: architecture, shape: shape, layers: layers)
    model.tensors = (0..<6).flatMap { index in
      [("attn_q", 512), ("attn_k", 128), ("attn_v", 128), ("attn_output", 512), ("ffn_up", 1024), ("ffn_gate", 1024)]
        .map {
          Tensor(
            name: "blk.\(index).\($0.0).weight", dimensions: [512, $0.1], type: "F16", bytes: ByteCount(1024 * $0.1))
        }
    }
    return model
  }
}
