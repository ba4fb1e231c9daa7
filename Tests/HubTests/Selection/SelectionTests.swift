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
