/// The options that `--help` shows of the commands that have more than two screens of them: those that people use first.
/// `--help-all` shows every one.
enum UsualOptions {
  private static let planning: Set<String> = [
    "--on", "--for", "--quantizations", "--context", "--concurrency", "--workload", "--ttft", "--tpot", "--kv-type",
    "--gpu-layers", "--cpu-moe", "--tensor-parallel", "--engine",
  ]

  private static let byCommand: [String: Set<String>] = [
    "plimsoll plan": planning.union(["--best", "--largest-context", "--verbose", "--explain", "--report", "--json"]),
    "plimsoll fit": planning.union(["--min-speed", "--gpu-only", "--json"]),
    "plimsoll choose": planning.union(["--gpu-only", "--explain", "--json"]),
    "plimsoll deploy": [
      "--quantizations", "--context", "--concurrency", "--tensor-parallel", "--engine", "--on", "--name",
      "--host", "--port", "--replicas", "--key", "--target", "--out", "--apply", "--plan", "--yes", "--print",
      "--json",
    ],
    "plimsoll size": [
      "--quantizations", "--workload", "--context", "--concurrency", "--rate", "--users", "--documents", "--within",
      "--ttft", "--tpot", "--confidence", "--growth", "--spare", "--on", "--price",
      "--years", "--break-even", "--limit", "--report", "--json", "--csv",
    ],
    "plimsoll bench": [
      "--model", "--api-key-file", "--engine", "--concurrency", "--rate", "--requests", "--duration", "--goal",
      "--search",
      "--warmup", "--input-tokens", "--output-tokens", "--dataset", "--compare", "--tag", "--verbose", "--json",
    ],
  ]

  /// The long names of a command's usual options; nil for a command whose help shows what the parser shows.
  static func names(of command: String?) -> Set<String>? { command.flatMap { byCommand[$0] } }
}
