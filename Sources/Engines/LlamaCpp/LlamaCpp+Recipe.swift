extension LlamaCpp {
  /// The llama.cpp of build 11549 as a library, for x86-64 and Arm Linux with glibc 2.17 and for Apple Silicon.
  ///
  /// It chooses kernels by the processor at run time; the wheels with a ready llama-server that were tried need AMX.
  static let recipe = EngineRecipe(
    name: "llama.cpp", version: "b11549 (xllamacpp 2026.10.11549)", program: "llama-server",
    entry: #""$home/llama-server.py""#, files: ["llama-server.py": LlamaServerProgram.source])
}
