import Fixtures
import Foundation
import Testing
import Units

@testable import Models

@Suite("Adapters")
struct AdapterTests {
  private func folder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("adapters-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private func peft(_ folder: String, rank: Int, width: Int = 512, stated: Int? = nil) throws {
    var header = SafetensorsBuilder()
    let name = "base_model.model.model.layers.0.self_attn.q_proj"
    header.add("\(name).lora_A.weight", "BF16", [rank, width], bytes: 2 * rank * width)
    header.add("\(name).lora_B.weight", "BF16", [2 * width, rank], bytes: 4 * rank * width)
    try header.write(to: "\(folder)/adapter_model.safetensors")
    try write(
      #"{"peft_type": "LORA", "r": \#(stated ?? rank), "base_model_name_or_path": "made/up"}"#,
      "\(folder)/adapter_config.json")
  }

  private func model(width: Int) -> Model {
    Model(
      name: "made", format: .safetensors, architecture: "llama",
      shape: ModelShape(embeddingLength: width, vocabularySize: 1000, contextLength: 4096), layers: [])
  }

  @Test("the rank is that of the matrices, whatever the configuration states")
  func rank() throws {
    try folder { folder in
      try peft(folder, rank: 64, stated: 8)
      let adapter = try #require(try AdapterReader.read(path: folder).adapter)
      #expect((adapter.form, adapter.rank, adapter.baseModel) == (.peft, 64, "made/up"))
      // A file of the folder stands for the folder.
      let companion = try AdapterReader.read(path: "\(folder)/adapter_model.safetensors")
      #expect(
        companion.file.path == folder && companion.adapter == adapter && companion.file.bytes > ByteCount(6 * 64 * 512))
      #expect(ModelReader.foreign(companion, for: model(width: 512)) == nil)
      #expect(ModelReader.foreign(companion, for: model(width: 4096))?.code == .foreignAdapter)
    }
  }

  @Test("MLX's folders and llama.cpp's files are told from PEFT's")
  func forms() throws {
    try folder { folder in
      var header = SafetensorsBuilder()
      header.add("model.layers.0.self_attn.q_proj.lora_a", "F32", [512, 16], bytes: 4 * 16 * 512)
      header.add("model.layers.0.self_attn.q_proj.lora_b", "F32", [16, 512], bytes: 4 * 16 * 512)
      try header.write(to: "\(folder)/adapters.safetensors")
      try write(
        #"{"fine_tune_type": "lora", "lora_parameters": {"rank": 16, "scale": 2}, "model": "made/up"}"#,
        "\(folder)/adapter_config.json")
      let adapter = try #require(try AdapterReader.read(path: folder + "/").adapter)
      #expect((adapter.form, adapter.rank) == (.mlx, 16))

      var gguf = GGUFBuilder(architecture: "llama")
      gguf.set("general.type", .string("adapter"))
      gguf.set("adapter.type", .string("lora"))
      gguf.add("blk.0.attn_q.weight.lora_a", [512, 4])
      gguf.add("blk.0.attn_q.weight.lora_b", [4, 512])
      try gguf.write(to: "\(folder)/a.gguf")
      let one = try AdapterReader.read(path: "\(folder)/a.gguf")
      #expect(one.adapter?.form == .gguf && one.adapter?.rank == 4)
    }
  }

  @Test("what is no adapter is refused, and an adapter is no model")
  func refused() throws {
    try folder { folder in
      #expect(throws: ModelError.self) { try AdapterReader.read(path: folder) }
      try peft(folder, rank: 16)
      let error = #expect(throws: ModelError.self) { try ModelReader.read(path: folder) }
      #expect(error?.description.contains("an adapter of rank 16 for made/up") == true)
      for broken in [#"{"peft_type": "IA3"}"#, "{}", "[]", "{", #"{"peft_type": "LORA", "r": -1}"#] {
        try write(broken, "\(folder)/adapter_config.json")
        if broken.contains("LORA") { continue }
        #expect(throws: ModelError.self) { try AdapterReader.read(path: folder) }
      }
      try write("", "\(folder)/model.gguf")
      #expect(throws: ModelError.self) { try AdapterReader.read(path: "\(folder)/model.gguf") }
      #expect(throws: ModelError.self) { try AdapterReader.read(path: "\(folder)/none") }
    }
  }

  @Test("ranks beyond any adapter's are no ranks")
  func hostile() throws {
    let tensors = [
      Tensor(name: "x.lora_A.weight", dimensions: [Int.max, Int.max], type: "BF16", bytes: .zero),
      Tensor(name: "x.lora_B.weight", dimensions: [0, -1], type: "BF16", bytes: .zero),
    ]
    let text = Array(#"{"peft_type": "LORA", "r": 99999999999}"#.utf8)
    #expect(Adapter(configuration: try JSONValue(parsing: text.span.bytes), tensors: tensors) == nil)
    #expect(Adapter(configuration: try JSONValue(parsing: text.span.bytes), tensors: []) == nil)
  }
}
