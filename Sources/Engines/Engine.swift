public import Hardware
public import Models
public import Units

/// What an engine answers to "can you run this model on this machine".
public enum Capability: Hashable, Sendable {
  case yes(notes: [Reason])
  case no(Reason)
}

/// An engine explains itself: what it can run and why not, what it needs, and how it is started.
///
/// One folder for each engine conforms; `EngineCatalogue.all` lists them.
public protocol Engine: Sendable {
  var kind: EngineKind { get }
  /// How it is found, addressed, watched and stopped.
  var operation: EngineOperation { get }
  /// How it is installed, packed into containers and spread over machines.
  var serving: ServingFacts { get }
  /// Says whether it can run the model on the machine in the quantization named, before any question of size; asked through
  /// `ability`, which knows what holds for every engine.
  func capability(of model: Model, quantization: String, on machine: Machine) -> Capability
  /// The benchmark program that it brings; nil where it brings none.
  var nativeProgram: (any NativeProgram)? { get }
  /// Says what it has to be told of a NUMA node that `numactl` binds it to.
  func nodeBinding(_ node: Int) -> NodeBinding
  /// How it lays models out, what its context counts, and how it is seen by the speed model.
  var planning: PlanningFacts { get }
  /// Its memory rules, which may keep what they worked out about this model.
  func memoryRules(for model: Model) -> any MemoryRules
  /// True where it reads the format that a form of a model is in.
  func loads(_ form: ModelForm) -> Bool
  /// How it stands to such a model on such a machine, beside the other engines.
  func preference(for model: Model, on machine: Machine) -> EnginePreference
  /// True where it runs the prediction layers of a model of this family; whether the model has any is another matter.
  func predicts(_ model: Model) -> Bool
  /// Why it would not start with these files beside the model; nil where it does.
  func refusal(of companions: [Companion]) -> Reason?
  /// Makes the command that starts it, flag by flag with the reason for each.
  func launch(_ request: LaunchRequest) -> LaunchConfiguration
}

extension Engine {
  /// Says whether it can run the model on the machine in the quantization named, before any question of size.
  public func ability(toRun model: Model, quantization: String, on machine: Machine) -> Capability {
    if let reason = machine.unservedAccelerators { return .no(reason) }
    return capability(of: model, quantization: quantization, on: machine)
  }
}

extension Machine {
  /// Why nothing can be planned on its accelerators, where no engine computes on any of them; nil where one does.
  fileprivate var unservedAccelerators: Reason? {
    guard let maker = accelerators.first?.vendor.value, accelerators.allSatisfy({ !$0.vendor.value.facts.isServed })
    else { return nil }
    return Reason(
      .wrongAccelerator, "no engine here computes on \(maker) accelerators",
      remedy: "plan for the processors alone, as --on \"cpu, 64 GiB\", or for another accelerator")
  }
}

/// Types of the cached keys and values, in llama.cpp's names (`f16`, `q8_0`) or vLLM's (`auto`, `fp8`).
public struct KVCacheType: Hashable, Sendable, Codable {
  /// Every name that some engine takes.
  public static let names = [
    "auto", "f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl", "fp8", "fp8_e4m3", "fp8_e5m2",
    "float16", "bfloat16",
  ]

  public var key: String
  public var value: String

  /// Both names, or the one of both.
  public var words: String { key == value ? key : "\(key), \(value)" }

  public init(key: String = "f16", value: String = "f16") {
    self.key = key
    self.value = value
  }
}

/// Switches of an engine that change memory or speed.
public struct EngineSettings: Hashable, Sendable, Codable {
  public var flashAttention: Bool = true
  public var kvUnified: Bool = false
  public var batch: Int = 2048
  /// True where the user stated `batch`: an engine with a default of its own then takes it.
  public var isBatchStated: Bool?
  public var ubatch: Int = 512
  /// True where the user stated `ubatch`: an engine then takes it as it is.
  public var isUbatchStated: Bool?
  public var swaFull: Bool = false
  /// Rows of logits that are reserved: the slots for a server, the ubatch for a benchmark of the library.
  public var outputRows: Int?
  public var memoryMap: Bool = true
  public var gpuMemoryUtilization: Double = 0.92
  /// vLLM's `--kv-cache-memory-bytes`, or its CPU form's cache space.
  public var kvMemory: ByteCount?
  public var enforceEager: Bool = false
  /// Regular expression to device, as llama.cpp's `--override-tensor`.
  public var overrideTensor: [String] = []
  public var cpuMoeLayers: Int = 0
  public var projectorPath: String?
  public var draftPath: String?
  /// How tokens are guessed, and how many; nil where none are, or by settings of earlier versions.
  public var speculation: SpeculationSettings?
  public var loraPaths: [String] = []
  /// The highest rank of the adapters; nil where there are none.
  public var loraRank: Int?

  public init() {}
}

/// Where the parts of a model go.
public struct Placement: Hashable, Sendable, Codable {
  public enum SplitMode: String, Hashable, Sendable, Codable, CaseIterable { case none, layer, row, tensor }
  /// Indices into the machine's accelerators; empty means the CPU.
  public var devices: [Int] = []
  /// Layers on accelerators, the output layer counted as one; nil means all.
  public var gpuLayers: Int?
  public var splitMode: SplitMode = .layer
  /// Shares of the devices; empty means by free memory.
  public var tensorSplit: [Double] = []
  public var tensorParallel: Int = 1
  public var pipelineParallel: Int = 1
  public var expertParallel: Int = 1
  public var dataParallel: Int = 1
  /// Copies of the server on this machine.
  public var replicas: Int = 1
  /// The NUMA node that threads and memory are bound to.
  public var numaNode: Int?
  /// True where one server spans all NUMA nodes and its memory is spread over them page by page; nil is false.
  public var interleave: Bool?

  public init() {}
}

/// One word or pair of words of a command line, with why it is there.
public struct LaunchFlag: Hashable, Sendable, Codable {
  public var words: [String]
  public var reason: String
  /// True where a build that does not know the flag can be started without it; nil is false.
  public var isOptional: Bool?
  /// What its last word is, for whoever starts the command elsewhere or otherwise; nil for what nobody changes.
  public var role: LaunchRole?

  public init(_ words: String..., reason: String, isOptional: Bool? = nil, role: LaunchRole? = nil) {
    self.words = words
    self.reason = reason
    self.isOptional = isOptional
    self.role = role
  }
}

/// The exact command that starts an engine. Secrets are never in it.
public struct LaunchConfiguration: Hashable, Sendable, Codable {
  /// The program as it is looked for: `llama-server`, `vllm`, `mlx_lm.server`.
  public var program: String
  public var flags: [LaunchFlag]
  public var environment: [String: String]
  /// The program and words that start the program, such as `numactl --membind=1`; nil where it is started itself.
  public var wrapper: LaunchFlag?

  public init(
    program: String, flags: [LaunchFlag], environment: [String: String] = [:], wrapper: LaunchFlag? = nil
  ) {
    self.program = program
    self.flags = flags
    self.environment = environment
    self.wrapper = wrapper
  }

  /// The words after the program's name.
  public var arguments: [String] { flags.flatMap { $0.words } }

  /// All of it on one line, as a shell takes it: variables, wrapper, program, words.
  public var command: String {
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\(shellQuoted($0.value))" }
    let words = (wrapper?.words ?? []) + [program] + arguments
    return (variables + words.map { shellQuoted($0) }).joined(separator: " ")
  }

  private enum CodingKeys: String, CodingKey { case program, flags, arguments, environment, wrapper, command }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    program = try container.decode(String.self, forKey: .program)
    flags = Self.withRoles(try container.decode([LaunchFlag].self, forKey: .flags))
    environment = try container.decodeIfPresent([String: String].self, forKey: .environment) ?? [:]
    wrapper = try container.decodeIfPresent(LaunchFlag.self, forKey: .wrapper)
  }

  /// Writes `arguments` and `command` beside the flags, for readers that want the bare words or paste them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(program, forKey: .program)
    try container.encode(flags, forKey: .flags)
    try container.encode(arguments, forKey: .arguments)
    try container.encode(environment, forKey: .environment)
    try container.encodeIfPresent(wrapper, forKey: .wrapper)
    try container.encode(command, forKey: .command)
  }
}
