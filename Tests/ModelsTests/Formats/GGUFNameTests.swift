import Testing

@testable import Models

@Suite struct GGUFNameTests {
  @Test(
    "the file's name goes first where the header's disagrees",
    arguments: [
      ("Smollm2 135M 8k Lc100K Mix1 Ep2", "SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2 135M Instruct"),
      ("Smollm2 135m Fp32", "SmolLM2-135M.gguf", "SmolLM2 135M"),
      ("Qwen3 8B", "Qwen3-8B-Q4_K_M.gguf", "Qwen3 8B"),
      ("Meta Llama 3.1 8B Instruct", "llama-3.1-8b-instruct-q4_k_m.gguf", "Meta Llama 3.1 8B Instruct"),
      ("Qwen3 30B A3B", "Qwen3-30B-A3B-UD-Q4_K_XL.gguf", "Qwen3 30B A3B"),
      ("Kimi K2", "Kimi-K2-Q2_K-00001-of-00008.gguf", "Kimi K2"),
      ("Llama", "Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Llama 3.2 1B Instruct"),
      ("///", "Qwen3-8B-Q4_0.gguf", "Qwen3 8B"),
      ("models", "gemma-3-4b-it-q4_0.gguf", "gemma 3 4b it"),
      ("Llama 3.2 3B", "ggml-model-q4_0.gguf", "Llama 3.2 3B"),
      ("Llama 3.2 3B", "model.gguf", "Llama 3.2 3B"),
      ("Llama 3.2 3B", "sha256-667b0c1932bc6ffc593ed1d03f895bf2dc8dc6df21db3042284a6f4416b06a29", "Llama 3.2 3B"),
    ])
  func names(stated: String, file: String, name: String) {
    #expect(GGUFName(stated: stated, path: "/models/" + file).text == name)
  }

  @Test func withoutANameTheFileTells() {
    #expect(GGUFName(stated: nil, path: "a/Model-UD-Q4_K_XL.gguf").text == "Model")
    #expect(GGUFName(stated: nil, path: "a/Q4_0.gguf").text == "Q4 0")
    #expect(GGUFName(stated: "", path: nil).text == "model")
  }
}
