import Fixtures
import Foundation
import Testing
import Units

@testable import Models

@Suite("Projectors")
struct ProjectorTests {
  private func projector(_ kind: String, width: UInt64, dynamic: Bool = false) -> GGUFBuilder {
    var header = GGUFBuilder(architecture: "clip")
    header.set("clip.has_vision_encoder", .bool(true))
    header.set("clip.projector_type", .string(kind))
    header.set("clip.vision.image_size", .uint32(896))
    header.set("clip.vision.patch_size", .uint32(14))
    header.set("clip.vision.embedding_length", .uint32(1152))
    header.set("clip.vision.feed_forward_length", .uint32(4304))
    header.set("clip.vision.attention.head_count", .uint32(16))
    header.set("clip.vision.projection_dim", .uint32(9999))
    if dynamic {
      header.add("mm.2.weight", [1152, width])
    } else {
      header.add("mm.input_projection.weight", [width, 1152])
    }
    return header
  }

  private func model(_ architecture: String, width: UInt32) -> GGUFBuilder {
    var header = GGUFBuilder(architecture: architecture)
    for (key, value) in [
      "context_length": 8192, "embedding_length": width, "block_count": 1,
      "feed_forward_length": 512, "attention.head_count": 8,
    ] {
      header.set("\(architecture).\(key)", .uint32(value))
    }
    header.add("token_embd.weight", [UInt64(width), 1000])
    return header
  }

  private func folder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("projectors-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test("a header tells the width of what it gives, and the patches that memory is reserved for")
  func header() throws {
    let fixed = try #require(
      Projector(try GGUFHeader(parsing: projector("gemma3", width: 2560).build().span.bytes)))
    #expect((fixed.outputLength, fixed.patches, fixed.headCount) == (2560, 4096, 16))
    let any = try #require(
      Projector(try GGUFHeader(parsing: projector("qwen2.5vl_merger", width: 3584, dynamic: true).build().span.bytes)))
    #expect((any.outputLength, any.patches, any.mostPatches) == (3584, 8464, 16384))
    #expect(Projector(try GGUFHeader(parsing: model("llama", width: 512).build().span.bytes)) == nil)
  }

  @Test("of several projectors beside a model the foreign ones are left out and named, its own comes first")
  func matched() throws {
    try folder { folder in
      try model("gemma3", width: 2560).write(to: "\(folder)/gemma-3-4b-it-Q4_K_M.gguf")
      try projector("gemma3", width: 5376).write(to: "\(folder)/mmproj-a-27b.gguf")
      try projector("qwen2.5vl_merger", width: 2560, dynamic: true).write(to: "\(folder)/mmproj-b-F16.gguf")
      try projector("gemma3", width: 2560).write(to: "\(folder)/mmproj-other-BF16.gguf")
      try projector("gemma3", width: 2560).write(to: "\(folder)/mmproj-gemma-3-4b-it-F16.gguf")
      let model = try ModelReader.read(path: "\(folder)/gemma-3-4b-it-Q4_K_M.gguf")
      let names = model.companions.map { $0.file.path.split(separator: "/").last.map(String.init) ?? "" }
      #expect(names == ["mmproj-gemma-3-4b-it-F16.gguf", "mmproj-other-BF16.gguf"])
      let foreign = model.warnings.filter { $0.code == .foreignProjector }.map(\.message)
      #expect(foreign.count == 2)
      #expect(foreign.contains { $0.contains("mmproj-a-27b.gguf") && $0.contains("5376") })
      #expect(foreign.contains { $0.contains("mmproj-b-F16.gguf") && $0.contains("qwen2.5vl_merger") })
      #expect(model.companions.first?.projector?.outputLength == 2560)
    }
  }

  @Test("Mistral's own configuration is read where a folder has no config.json")
  func mistral() throws {
    try folder { folder in
      let text = """
        {"dim": 1024, "n_layers": 4, "head_dim": 128, "hidden_dim": 4096, "n_heads": 8, "n_kv_heads": 2,
         "norm_eps": 1e-05, "vocab_size": 32768, "rope_theta": 1000000.0, "max_seq_len": 32768}
        """
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/params.json"))
      let model = try ModelReader.read(path: folder)
      #expect(model.layers.count == 4)
      #expect((model.layers.first?.headCount, model.layers.first?.kvHeadCount) == (8, 2))
      #expect(
        (model.shape.embeddingLength, model.shape.vocabularySize, model.shape.contextLength) == (1024, 32768, 32768))
      #expect(try ModelReader.read(path: "\(folder)/params.json").parameters == model.parameters)
    }
  }

  @Test("Mistral's mixtures and latent attention keep their sizes")
  func mistralMixture() throws {
    let text = """
      {"dim": 1024, "n_layers": 4, "head_dim": 128, "hidden_dim": 4096, "n_heads": 8, "n_kv_heads": 8, "vocab_size": 32768,
       "kv_lora_rank": 512, "q_lora_rank": 768, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128,
       "moe": {"num_experts": 16, "num_experts_per_tok": 4, "expert_hidden_dim": 512, "num_shared_experts": 1,
       "first_k_dense_replace": 1}, "yarn": {"original_max_position_embeddings": 8192, "factor": 32}}
      """
    try folder { folder in
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/params.json"))
      let model = try ModelReader.read(path: folder)
      #expect(model.layers.allSatisfy { $0.kind == .latent })
      let experts = try #require(model.layers.last?.experts)
      #expect((experts.count, experts.usedCount, experts.feedForwardLength) == (16, 4, 512))
      #expect(model.layers.first?.experts == nil)
      #expect(model.shape.contextLength == 262_144)
    }
  }
}
