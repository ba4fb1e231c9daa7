import Hardware
import Models
public import Units

/// How vLLM divides a device's memory: a share of all of it, less weights, activations and graphs, is the cache.
public struct VLLMBudget: Hashable, Sendable {
  /// Of one rank; with what a loader was seen to keep beside them.
  public var weights: Figure<ByteCount>
  /// What the profile run of a full batch adds; with its band.
  public var activations: Figure<ByteCount>
  public var graphs: Figure<ByteCount>
  /// Context of the driver, collectives and libraries.
  public var overhead: Figure<ByteCount>
  /// What is taken beyond the share at most: libraries grow after the cache was made. Releases of 2026 measure the graphs
  /// before they size the cache, so that graphs leave less of the share to it and take nothing beside it.
  var growth: ByteCount

  private var buffers: [Figure<ByteCount>] { [weights, activations, graphs, overhead] }

  /// Everything but the cache, as expected.
  var taken: ByteCount { buffers.reduce(.zero) { $0 + $1.value } }

  /// Bytes left for the cache in `requested`, with the band that the buffers leave; zero where they leave nothing.
  ///
  /// - Parameter most: The share where a process sees more of the device than is usual.
  func cache(in requested: ByteCount, atMost most: ByteCount) -> Figure<ByteCount> {
    func left(in share: ByteCount, _ amount: (Figure<ByteCount>) -> ByteCount) -> ByteCount {
      let taken = buffers.reduce(ByteCount.zero) { $0 + amount($1) }
      return taken < share ? share - taken : .zero
    }
    return Figure(
      left(in: requested, \.value), Source(.computed, "what is left for the cache"),
      low: left(in: requested) { $0.high ?? $0.value }, high: left(in: max(most, requested)) { $0.low ?? $0.value })
  }

  /// What one rank's share is worked out from.
  struct Rank: Hashable, Sendable {
    var tensorParallel = 1
    var pipelineParallel = 1
    var dataParallel = 1
    /// Tokens of one step.
    var batchedTokens: Int
    /// Requests at once, for each of which the sampler keeps logits.
    var sequences: Int
    var enforceEager = false
    var device: VLLMDevice?
  }

  /// Works out one rank's share.
  ///
  /// The bands hold the figures of logged starts on accelerators of 2023 to 2026.
  init(_ model: Model, form: String, weights: VLLMWeights, _ rank: Rank, expertPadding: Double = 1) {
    let ranks = max(1, rank.tensorParallel)
    let own = weights.ofRank(
      ranks: ranks, stages: max(1, rank.pipelineParallel), copies: max(1, rank.dataParallel),
      expertPadding: expertPadding)
    let kept = weights.keptOfRank(ranks: ranks, stages: max(1, rank.pipelineParallel))
    let beside = rank.device?.besideWeights(of: own, form: form)
    let usual = own + kept
    let most = usual + weights.mayKeepOfRank(ranks: ranks, stages: max(1, rank.pipelineParallel))
    self.weights = Figure(
      usual + (beside?.expected ?? .zero),
      Source(
        .header,
        kept > .zero
          ? "tensors of one rank, what is no expert in 16 bits, as publishers leave it" : "tensors of one rank"),
      low: own.scaled(by: 0.99), high: most.scaled(by: most > own ? 1.02 : 1.01) + (beside?.high ?? .zero))
    activations = VLLMActivations(model, seesImages: weights.seesImages, rank).figure
    let layers = model.layers.count / max(1, rank.pipelineParallel)
    let captures = rank.device != nil && !rank.enforceEager
    let graph =
      captures ? (.mebibytes(20) * layers).scaled(by: Self.graphShare(sequences: rank.sequences)) : ByteCount.zero
    graphs = Figure(
      graph,
      Source(.measured, "CUDA graphs of 48 logged starts: 20 MiB a layer in the middle, less for few requests"),
      low: .zero,
      high: graph.scaled(by: 3.2))
    if let device = rank.device {
      overhead = device.overhead(ranks: ranks)
      growth = .mebibytes(512)
    } else {
      let base = ByteCount.mebibytes(700)
      overhead = Figure(
        base, Source(.measured, "imported libraries of vLLM CPU 0.32.0"), low: base.scaled(by: 0.6),
        high: base.scaled(by: 2))
      growth = base
    }
  }
}

extension VLLMBudget {
  /// Memory of the graphs of so many requests at once, as a share of what 32 and more take.
  ///
  /// vLLM captures batches of 1, 2, 4, then each eighth up to 256 and each sixteenth to 512, none above twice the requests
  /// (`CompilationConfig.cudagraph_capture_sizes`). Starts with 10 and 16 took less than half of what those with 32 did; the
  /// share stays above theirs, since two starts are few.
  static func graphShare(sequences: Int) -> Double {
    let most = min(512, 2 * max(1, sequences))
    let sizes = [1, 2, 4].count { $0 <= most } + min(most, 256) / 8 + max(0, most - 256) / 16
    return min(1, (4 + Double(sizes)) / 15)
  }
}

/// What vLLM's memory on a device depends on besides the model.
struct VLLMDevice: Hashable, Sendable {
  var isAMD: Bool
  /// True where the memory is the host's too.
  var isShared: Bool
  /// The device's whole memory, as its driver shows it.
  var memory: ByteCount
  /// Of NVIDIA's.
  var computeCapability: Double?

  /// Tokens of one step unless more or fewer are asked for (`EngineArgs.get_batch_defaults`): by memory, and A100s count as
  /// small.
  var batchedTokens: Int { memory >= .gibibytes(70) && computeCapability != 8.0 ? 8192 : 2048 }

  /// What counts as weights without being tensors: on AMD's the memory of the whole device is compared before and after
  /// loading, with the libraries that loading brings, and rows of 8-bit floats are padded by 256 bytes
  /// (`VLLM_ROCM_FP8_PADDING`). Nil on other makers' devices.
  func besideWeights(of own: ByteCount, form: String) -> (expected: ByteCount, high: ByteCount)? {
    guard isAMD else { return nil }
    let isPadded = form.uppercased().contains("FP8")
    return (
      .mebibytes(350) + (isPadded ? own.scaled(by: 0.03) : .zero),
      .mebibytes(512) + (isPadded ? own.scaled(by: 0.06) : .zero)
    )
  }

  /// Context of the driver, collectives, and on a shared memory the pages of files that loading leaves.
  ///
  /// 0.13 to 0.16 GiB on one of NVIDIA's, 0.4 more with others beside it; 0.66 on one of AMD's.
  func overhead(ranks: Int) -> Figure<ByteCount> {
    var expected = ByteCount.mebibytes(isAMD ? 640 : 160)
    var low = ByteCount.mebibytes(isAMD ? 200 : 60)
    var high = ByteCount.mebibytes(isAMD ? 1600 : 1024)
    if ranks > 1 {
      expected += .mebibytes(400)
      high += .mebibytes(400)
    }
    if isShared {
      expected += memory.scaled(by: 0.015)
      high += memory.scaled(by: 0.08)
      low = .zero
    }
    return Figure(
      expected,
      Source(
        .measured,
        isShared ? "driver context, and pages of the system's on the same memory" : "driver context and collectives"),
      low: low, high: high)
  }
}
