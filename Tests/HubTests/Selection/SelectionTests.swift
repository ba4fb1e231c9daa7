import Models
import Testing
import Units

@testable import Hub

@Suite struct SelectionTests {
  @Test(arguments: [
    ("SmolLM2-135M-Instruct.Q4_1.gguf", "Q4_1"), ("model-Q4_K_M.gguf", "Q4_K_M"), ("m-IQ2_XXS.gguf", "IQ2_XXS"),
    ("m-IQ4_NL.gguf", "IQ4_NL"), ("UD-Q4_K_XL/m-UD-Q4_K_XL-00001-of-00002.gguf", "UD-Q4_K_XL"),
    ("Q8_0/m-00001-of-00002.gguf", "Q8_0"), ("qwen2.5-0.5b-instruct-fp16.gguf", "FP16"), ("m.BF16.gguf", "BF16"),
    ("gpt-oss-20b-mxfp4.gguf", "MXFP4"), ("m-MXFP4_MOE.gguf", "MXFP4_MOE"), ("Llama-3-8B-Q8R16.gguf", "Q8R16"),
    ("Llama-3-8B-Q4_K_4.gguf", "Q4_K_4"), ("m-TQ1_0.gguf", "TQ1_0"), ("m-Q4_0_4_8.gguf", "Q4_0_4_8"),
    ("m-Q3_K_XL.gguf", "Q3_K_XL"), ("m-Q6_K_L.gguf", "Q6_K_L"), ("m-nvfp4.gguf", "NVFP4"), ("m-f32.gguf", "F32"),
    ("Qwen3-4bit/model.safetensors", "4BIT"), ("m-Q2_K.gguf", "Q2_K"), ("m-IQ3_M.gguf", "IQ3_M"),
  ])
  func readsLabels(path: String, label: String) {
    #expect(QuantizationLabel.find(in: path) == label)
  }

  @Test(arguments: ["model.safetensors", "Q.gguf", "Qwen3.gguf", "IQuest.gguf", "f16x.gguf", "ggml-vocab.gguf", ""])
  func findsNoLabel(path: String) {
    #expect(QuantizationLabel.find(in: path) == nil)
  }

  private func files(_ names: [String]) -> [HubFile] {
    names.enumerated().map { HubFile(path: $1, bytes: ByteCount(100 + $0), etag: String(repeating: "a", count: 64)) }
  }

  @Test func takesOneQuantizationWithPartsAndProjector() throws {
    let selection = FileSelection(
      repository: "o/m-GGUF",
      files: files([
        "README.md", "config.json", "m-Q8_0.gguf", "mmproj-F32.gguf", "mmproj-F16.gguf", "imatrix.gguf",
        "BF16/m-BF16-00001-of-00002.gguf", "BF16/m-BF16-00002-of-00002.gguf", "m-Q4_K_M.gguf", "m-lora-f16.gguf",
        "broken-Q2_K-00001-of-00003.gguf",
      ]))
    #expect(Set(selection.variants.map(\.label)) == ["Q8_0", "BF16", "Q4_K_M"])
    #expect(try selection.choose(nil).label == "Q4_K_M")
    let split = try selection.choose("bf16")
    #expect(split.weights.map(\.path) == ["BF16/m-BF16-00001-of-00002.gguf", "BF16/m-BF16-00002-of-00002.gguf"])
    #expect(split.companions.map(\.path) == ["mmproj-F16.gguf"])
    #expect(try selection.choose("BF16/m-BF16-00002-of-00002.gguf").weights.count == 2)
    #expect(try selection.choose("imatrix.gguf").files.map(\.path) == ["imatrix.gguf"])
    #expect(throws: HubError.self) { try selection.choose("Q3_K_S") }
  }

  @Test func takesSafetensorsWithoutSecondCopies() throws {
    let selection = FileSelection(
      repository: "o/m",
      files: files([
        ".gitattributes", "README.md", "LICENSE", "config.json", "generation_config.json", "tokenizer.json",
        "tokenizer_config.json", "tokenizer.model", "chat_template.jinja", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors", "model.safetensors.index.json", "consolidated.safetensors",
        "pytorch_model.bin", "pytorch_model.bin.index.json", "original/consolidated.00.pth", "onnx/model.onnx",
        "onnx/config.json", "modeling_m.py", "tf_model.h5", "flax_model.msgpack",
      ]))
    let all = try selection.choose(nil)
    #expect(all.format == "safetensors")
    #expect(
      all.files.map(\.path).sorted() == [
        "chat_template.jinja", "config.json", "generation_config.json", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors", "model.safetensors.index.json", "modeling_m.py", "tokenizer.json",
        "tokenizer.model", "tokenizer_config.json",
      ])
  }

  private static let shard = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
  private static let index = "model.safetensors.index.json"

  /// What lies there, what of it is the model by names alone, and whether the index should be asked.
  @Test(arguments: [
    (shard + [index], shard, false),
    (["model.safetensors", "model.fp16.safetensors"], ["model.safetensors"], false),
    (["model.safetensors", "model.fp16.safetensors", index] + shard, shard, true),
    (["model.safetensors"] + shard, ["model.safetensors"], false),
    (shard + ["model.fp16-00001-of-00001.safetensors", "model-00001-of-00001.fp16.safetensors", index], shard, true),
    (["model.fp16.safetensors"], ["model.fp16.safetensors"], false),
    (
      ["weights.00.safetensors", "weights.01.safetensors"], ["weights.00.safetensors", "weights.01.safetensors"], false
    ),
    (["model.safetensors", "vae.safetensors"], ["model.safetensors"], false),
  ])
  func takesOneCopyOfTheWeights(names: [String], expected: [String], isDoubtful: Bool) throws {
    let selection = FileSelection(repository: "o/m", files: files(names))
    #expect(try selection.choose(nil).weights.map(\.path) == expected)
    #expect((selection.undecidedIndex != nil) == isDoubtful)
  }

  @Test func theIndexHasTheLastWord() throws {
    let listing = files(["model.safetensors", "other.safetensors", "config.json", Self.index] + Self.shard)
    let named = FileSelection(repository: "o/m", files: listing, shards: ["other.safetensors"])
    #expect(try named.choose(nil).files.map(\.path) == ["other.safetensors", "config.json", Self.index])
    let lacking = FileSelection(repository: "o/m", files: listing, shards: ["other.safetensors", "more.safetensors"])
    #expect(throws: HubError.missingParts(name: "o/m:safetensors", missing: ["more.safetensors"])) {
      try lacking.choose(nil)
    }
    let json = #"{"weight_map": {"a": "x.safetensors", "b": "\#("../../x")"}}"#
    #expect(throws: HubError.unsafeName(name: "../../x")) { try FileSelection.shards(inIndex: Array(json.utf8)) }
  }

  @Test func saysWhichPartsAreMissing() {
    let selection = FileSelection(
      repository: "o/m", files: files(["m-Q8_0-00001-of-00003.gguf", "m-Q8_0-00003-of-00003.gguf"]))
    #expect(throws: HubError.missingParts(name: "o/m:Q8_0", missing: ["m-Q8_0-00002-of-00003.gguf"])) {
      try selection.choose("q8_0")
    }
    #expect(throws: HubError.missingParts(name: "o/m:safetensors", missing: [Self.shard[1]])) {
      try FileSelection(repository: "o/m", files: files([Self.shard[0], Self.index])).choose(nil)
    }
  }

  /// The model, the projectors of its repository, and the one that belongs to it.
  @Test(arguments: [
    ("m-Q8_0.gguf", ["mmproj-BF16.gguf", "mmproj-F16.gguf", "mmproj-F32.gguf"], "mmproj-F16.gguf"),
    ("m-Q8_0.gguf", ["mmproj-F32.gguf", "mmproj-Q8_0.gguf", "mmproj-BF16.gguf"], "mmproj-BF16.gguf"),
    ("b/m-Q8_0.gguf", ["a/mmproj-F16.gguf", "b/mmproj-F32.gguf"], "b/mmproj-F32.gguf"),
    ("b/m-00001-of-00002.gguf", ["a/mmproj-F16.gguf", "mmproj-F32.gguf"], "mmproj-F32.gguf"),
    ("m-Q8_0.gguf", ["projectors/mmproj-F16.gguf"], "projectors/mmproj-F16.gguf"),
    (
      "gemma-3-12b-it-Q4_K_M.gguf", ["mmproj-gemma-3-12b-it-f16.gguf", "mmproj-gemma-3-4b-it-f16.gguf"],
      "mmproj-gemma-3-12b-it-f16.gguf"
    ),
    (
      "gemma-3-4b-it-Q4_K_M.gguf", ["mmproj-gemma-3-12b-it-f16.gguf", "mmproj-gemma-3-4b-it-bf16.gguf"],
      "mmproj-gemma-3-4b-it-bf16.gguf"
    ),
    ("llava-v1.5-7b-Q4_K.gguf", ["mmproj-model-f16.gguf"], "mmproj-model-f16.gguf"),
    ("m-Q8_0.gguf", ["mmproj-other-f16.gguf", "mmproj-model-f32.gguf"], "mmproj-model-f32.gguf"),
  ])
  func findsTheProjectorThatBelongs(model: String, projectors: [String], expected: String) throws {
    let choice = ProjectorChoice(projectors: files(projectors))
    #expect(choice.projector(for: files([model])[0])?.path == expected)
  }

  @Test func asksWhereItCannotChoose() {
    let selection = FileSelection(repository: "o/m", files: files(["m-Q8_0.gguf", "m-Q2_K.gguf"]))
    #expect(throws: HubError.ambiguous(name: "o/m", available: ["Q8_0", "Q2_K"])) { try selection.choose(nil) }
  }

  @Test(arguments: [
    ("hf:org/name", "org/name", "main", nil), ("org/name:Q4_K_M", "org/name", "main", "Q4_K_M"),
    ("hf:org/name@abc:dir/x.gguf", "org/name", "abc", "dir/x.gguf"),
    ("https://huggingface.co/org/name", "org/name", "main", String?.none),
  ])
  func readsReferences(text: String, repository: String, revision: String, selection: String?) throws {
    let reference = try HubReference(parsing: text)
    #expect(reference == HubReference(repository: repository, revision: revision, selection: selection))
  }

  @Test(arguments: [
    "", "a/b/c", "../x", "org/..", "org/name:../../etc/passwd", "org/name:/etc/passwd", "org/name@..",
    "org/na me", "org/name:a\\b", "org/name:a\0b", "org/name:", "-x/y",
  ])
  func refusesHostileReferences(text: String) {
    #expect(throws: HubError.self) { try HubReference(parsing: text) }
  }
}
