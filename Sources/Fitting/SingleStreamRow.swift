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

  var isPrompt: Bool { row.singleMeasure == .prefill }

  /// What chat requests share that one program answered on one machine.
  var series: String { [row.device, row.engine ?? "", row.table ?? "", "\(isChat)"].joined(separator: "|") }

  private var isChat: Bool { row.test?.contains("chat") ?? false }

  var answer: ReferenceData.Answer {
    guard let device else { return ReferenceData.Answer(leftOut: .unknownDevice) }
    guard let measured = row.tok_s, measured > 0, let test = row.test else { return ReferenceData.Answer() }
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
    let one = ReferenceCase(
      question: SpeedQuestion(speedCase, measure, load), measured: measured, family: device.family, weight: 1)
    return ReferenceData.Answer(cases: [one])
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

  /// True where a cache answered: chat programs keep prefixes, and nothing multiplies faster than the peak allows.
  var isAnsweredFromCache: Bool {
    guard isPrompt, isChat, let device, let rate = row.tok_s else { return false }
    return 2 * shapes.traits(of: row).promptParameters * rate > device.peak
  }

  private func speedCase(on device: SpeedDevice, test: String) -> SpeedCase {
    let traits = shapes.traits(of: row)
    let quant = quantName
    let bytes = row.size_gib.map { $0 * 1_073_741_824 } ?? traits.parameters * QuantBits.usual(quant) / 8
    let engine = engineName
    var one = SpeedCase(
      device: device, model: traits, weightBytes: bytes, quantKind: QuantKind(named: quant),
      precision: Precision(quant: quant), stack: ["vllm", "lmdeploy"].contains(engine) ? .server : .local,
      engine: engine,
      backend: backend(on: device, engine: engine))
    one.devices = Double(row.n_devices ?? 1)
    if row.split?.hasPrefix("tensor") == true {
      one.ways = one.devices
      one.cacheWays = min(one.ways, max(1, (traits.cacheElements / 256).rounded(.down)))
    }
    one.source = row.origin
    if let host = row.host_cpu?.lowercased() {
      // Eight channels a socket where it is a server's, two where it is a desktop's: about what these reach.
      let isServer = ["xeon", "epyc", "threadripper"].contains(where: host.contains)
      one.device.hostBandwidth = isServer ? 200e9 * (row.host_sockets ?? 1) : 60e9
    }
    one.processes = max(row.n_proc ?? 1, 1)
    one.threads = one.backend == .cpu ? row.threads : nil
    one.microBatch = row.n_ubatch ?? 512
    one.isHostLimited = row.host_limited ?? false
    one.isPartlyOffloaded = row.partial_offload ?? false
    if let layers = row.n_cpu_moe, layers > 0 {
      one.deviceShare = 1
      one.deviceExpertShare = max(0, 1 - layers / traits.layers)
    }
    one.isOldBuild = row.date.map { $0.count >= 7 && $0.prefix(7) <= "2024-06" && !$0.contains("..") } ?? false
    // Where nothing is said it is off in llamafile and in old builds, whose default that was.
    one.flashAttention = row.fa.map { $0 == 1 } ?? (engine == "llamafile" || one.isOldBuild ? false : nil)
    one.isChat = test.contains("chat")
    switch row.kv_cache {
    case "kv4": one.cacheBytesPerElement = 0.6
    case "kv2": one.cacheBytesPerElement = 0.35
    case let name? where name.contains("q8"): one.cacheBytesPerElement = 1.0625
    case let name? where name.contains("q4"): one.cacheBytesPerElement = 0.5625
    default: break
    }
    return one
  }

  /// The format's name: stated, else a word of the model's name, else what chat programs pull by default.
  private var quantName: String {
    if let quant = row.quant { return Self.plain(quant.lowercased()) }
    let name = row.model.lowercased()
    let words = ["q4_k_m", "q8_0", "q6_k", "q5_k_m", "q4_0", "mxfp4", "nvfp4", "bf16", "f16", "awq", "gptq", "int4"]
    if let word = words.first(where: name.contains) { return word }
    if name.contains("q4_k_xl") { return "q4_k_xl" }
    return name.hasSuffix("-mlx") ? "4bit" : "q4_k_m"
  }

  /// A format's ordinary name: without the maker's prefix, the repacked order, or what else a source adds.
  static func plain(_ quant: String) -> String {
    var name = quant
    for ending in [" (r4)", "_r4", "_r8"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
    for (long, short) in [(" - medium", "_m"), (" - large", "_l"), (" - small", "_s")] where name.hasSuffix(long) {
      name = name.dropLast(long.count) + short
    }
    if name.hasPrefix("ud-") { name.removeFirst(3) }
    if name.hasPrefix("mlx-q"), let bits = name.last { return "\(bits)bit" }
    if name.hasPrefix("int4") { return "int4" }
    if name.hasPrefix("int8") { return "int8" }
    return name
  }

  private var engineName: String {
    let name = (row.engine ?? "llama.cpp").lowercased()
    let known = [
      ("llamafile", "llamafile"), ("ollama", "ollama"), ("vllm-mlx", "mlx-lm"), ("vllm", "vllm"),
      ("lmdeploy", "lmdeploy"), ("ik_llama", "ik_llama.cpp"),
      ("ampere", "ampere-llama.cpp"), ("mlx-vlm", "mlx-vlm"), ("mlx", "mlx-lm"),
      ("openvino", "openvino"), ("ktransformers", "ktransformers"),
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
    if ["vulkan", "amdvlk"].contains(where: stated.contains) { return .vulkan }
    if ["hip", "rocm", "rocwmma", "container (kyuz0)"].contains(where: stated.contains) { return .rocm }
    if stated.contains("sycl") { return .sycl }
    if engine == "openvino" { return .openVINO }
    return SpeedCase.usualBackend(of: kind, engine: engine)
  }
}

extension ReferenceRow {
  /// Who measured it: the collection, or the thread where a collection is of threads.
  var origin: String? { isFrom("GitHub threads") ? source ?? table : table }

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
