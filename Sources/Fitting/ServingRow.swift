import Engines
import Planning

/// A measurement of many requests at once on accelerators, as up to three questions.
struct ServingRow {
  let row: ReferenceRow
  let device: SpeedDevice?
  let shapes: ReferenceShapes

  init(_ row: ReferenceRow, _ device: SpeedDevice?, _ shapes: ReferenceShapes) {
    self.row = row
    self.device = device
    self.shapes = shapes
  }

  private var isMLPerf: Bool { row.isFrom("MLPerf") }

  /// What rows share that differ in load alone.
  var series: String {
    [row.device, row.engine, row.model, row.precision, row.table].map { $0 ?? "" }.joined(separator: "|")
      + "|\(row.isl ?? 0)"
  }

  /// True where prompts were read sooner than the devices can multiply them: a cache answered, or they were shorter.
  var beatsThePeak: Bool {
    guard let device, let input = row.isl else { return false }
    let one = speedCase(on: device)
    let peak = one.ways * one.peak * 0.95
    if let first = row.ttft_ms, first > 0, 2 * one.model.promptParameters * input > peak * first / 1000 { return true }
    // Of a closed loop as many prompts are read as are answered.
    guard row.concurrency != nil, !one.isDisaggregated, let rate = row.out_tok_s, let output = row.osl else {
      return false
    }
    let each = 2 * (one.model.promptParameters * input / max(output, 1) + one.model.activeParameters)
    return each * rate > peak * one.replicas
  }

  /// True where the source says that requests begin with the same tokens and that a cache kept them.
  private var sharesPrefixes: Bool {
    row.prefix_caching == true && row.dataset?.hasPrefix("shared prefix") ?? false
  }

  /// True where the client sent fewer requests than it was told to, so that nobody knows how they came.
  private var missesItsRate: Bool {
    guard let asked = row.request_rate, let achieved = row.achieved_rate else { return false }
    return achieved < 0.9 * asked
  }

  /// The row's questions. What waits for prompts that a cache answered says nothing of prompts of that length.
  func answer(isAnsweredFromCache: Bool) -> ReferenceData.Answer {
    guard let device else { return ReferenceData.Answer(leftOut: .unknownDevice) }
    if row.speculative == true, row.accept_length == nil { return ReferenceData.Answer(leftOut: .unknownAcceptance) }
    // Earlier collections of closed loops have usual lengths where none are stated; newer ones state those they know.
    guard row.isl != nil || row.isl_mean != nil || row.n_requests == nil && row.request_rate == nil else {
      return ReferenceData.Answer(leftOut: .unknownLengths)
    }
    let speedCase = speedCase(on: device)
    guard let load = load(of: speedCase) else { return ReferenceData.Answer(leftOut: .unknownArrivals) }
    if sharesPrefixes { return ReferenceData.Answer(leftOut: .cachedPrompts) }
    if missesItsRate { return ReferenceData.Answer(leftOut: .rateNotKept) }
    if isAnsweredFromCache, row.concurrency ?? 1 > 1 { return ReferenceData.Answer(leftOut: .cachedPrompts) }
    var out = ReferenceData.Answer()
    func add(_ measure: SpeedMeasure, _ value: Double?, weight: Double) {
      guard let value, value > 0 else { return }
      let question = SpeedQuestion(speedCase, measure, load)
      out.cases.append(ReferenceCase(question: question, measured: value, family: device.family, weight: weight))
    }
    let output = Self.lengths(of: row).output
    add(.servingTimePerOutputToken, row.tpot_ms.map { $0 / 1000 }, weight: 1)
    if isAnsweredFromCache {
      out.leftOut = .cachedPrompts
    } else {
      add(.servingTimeToFirstToken, row.ttft_ms.map { $0 / 1000 }, weight: 1)
    }
    // The throughput of a closed loop follows from its latencies: it says little that they do not.
    let follows = row.concurrency != nil && row.tpot_ms != nil
    if output > 1 {
      add(.servingThroughput, row.out_tok_s, weight: follows ? 0.2 : 1)
    } else {
      out.leftOut = .promptsAlone
    }
    return out
  }

  private static func lengths(of row: ReferenceRow) -> (input: Double, output: Double) {
    (row.isl ?? row.isl_mean ?? (row.isFrom("NVIDIA") ? 1024 : 800), row.osl ?? row.osl_mean ?? 256)
  }

  /// What was asked of the server: a row is the answer to how its requests came, not to its concurrency alone.
  private func load(of speedCase: SpeedCase) -> SpeedQuestion.Load? {
    let (input, output) = Self.lengths(of: row)
    let scenario = row.scenario ?? ""
    if scenario.contains("static") { return .fixedBatches(size: row.batch ?? 1, input: input, output: output) }
    if scenario == "first token latency" { return .prompts(batch: row.batch ?? 1, input: input) }
    if scenario == "all requests at once" || scenario == "burst" {
      return row.n_requests.map { .atOnce(requests: $0, input: input, output: output) }
    }
    if scenario.hasPrefix("open loop") {
      return row.request_rate.map {
        .arrivals(
          rate: $0, requests: row.n_requests ?? Self.usualRequests, input: input, output: output,
          mostInFlight: row.concurrency)
      }
    }
    if scenario.hasPrefix("guidellm") { return profile(input, output) }
    if let inFlight = row.concurrency {
      return .closed(
        inFlight: inFlight, input: input, output: output, requests: row.n_requests ?? usualRequests(of: inFlight))
    }
    return .open(input: input, output: output, limit: limit)
  }

  /// Requests of a closed loop, where the collection's own scripts say it rather than its rows; nil is not known.
  private func usualRequests(of inFlight: Double) -> Double? {
    if row.isFrom("InferenceX") { return 10 * inFlight }
    return row.isFrom("4x RTX 3090") ? inFlight : nil
  }

  /// A profile whose rate only its name tells: a peak as high as the client goes is a closed loop of as many; else as many
  /// are in flight as at the peak, less what chance adds to it.
  private func profile(_ input: Double, _ output: Double) -> SpeedQuestion.Load? {
    guard let peak = row.peak_concurrency else { return nil }
    if peak >= Self.mostOfGuideLLM {
      return .closed(inFlight: Self.mostOfGuideLLM, input: input, output: output, requests: row.n_requests)
    }
    return .closed(inFlight: max(1, peak * 0.7), input: input, output: output, requests: nil)
  }

  /// Requests that GuideLLM keeps in flight at most, unless told otherwise.
  private static let mostOfGuideLLM = 512.0

  /// Requests of a run at a rate, where its source does not say.
  private static let usualRequests = 1000.0

  /// The limit on the 99th percentile of a token's time that MLPerf Inference v5.1 sets for its server scenarios, in
  /// seconds.
  private var limit: Double? {
    let name = row.benchmark ?? ""
    switch row.scenario {
    case "Server":
      if name.hasPrefix("llama3.1-405b") { return 0.175 }
      if name.hasPrefix("llama3.1-8b") { return 0.1 }
      return name.hasPrefix("deepseek") ? 0.08 : 0.2
    case "Interactive":
      if name.hasPrefix("llama3.1-405b") { return 0.08 }
      return name.hasPrefix("llama3.1-8b") ? 0.03 : 0.04
    default: return nil
    }
  }

  private var engineName: String {
    let name = (row.engine ?? "vllm").lowercased()
    if name.contains("tensorrt") { return "trtllm" }
    if name.hasPrefix("vllm") || name.contains("mango") { return "vllm" }
    if name.hasPrefix("llama.cpp") { return "llama.cpp" }
    if name.contains("openvino") { return "openvino" }
    return name.contains("habana") ? "habana" : name
  }

  private func precision(on device: SpeedDevice) -> Precision {
    let stated = "\(row.gemm ?? "") \(row.precision ?? "")".lowercased()
    if stated.contains("gguf") || stated.contains("ud-") { return .gguf }
    if stated.contains(where: \.isLetter) { return Precision(quant: stated) }
    if !isMLPerf { return (row.model_path ?? "").lowercased().contains("deepseek") ? .fp8 : .f16 }
    // MLPerf: the smallest format that the generation multiplies natively.
    return device.generation == "blackwell-dc" ? .fp4 : .fp8
  }

  private func weightBytes(_ traits: ModelTraits, _ precision: Precision) -> Double {
    switch row.precision {
    case "gguf-q6_k": return traits.parameters * 0.82
    case "gguf-q8_0": return traits.parameters * 1.06
    default:
      let isSmall = precision == .fp4 && traits.parameters < 50e9
      return traits.parameters * precision.bytesPerWeight * (isSmall ? 1.1 : 1)
    }
  }

  private func speedCase(on device: SpeedDevice) -> SpeedCase {
    let traits = shapes.traits(of: row)
    let precision = precision(on: device)
    let engine = engineName
    let isLlama = engine == "llama.cpp"
    var one = SpeedCase(
      device: device, model: traits, weightBytes: weightBytes(traits, precision),
      quantKind: QuantKind(named: row.precision?.replacingPrefix("gguf-") ?? precision.rawValue), precision: precision,
      stack: isLlama ? .local : .server, engine: engine,
      backend: SpeedCase.usualBackend(of: device.deviceClass, engine: engine))
    one.source = row.origin
    one.tokensPerStep = max(1, row.accept_length ?? 1)
    let count = row.n_devices ?? 1
    let isDataParallel = (row.attn_dp ?? 1) > 1
    // Across more than eight devices the sources write the sum of all workers: a worker is as wide as its experts are
    // spread, about half of the workers read prompts, and attention is data-parallel.
    let pools = row.disaggregated.flatMap(Pools.init)
    let isSum = pools == nil && count > 8 && (isDataParallel || row.tp == count)
    let tensor =
      pools.map { Int($0.decodeWays) }
      ?? (isSum ? min(count, row.moe_ep ?? 8) : isDataParallel ? count : row.tp ?? fewestDevices(for: one, of: count))
    let stages = row.pp ?? 1
    one.replicas = Double(row.replicas ?? max(1, count / (tensor * stages))) * (isSum ? 0.5 : 1)
    if let pools {
      (one.replicas, one.promptServers, one.promptWays) = (pools.decoders, pools.prefillers, pools.prefillWays)
    }
    one.isDisaggregated = isSum || pools != nil
    one.devices = Double(tensor * stages)
    one.ways = isLlama ? 1 : Double(tensor)
    let heads = traits.isLatent ? 1 : max(1, traits.cacheElements / 256)
    let isShared = isDataParallel || isSum
    one.cacheWays = isLlama ? 1 : (isShared ? one.ways : min(one.ways, heads.rounded(.down)))
    one.isTuned = isMLPerf
    // Servers on Blackwell are run with a cache of 8-bit floats, whatever the engine; before it only some.
    let hasSmallCache =
      ["trtllm", "habana"].contains(engine) || isMLPerf || device.generation == "blackwell-dc"
    let isSmall = hasSmallCache && (precision == .fp8 || precision == .fp4) || row.kv_cache == "fp8"
    one.cacheBytesPerElement = isSmall ? 1 : 2
    one.arrival = row.concurrency == nil ? row.scenario : nil
    // The published llama.cpp servers ran with eight slots.
    one.slots = min(Self.room(beside: one, row), isLlama ? 8 : row.max_num_seqs ?? usualSequences)
    one.isChat = isLlama
    return one
  }

  /// Sequences that an engine takes at once unless told otherwise: vLLM's limit was 256 until 2025, 1024 on servers since.
  private var usualSequences: Double {
    guard row.scenario != nil, row.n_requests != nil, engineName == "vllm" else { return .infinity }
    return (row.date ?? "") < "2025-03" ? 256 : 1024
  }

  /// Streams that the memory beside the weights held, of a run of which nobody kept what was allocated.
  private static func room(beside one: SpeedCase, _ row: ReferenceRow) -> Double {
    let (input, output) = lengths(of: row)
    let length = input + output / 2
    let free = max(
      one.device.memory * 0.88 * one.devices - one.weightBytes * one.storedShare * 1.02,
      one.device.memory * 0.02 * one.devices)
    let each = one.cacheBytes(at: length) * (one.ways / max(one.cacheWays, 1))
    return max(1, min(free / max(each, 1), 4096))
  }

  /// The smallest power of two of devices that holds the weights with a third more.
  private func fewestDevices(for one: SpeedCase, of count: Int) -> Int {
    var devices = 1
    while devices < count, one.weightBytes * 1.35 > one.device.memory * 0.9 * Double(devices) { devices *= 2 }
    return devices
  }
}

/// Servers that read prompts and servers that write: `4xTP2 prefill, 2xTP4 decode`.
private struct Pools {
  var prefillers, prefillWays, decoders, decodeWays: Double

  init?(_ text: String) {
    let numbers = text.split { !$0.isNumber }.compactMap { Double($0) }
    guard numbers.count == 4, text.contains("prefill"), text.contains("decode"), numbers.allSatisfy({ $0 > 0 }) else {
      return nil
    }
    (prefillers, prefillWays, decoders, decodeWays) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
