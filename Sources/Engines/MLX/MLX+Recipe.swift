import Platform

extension MLX {
  private static let backend = OperatingSystem.current == .macOS ? metal : cpu

  static let textRecipe = EngineRecipe(
    name: "mlx", version: "mlx-lm 0.32.2, mlx 0.32.4", program: "mlx_lm.server", entry: "-m mlx_lm.server",
    pinned: [mlx, backend, mlxLM],
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
  static let visionRecipe = EngineRecipe(
    name: "mlx-vlm", version: "mlx-vlm 0.7.10, mlx 0.32.4", program: "mlx_vlm.server", entry: "-m mlx_vlm.server",
    pinned: [mlx, backend, mlxVLM],
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

  /// For Python 3.11 to 3.13 on x86-64 and Arm Linux and Apple Silicon.
  private static let mlx = PinnedPackage(
    "mlx", "0.32.4", "dd0c9070d9c362fe280a0224806b1b47719b154984735041ebcc907e597c08ca",
    "a01855e2c023e64683798d7148f9760c59b32be6e43f4bcbea8eb8137b650a5b",
    "6267be0db81a9d850b3ecd9bf0cf7dd0f439408db9fbc59237e37fda3f7676b0",
    "ff1d7be54758ea3a875b8fe54eff13bed17ad9566505e301f5d7851bf869680f",
    "0c3cb35b709275d1791d435d2f1c4bd734e8a82ba99c340954cdda68570acaa2",
    "b517badcb8174f8937699465a0ba5b58c2daeaa9bd13d69b1e6ab13401d24a74",
    "c7375f2d6acd8c72f413d018266ae06387cb9caab31f475f3ff1c5600a7cb4c5",
    "071566ae01dae3a293f3612b623eb68eeb2ef28d27d85ff66e661b6a6f254593",
    "22e84ed60fb6386c9426ba2c23808052a4c2edd9643dabda0772886f849e4527")
  private static let cpu = PinnedPackage(
    "mlx-cpu", "0.32.4", "0e0a24fa2ce8b6b94d2e6a90604e8813aa8e29fcb918bb2aa01cfb6d133d8cee",
    "1289e85e64af1fd16380bf331438bfe4afe875d27afc3e0bcf35f427c488fadd")
  private static let metal = PinnedPackage(
    "mlx-metal", "0.32.4", "8019b2db622599267d66cc168b2f0dbf5af929790a6c3b3913e00eabc42a7947")
  private static let mlxLM = PinnedPackage(
    "mlx-lm", "0.32.2", "5c0991248cfff5872503d74f466d2532dd8cb7fb3670cb9be7a06d7305dadc04")
  private static let mlxVLM = PinnedPackage(
    "mlx-vlm", "0.7.10", "f112ddaaf1bf0dd1efa702b5675a27df3345614e69e3996d3fbd09d838b8333d")
}
