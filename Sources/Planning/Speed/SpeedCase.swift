public import Engines

/// One thing to predict: a model on devices with an engine and its settings.
///
/// The reference measurements and the planner's questions are both brought to this form, so that there is one estimator.
public struct SpeedCase: Hashable, Sendable, Codable {
  /// Engines that share their way of scheduling, and with it their efficiencies.
  public enum Stack: String, Hashable, Sendable, Codable {
    /// llama.cpp and its kin, and MLX: one stream first.
    case local
    /// vLLM, SGLang, TensorRT-LLM: batches first.
    case server
  }

  public var device: SpeedDevice
  public var model: ModelTraits
  /// Bytes of all weights.
  public var weightBytes: Double
  public var quantKind: QuantKind
  public var precision: Precision
  public var stack: Stack
  /// `llama.cpp`, `ollama`, `llamafile`, `vllm`, `sglang`, `trtllm`, `mlx-lm`...
  public var engine: String
  /// `cuda`, `rocm`, `vulkan`, `metal`, `moltenvk`, `mlx`, `cpu`.
  public var backend: Backend
  /// Devices that work on one token: tensor parallel, times data-parallel attention.
  public var ways: Double = 1
  /// Ways in which the cache is shared out: no more than there are key-value heads, unless attention is data-parallel.
  public var cacheWays: Double = 1
  /// Devices in all stages of one replica.
  public var devices: Double = 1
  public var replicas: Double = 1
  /// Threads of one process, where the processor computes; nil where not known.
  public var threads: Double?
  /// Threads that read prompts, where they are another number.
  public var promptThreads: Double?
  /// Processes that share the machine, each with its own copy of the weights.
  public var processes: Double = 1
  /// Tokens that a prompt is cut into.
  public var microBatch: Double = 512
  /// A strong card behind one PCIe lane or a few.
  public var isHostLimited = false
  /// Part of the model is known to lie on the CPU.
  public var isPartlyOffloaded = false
  /// Share of the layers on the devices, where the placement says it.
  public var deviceShare: Double?
  /// Share of the experts on the devices, where the placement says that fewer of them are there than layers.
  public var deviceExpertShare: Double?
  public var cacheBytesPerElement: Double = 2
  public var flashAttention: Bool?
  /// A chat request over HTTP rather than a loop of the library.
  public var isChat = false
  /// Measured with a build from before the middle of 2024.
  public var isOldBuild = false
  /// Tuned by its maker for a published benchmark.
  public var isTuned = false
  /// Other devices read the prompts, so that decoding never waits for them.
  public var isDisaggregated = false
  /// How load arrives where no number of requests in flight is given: `offline`, `server`, `interactive`.
  public var arrival: String?
  /// The collection of measurements that it stands in; nil for a question, whose machine nobody has published.
  public var source: String?
  /// Servers of their own that read the prompts of all replicas, and their width; nil where there are none.
  public var promptServers: Double?
  public var promptWays: Double?
  /// Tokens that one step yields: more than one where guesses are checked.
  public var tokensPerStep: Double = 1
  /// Streams that one replica has room for at once, as its memory was estimated; nil where that was not asked.
  public var slots: Double?

  public init(
    device: SpeedDevice, model: ModelTraits, weightBytes: Double, quantKind: QuantKind, precision: Precision,
    stack: Stack, engine: String, backend: Backend
  ) {
    self.device = device
    self.model = model
    self.weightBytes = weightBytes
    self.quantKind = quantKind
    self.precision = precision
    self.stack = stack
    self.engine = engine
    self.backend = backend
  }

  /// Bytes that decoding can read: without the table of input embeddings.
  var decodedBytes: Double { weightBytes * model.decodedShare }

  /// Operations a second of one device in the case's number format.
  package var peak: Double { stack == .server ? attentionPeak * device.speedup(at: precision) : device.peak }

  /// Operations a second at 16 bits: engines for servers add up in 32, which GeForce cards do at half the rate.
  var attentionPeak: Double {
    stack == .server && device.deviceClass == .nvidiaGeForce ? device.peak / 2 : device.peak
  }

  /// Bytes that one pass over so many tokens reads from the devices' memory and from the host's.
  ///
  /// A mixture whose experts lie on the host reads only the touched ones there: its share of the bytes read is not its
  /// share of the bytes stored.
  func bytesRead(tokens: Double) -> (device: Double, host: Double) {
    let touched = model.touchedExperts(tokens: tokens)
    let held = shareOnDevices(ofExperts: touched)
    let all = 1 - model.expertShare * (1 - touched)
    return (decodedBytes * held, decodedBytes * max(0, all - held))
  }

  /// Share of the stored weights that lie on the devices.
  package var storedShare: Double { shareOnDevices(ofExperts: 1) }

  /// Share of all weights that lies on the devices, of the experts only such a share being counted.
  private func shareOnDevices(ofExperts counted: Double) -> Double {
    let experts = model.expertShare
    return (1 - experts) * heldShare + experts * counted * min(heldShare, deviceExpertShare ?? heldShare)
  }

  /// True where some weights are read from the host's memory.
  var usesHost: Bool { heldShare < 1 || (deviceExpertShare ?? 1) < 1 }

  /// Share of the layers that the devices hold; the rest is read from the host's memory.
  var heldShare: Double {
    if let deviceShare { return max(0.02, min(1, deviceShare)) }
    guard !device.deviceClass.isUnified else { return 1 }
    if backend == .cpu { return 0.02 }
    let share = min(1, device.memory * devices * 0.95 / weightBytes)
    return isPartlyOffloaded ? min(share, 0.85) : share
  }

  /// Tokens a second of one stream that reading the weights at full bandwidth allows.
  var decodeRoof: Double {
    let read = bytesRead(tokens: 1)
    return 1 / (read.device / (ways * device.bandwidth) + read.host / device.hostBandwidth)
  }

  /// Tokens a second of prompts that the peak rates of all its devices allow; of integers that is twice that at 16 bits.
  var prefillRoof: Double {
    let integers: Double = stack == .local && quantKind != .f16 ? 2 : 1
    return peak * integers * max(ways, devices) * processes / (2 * model.promptParameters)
  }

  /// Cache of one token over all layers, in bytes, at a length.
  package func cacheBytes(at length: Double) -> Double {
    model.attendedTokens(at: length) * model.cacheElements * cacheBytesPerElement
  }
}
