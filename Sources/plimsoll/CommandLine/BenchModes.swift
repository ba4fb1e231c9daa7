import ArgumentParser
import Benchmarking
import Engines

/// Two servers measured in turns.
struct ComparisonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Measure this server too, and say which is faster.", valueName: "target"))
  var compare: String?
  @Option(help: ArgumentHelp("Blocks per side (default: 6).", valueName: "blocks", visibility: .hidden)) var blocks:
    Int?
  @Option(
    help: ArgumentHelp(
      "Go on for up to this many blocks per side while undecided.", valueName: "blocks", visibility: .hidden))
  var mostBlocks: Int?
  @Option(
    help: ArgumentHelp(
      "Differences up to this many per cent are the same (default: 2).", valueName: "percent", visibility: .hidden))
  var within: Double?

  /// Pairs of blocks that are measured in any case, and the most.
  var pairs: ClosedRange<Int> { (blocks ?? 6)...(mostBlocks ?? blocks ?? 6) }
  /// The same as `within`, as a share.
  var tolerance: Double { (within ?? 2) / 100 }

  func validate() throws {
    if compare == nil, blocks != nil || mostBlocks != nil || within != nil {
      throw ValidationError("--blocks, --most-blocks and --within are for --compare")
    }
    let blocks = blocks ?? 6
    guard (3...1000).contains(blocks) else { throw ValidationError("--blocks must be from 3 to 1000") }
    if let mostBlocks, !(blocks...10_000).contains(mostBlocks) {
      throw ValidationError("--most-blocks must be from --blocks to 10000")
    }
    guard tolerance > 0, tolerance < 1 else { throw ValidationError("--within is a per cent between 0 and 100") }
  }
}

/// The engine's own benchmark instead of a server.
struct NativeOptions: ParsableArguments {
  @Flag(help: "Run the engine's own benchmark, without a server.")
  var engineNative = false
  @Option(
    help: ArgumentHelp(
      "Path of its program, such as /opt/llama.cpp/llama-bench.", valueName: "path", visibility: .hidden))
  var nativeProgram: String?
  @Option(help: ArgumentHelp("Prompt lengths (default: 512).", valueName: "list", visibility: .hidden)) var pp: String?
  @Option(help: ArgumentHelp("Answer lengths (default: 128).", valueName: "list", visibility: .hidden)) var tg: String?
  @Option(
    help: ArgumentHelp("Tokens already in the context (default: 0).", valueName: "list", visibility: .hidden))
  var depth: String?
  @Option(help: ArgumentHelp("Repetitions of each (default: 5).", valueName: "count", visibility: .hidden))
  var repetitions: Int?
  @Option(help: ArgumentHelp("Threads; the engine's choice otherwise.", visibility: .hidden)) var nativeThreads: Int?

  func validate() throws {
    let texts = [nativeProgram, pp, tg, depth]
    if !engineNative, texts.contains(where: { $0 != nil }) || repetitions != nil || nativeThreads != nil {
      throw ValidationError(
        "--pp, --tg, --depth, --repetitions, --native-program and --native-threads are for --engine-native")
    }
  }

  func settings() throws -> NativeBenchmark.Settings {
    func numbers(_ text: String, _ name: String) throws -> [Int] {
      let all = text.split(separator: ",").map { Int($0) }
      guard !all.isEmpty, all.allSatisfy({ ($0 ?? -1) >= 0 && ($0 ?? 0) <= 10_000_000 }) else {
        throw ValidationError("cannot read \(name) \"\(text)\": write 512 or 128,512")
      }
      return all.compactMap { $0 }
    }
    var settings = NativeBenchmark.Settings()
    settings.prompts = try numbers(pp ?? "512", "--pp")
    settings.answers = try numbers(tg ?? "128", "--tg")
    settings.depths = try numbers(depth ?? "0", "--depth")
    let repetitions = repetitions ?? 5
    guard (1...1000).contains(repetitions) else { throw ValidationError("--repetitions must be from 1 to 1000") }
    settings.repetitions = repetitions
    settings.threads = nativeThreads
    return settings
  }
}
