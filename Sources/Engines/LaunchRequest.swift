public import Hardware
public import Models
import Units

/// What a server is asked to be; filled by the plan.
public struct LaunchRequest: Hashable, Sendable, Codable {
  public var modelPath: String
  public var contextLength: Int
  /// Slots (llama.cpp) or sequences at once (vLLM).
  public var parallel: Int
  public var placement: Placement
  public var kvType: KVCacheType
  public var settings: EngineSettings
  /// Threads for computing; nil leaves the choice to the engine. The plan makes it.
  public var threads: Int?
  /// Threads for prompts, for engines that count them apart; nil is as many as for tokens.
  public var promptThreads: Int?
  /// What the model answers with; nil is text.
  public var task: ModelTask?
  /// True where the model takes images.
  public var seesImages: Bool?
  /// Who made the devices that the placement names.
  public var deviceVendor: Maker?
  /// The least compute capability of the NVIDIA devices in use; nil for others, or where it is not known.
  public var computeCapability: Double?
  /// The placement's devices as their maker's driver counts them: another maker's are not among them.
  public var deviceOrdinals: [Int]?
  public var host: String = "127.0.0.1"
  /// 0 until deployment picks a free one.
  public var port: Int = 0
  /// The file that holds the API key, where one is demanded; never the key.
  public var apiKeyFile: String?
  public var alias: String?

  public init(
    modelPath: String, contextLength: Int, parallel: Int, placement: Placement = Placement(),
    kvType: KVCacheType = KVCacheType(), settings: EngineSettings = EngineSettings(), threads: Int? = nil
  ) {
    self.modelPath = modelPath
    self.contextLength = contextLength
    self.parallel = parallel
    self.placement = placement
    self.kvType = kvType
    self.settings = settings
    self.threads = threads
  }
}

extension LaunchRequest {
  /// What starts the first server that a question's layout has.
  ///
  /// - Parameters:
  ///   - contextLength: of that one server, in the engine's own terms.
  ///   - parallel: Slots or sequences of that one server.
  public init(_ question: Question, modelPath: String, contextLength: Int, parallel: Int) {
    let machine = question.machine
    let place = question.placement.server(0, on: machine)
    self.init(
      modelPath: modelPath, contextLength: contextLength, parallel: parallel, placement: place,
      kvType: question.kvType, settings: question.settings, threads: question.threads)
    promptThreads = question.promptThreads
    task = question.model.task
    seesImages = question.model.seesImages
    let accelerators = machine.accelerators
    computeCapability = question.placement.devices.filter { accelerators.indices.contains($0) }
      .compactMap { accelerators[$0].computeCapability }.min()
    deviceOrdinals = place.devices.map { machine.ordinal(of: $0) }
    deviceVendor = place.devices.first.flatMap {
      accelerators.indices.contains($0) ? accelerators[$0].vendor.value : nil
    }
  }
}
