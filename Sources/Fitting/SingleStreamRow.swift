import Engines
import Planning

/// A measurement of one machine with one or a few streams, as a question.
struct SingleStreamRow {
  let row: ReferenceRow
  let device: SpeedDevice?
  let shapes: ReferenceShapes

  init(_ row: ReferenceRow, _ device: SpeedDevice?, _ shapes: ReferenceShapes) {
    self.row = row
    self.device = device
    self.shapes = shapes
  }

  var cases: [ReferenceCase] {
    guard let device, let measured = row.tok_s, measured > 0, let test = row.test else { return [] }
    let speedCase = speedCase(on: device, test: test)
    let streams = (row.batch ?? 1) / speedCase.processes
    let measure = row.singleMeasure
    let load: SpeedQuestion.Load
    if measure == .decode {
      load = .decode(lengths: decodeLengths(test), streams: streams)
    } else {
      let lengths = test.hasSuffix("_mix") ? Self.mix.map(\.input) : [max(row.n_prompt ?? 256, 1)]
      load = .prefill(lengths: lengths, depth: row.depth ?? 0, prompts: streams)
    }
    return [
      ReferenceCase(
        question: SpeedQuestion(speedCase, measure, load), measured: measured, family: device.family,
        weight: isAnsweredFromCache(speedCase, measure, measured) ? 0 : 1)
    ]
  }

  /// Shapes of a LocalScore run, whose result is the mean of their rates.
  private static let mix: [(input: Double, output: Double)] = [
    (1024, 16), (4096, 256), (2048, 256), (2048, 768), (1024, 1024), (1280, 3072), (384, 1152), (64, 1024), (16, 1536),
  ]

  private func decodeLengths(_ test: String) -> [Double] {
    if test.hasSuffix("_mix") { return Self.mix.map { $0.input + $0.output / 2 } }
    let isChat = test.hasPrefix("tg_chat")
    var depth = row.depth ?? row.n_prompt ?? 256
    if isChat, depth == 0 { depth = row.n_prompt ?? 0 }
    return [depth + max(row.n_gen ?? 128, 1) / 2]
  }

  /// Prompts that a cache answered: chat front ends keep prefixes, and nothing is faster than the peak.
  private func isAnsweredFromCache(_ speedCase: SpeedCase, _ measure: SpeedMeasure, _ measured: Double) -> Bool {
    guard measure == .prefill else { return false }
    if speedCase.isChat, ["ollama", "mlx-lm"].contains(speedCase.engine) { return true }
    return 2 * speedCase.model.activeParameters * 0.8 * measured > speedCase.device.peak * 0.95
  }

  private func speedCase(on device: SpeedDevice, test: String) -> SpeedCase {
    let traits = shapes.traits(of: row)
    let quant = quantName
    let bytes = row.size_gib.map { $0 * 1_073_741_824 } ?? traits.parameters * QuantBits.usual(quant) / 8
    let engine = engineName
    var one = SpeedCase(
      device: device, model: traits, weightBytes: bytes, quantKind: QuantKind(named: quant),
      precision: Precision(quant: quant), stack: engine == "vllm" ? .server : .local, engine: engine,
      backend: backend(on: device, engine: engine))
    one.devices = Double(row.n_devices ?? 1)
    one.processes = max(row.n_proc ?? 1, 1)
    one.threads = one.backend == .cpu ? row.threads : nil
    one.microBatch = row.n_ubatch ?? 512
    one.isHostLimited = row.host_limited ?? false
    one.isPartlyOffloaded = row.partial_offload ?? false
    one.isOldBuild = row.date.map { $0.count >= 7 && $0.prefix(7) <= "2024-06" && !$0.contains("..") } ?? false
    // Where nothing is said it is off in llamafile and in old builds, whose default that was.
    one.flashAttention = row.fa.map { $0 == 1 } ?? (engine == "llamafile" || one.isOldBuild ? false : nil)
    one.isChat = test.contains("chat")
    switch row.kv_cache {
    case "kv4": one.cacheBytesPerElement = 0.6
    case "kv2": one.cacheBytesPerElement = 0.35
    default: break
    }
    return one
  }

  /// The format's name: stated, else a word of the model's name, else what chat programs pull by default.
  private var quantName: String {
    if let quant = row.quant { return quant.lowercased() }
    let name = row.model.lowercased()
    let words = ["q4_k_m", "q8_0", "q6_k", "q5_k_m", "q4_0", "mxfp4", "nvfp4", "bf16", "f16", "awq", "gptq", "int4"]
    if let word = words.first(where: name.contains) { return word }
    if name.contains("q4_k_xl") { return "q4_k_xl" }
    return name.hasSuffix("-mlx") ? "4bit" : "q4_k_m"
  }

  private var engineName: String {
    let name = (row.engine ?? "llama.cpp").lowercased()
    let known = [
      ("llamafile", "llamafile"), ("ollama", "ollama"), ("vllm", "vllm"), ("ik_llama", "ik_llama.cpp"),
      ("ampere", "ampere-llama.cpp"), ("mlx-vlm", "mlx-vlm"), ("mlx", "mlx-lm"),
    ]
    return known.first { name.contains($0.0) }?.1 ?? "llama.cpp"
  }

  private func backend(on device: SpeedDevice, engine: String) -> Backend {
    let stated = (row.backend ?? "").lowercased()
    let kind = device.deviceClass
    if engine.hasPrefix("mlx") || row.model.hasSuffix("-mlx") { return .mlx }
    if kind.isApple, ["mlx", "nvfp4", "mxfp4"].contains(stated) { return .mlx }
    // Self-reported rows write a small `cpu` for cards, too; the published tables write it large.
    if kind.isProcessor || row.backend?.hasPrefix("CPU") == true { return .cpu }
    if stated.contains("molten") { return .moltenVK }
    if stated.contains("vulkan") { return .vulkan }
    if ["hip", "rocm", "rocwmma"].contains(stated) { return .rocm }
    return SpeedCase.usualBackend(of: kind, engine: engine)
  }
}

extension ReferenceRow {
  /// True where the collection that the row comes from has a name that begins so.
  func isFrom(_ collection: String) -> Bool { table?.hasPrefix(collection) ?? false }

  /// What a row of many requests at once measures, whether or not it can be predicted.
  var servingMeasures: [SpeedMeasure] {
    let values: [(SpeedMeasure, Double?)] = [
      (.servingTimePerOutputToken, tpot_ms), (.servingTimeToFirstToken, ttft_ms), (.servingThroughput, out_tok_s),
    ]
    return values.filter { ($0.1 ?? 0) > 0 }.map(\.0)
  }

  var singleMeasure: SpeedMeasure {
    let test = test ?? ""
    return test.hasPrefix("tg") || test.contains("batched-tg") ? .decode : .prefill
  }
}
