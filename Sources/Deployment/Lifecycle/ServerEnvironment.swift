/// What of the user's environment a server gets: enough to run, none of the secrets, no hidden settings.
///
/// `LLAMA_ARG_*` and `VLLM_*` would change what was planned, and tokens are no business of a server on local files.
enum ServerEnvironment {
  private static let names: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE",
    "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "HF_HOME", "CUDA_HOME", "CUDA_PATH", "ROCM_PATH", "HIP_PATH",
    "HSA_OVERRIDE_GFX_VERSION", "ONEAPI_ROOT", "VK_ICD_FILENAMES", "VK_DRIVER_FILES", "NCCL_SOCKET_IFNAME",
    "PYENV_ROOT", "PYENV_VERSION",
  ]

  /// What the supervisor gets, which finds its folders by the same variables as this command.
  static func supervising(_ environment: [String: String]) -> [String: String] {
    let folders: Set = ["PLIMSOLL_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"]
    return inherited(environment).merging(environment.filter { folders.contains($0.key) }) { first, _ in first }
  }

  static func inherited(_ environment: [String: String]) -> [String: String] {
    environment.filter { names.contains($0.key) || $0.key.hasPrefix("LC_") }
  }
}
