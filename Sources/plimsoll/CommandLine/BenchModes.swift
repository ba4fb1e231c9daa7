import ArgumentParser
import Benchmarking
import Deployment
import Engines
import Models
import Planning
import Platform
import Records
import Reporting
import Units

/// Two servers measured in turns.
struct ComparisonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Measure this server too, in turns with the first, and say which is faster.", valueName: "target"))
  var compare: String?
  @Option(help: ArgumentHelp("Blocks of each side (default: 6).", valueName: "blocks")) var blocks: Int?
  @Option(help: ArgumentHelp("Go on up to so many blocks a side while nothing is decided.", valueName: "blocks"))
  var mostBlocks: Int?
  @Option(help: ArgumentHelp("Differences up to this many per cent are the same (default: 2).", valueName: "percent"))
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
  @Flag(help: "Run the engine's own benchmark on a model's file or a deployment's model, without a server.")
  var engineNative = false
  @Option(help: ArgumentHelp("Where its program is, such as /opt/llama.cpp/llama-bench.", valueName: "path"))
  var nativeProgram: String?
  @Option(help: ArgumentHelp("Prompt lengths (default: 512).", valueName: "list")) var pp: String?
  @Option(help: ArgumentHelp("Answer lengths (default: 128).", valueName: "list")) var tg: String?
  @Option(help: ArgumentHelp("Tokens that the context already holds (default: 0).", valueName: "list"))
  var depth: String?
  @Option(help: ArgumentHelp("How often each is repeated (default: 5).", valueName: "count")) var repetitions: Int?
  @Option(help: "Threads; the engine's choice otherwise.") var nativeThreads: Int?

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

extension BenchServer {
  /// Measures both servers in turns and says which is faster.
  func runInTurns(with other: String, _ settings: BenchmarkSettings, _ store: RunStore, _ context: CommandContext)
    async throws
  {
    guard settings.stages.count == 1, settings.search == nil else {
      throw Failure(.usage, .oneLoad, "--compare measures one load in turns", remedy: "name one, without --search")
    }
    guard settings.shard == nil, server.serverPid.isEmpty else {
      throw Failure(
        .usage, .oneClient, "--compare takes its turns alone and finds each server's process by itself",
        remedy: "leave out --shard and --server-pid")
    }
    func side(_ text: String) async throws -> InterleavedBenchmark.Side {
      let target = try await server.target(text, context)
      return InterleavedBenchmark.Side(target: target, run: await newRun(of: target, context, under: settings))
    }
    let display = BenchDisplay(terminal: context.terminal, stages: comparison.pairs.upperBound * 2)
    let (a, b) = try await InterleavedBenchmark(
      settings: settings, store: store, pairs: comparison.pairs, tolerance: comparison.tolerance,
      onProgress: display.show
    ).measured(try await side(target), try await side(other))
    display.clear()
    let verdict = InterleavedVerdict(a, b, within: comparison.tolerance).verdict
    if json { try JSONOutput.print(verdict) } else { Terminal.result(Self.lines(verdict, a, b)) }
    if a.status == .incomplete { throw CancellationError() }
    for run in [a, b] { try BenchVerdict(run, goals: settings.goals).check() }
  }

  private static func lines(_ verdict: ComparisonVerdict, _ a: Run, _ b: Run) -> String {
    var lines = ["\(printable(b.target)) against \(printable(a.target)): \(verdict.sentence)"]
    if let ratio = verdict.ratio {
      lines.append(
        "speed ratio \(ratio.estimate.formatted(decimals: 3)), 95% interval \(ratio.low.formatted(decimals: 3)) to "
          + "\(ratio.high.formatted(decimals: 3)), \(ratio.blocks) pairs of blocks")
    }
    lines += verdict.reasons.map { "\($0.message) [\($0.code)]" }
    lines.append("plimsoll compare \(a.id) \(b.id)")
    return lines.joined(separator: "\n")
  }

  /// Runs the engine's own benchmark and stores it beside the served ones.
  func runNative(_ context: CommandContext) async throws {
    let deployment = context.deployer.list().first { $0.name == target }
    let engine = server.engine ?? deployment?.engine.rawValue ?? "llama.cpp"
    guard let program = EngineKind(rawValue: engine).flatMap({ EngineCatalogue.engine($0).nativeProgram }) else {
      throw Failure(.usage, .noNativeBenchmark, "\(engine) has no benchmark of its own that is known here")
    }
    var run = await newRun(of: BenchmarkTarget(name: deployment?.name ?? target, baseURL: "", model: ""), context)
    run.engine = engine
    run.tags.append("in-process")
    if run.model == nil { run.model = (try? ModelReader.read(path: target)).map { Planning.ModelSummary($0) } }
    try DataFolders.make(context.folders.data)
    let store = try RunStore(path: context.folders.database)
    let results = try await NativeBenchmark(program, path: native.nativeProgram)
      .run(model: deployment?.modelPath ?? target, settings: try native.settings())
    run.engineBuild = results.compactMap { $0.build }.first
    run.settings["native"] = JSONOutput.line(results)
    run.stages = results.map { $0.stage }
    run.summary = run.stages.last { $0.summary.outputTokensPerSecond != nil }?.summary ?? run.summary
    run.status = .complete
    try store.begin(run)
    try store.finish(run)
    if json { return try JSONOutput.print(run) }
    var table = TextTable(["test", ">tokens/s", ">deviation", ">repetitions"])
    for result in results {
      table.add([
        result.test, result.tokensPerSecond.formatted(significant: 4),
        result.deviation?.formatted(significant: 2) ?? "unknown", "\(result.samples.count)",
      ])
    }
    Terminal.result(table.rendered())
    try Terminal.result(served(beside: run, store))
  }

  /// The latest served run of the same target, in the same units.
  private func served(beside run: Run, _ store: RunStore) throws -> String {
    let same = try store.list(RunFilter()).first {
      $0.target == run.target && $0.id != run.id && $0.timePerOutputToken != nil && $0.isValid
    }
    guard let same, let each = same.timePerOutputToken, each > 0 else {
      return "run \(run.id): no served run of \(printable(run.target)) is stored to set beside it"
    }
    return
      "run \(run.id): served by run \(same.id), \((1 / each).formatted(significant: 4)) tokens/s for one stream at the median"
  }
}
