extension LlamaCpp {
  static let recipe = EngineRecipe(
    name: "llama.cpp", version: "b11549 (xllamacpp 2026.10.11549)", program: "llama-server",
    entry: #""$home/llama-server.py""#, pinned: [xllamacpp],
    files: ["llama-server.py": LlamaServerProgram.source])

  /// The llama.cpp of build 11549 as a library, for x86-64 and Arm Linux with glibc 2.17 and for Apple Silicon.
  ///
  /// It chooses kernels by the processor at run time; the wheels with a ready llama-server that were tried need AMX.
  private static let xllamacpp = PinnedPackage(
    "xllamacpp", "2026.10.11549", "c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261",
    "e2a3e79e775515de4ad197e667f874070446ef9ac9cf2044bc9866bc4c72289e",
    "4ecda27a308b2403aa13c9d04b270befab95edc556c24ed00b2f8a98bd7f6781")
}
