import Engines
public import Hardware
import Models
public import Planning
import Units

/// A plan as the planner would make it for SmolLM2-135M on a small server; its figures are made up but consistent.
public enum PlanBuilder {
  /// The model's summary, in the quantization named.
  public static func model(_ quantization: String = "Q4_1", name: String = "SmolLM2 135M Instruct") -> ModelSummary {
    var layer = Layer(
      kind: .full, headCount: 9, kvHeadCount: 3, keyLength: 64, valueLength: 64, feedForwardLength: 1536)
    layer.window = nil
    var model = Model(
      name: name, format: .gguf, architecture: "llama",
      shape: ModelShape(embeddingLength: 576, vocabularySize: 49_152, contextLength: 8192),
      layers: Array(repeating: layer, count: 30))
    model.files = [
      ModelFile(path: "/models/\(name.filter { $0 != " " }).\(quantization).gguf", bytes: ByteCount(98_000_000))
    ]
    model.quantization = Figure(quantization, .header, "general.file_type")
    model.parameters = Figure(134_515_008, .header, "sum over tensors")
    model.tensorBytes = Figure(ByteCount(96_432_640), .header, "sum over 272 tensors")
    model.headerDigest = "5f0c2f6f0c1b7e7a9d3c1f2b4a5968778695a4b3c2d1e0f00112233445566778"
    return ModelSummary(model)
  }

  /// A plan with the file's own quantization chosen and a larger one beside it.
  public static func plan(
    on machine: Machine = MachineBuilder.smallServer(), model: ModelSummary = model(), concurrency: Int = 4
  ) -> Plan {
    let workload = Workload(name: "demo", inputTokens: 128, outputTokens: 64, concurrency: concurrency)
    return Plan(
      machine: machine, model: model, workload: workload,
      options: [
        option(model.quantization ?? "Q4_1", weights: 96_432_640, decode: 118, concurrency: concurrency),
        option("Q8_0", weights: 144_811_392, decode: 86, concurrency: concurrency),
      ],
      chosen: 0, reasons: [Reason(.fits, "the file is already here and its estimate fits with room to spare")]
    )
  }

  private static func option(_ quantization: String, weights: Int, decode: Double, concurrency: Int) -> PlanOption {
    var option = PlanOption(
      quantization: quantization, origin: quantization == "Q8_0" ? .made : .file, engine: .llamaCpp, verdict: .fits,
      reason: Reason("fits", "needs 0.31 GiB of 22.0 GiB"), contextLength: 4096, parallel: concurrency)
    option.tensorBytes = Figure(ByteCount(weights), .header, "sum over 272 tensors")
    let formula = Source(.computed, "layers x heads x length x context x 2 bytes")
    let components = MemoryComponents(
      weights: Figure(ByteCount(weights), .header, "sum over 272 tensors"),
      kvCache: Figure(ByteCount(94_371_840), formula),
      recurrentState: Figure(.zero, .computed, "no recurrent layer"),
      compute: Figure(
        ByteCount(101_711_872), Source(.computed, "graph rule of llama.cpp"), low: ByteCount(96_626_278),
        high: ByteCount(112_197_632)),
      output: Figure(ByteCount(786_432), .computed, "slots x vocabulary x 4 bytes"),
      overhead: Figure(
        ByteCount(41_943_040), Source(.measured, "empty server, median of 5"), low: ByteCount(31_457_280),
        high: ByteCount(62_914_560)))
    let expected = components.all.reduce(ByteCount.zero) { $0 + $1.figure.value }
    option.memory = MemoryEstimate(
      devices: [
        DeviceMemory(
          name: "cpu", usableBytes: Figure(ByteCount(23_622_320_128), .probed, "/proc/meminfo MemAvailable"),
          components: components)
      ],
      lowBytes: expected.scaled(by: 0.95), expectedBytes: expected, highBytes: expected.scaled(by: 1.1))
    option.speed = speed(decode: decode, concurrency: concurrency)
    option.launch = launch(quantization, concurrency: concurrency)
    return option
  }

  private static func speed(decode: Double, concurrency: Int) -> SpeedPrediction {
    let roofline = Source(.computed, "roofline from 21.4 GB/s measured")
    var speed = SpeedPrediction(
      bounds: [Reason(.boundByMemoryBandwidth, "decode is bound by reading 92 MiB of weights for each token")],
      terms: [SpeedTerm("decode weights", seconds: 0.0071, formula: "92 MiB / 21.4 GB/s * 0.64")])
    let scale = Double(concurrency).squareRoot()
    speed.prefill = Band(1450, spread: 0.35, source: roofline)
    speed.decode = Band(decode, spread: 0.25, source: roofline)
    speed.decodeAggregate = Band(decode * scale, spread: 0.3, source: roofline)
    speed.timeToFirstToken = Band(0.16 * scale, spread: 0.4, source: roofline)
    speed.timePerOutputToken = Band(scale / decode, spread: 0.25, source: roofline)
    return speed
  }

  private static func launch(_ quantization: String, concurrency: Int) -> LaunchConfiguration {
    LaunchConfiguration(
      program: "llama-server",
      flags: [
        LaunchFlag(
          "--model", "/models/SmolLM2135MInstruct.\(quantization).gguf", reason: "the model that was planned",
          role: .model),
        LaunchFlag("--ctx-size", "4096", reason: "\(concurrency) slots of 1024 tokens"),
        LaunchFlag("--parallel", "\(concurrency)", reason: "requests in flight of the workload"),
        LaunchFlag("--threads", "2", reason: "one for each physical core"),
        LaunchFlag("--host", "127.0.0.1", reason: "loopback unless told otherwise"),
      ])
  }
}
