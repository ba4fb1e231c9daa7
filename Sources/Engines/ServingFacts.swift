public import Hardware
public import Units

/// How an engine is packed and placed by whoever starts it elsewhere: containers, clusters, service managers.
public struct ServingFacts: Hashable, Sendable {
  /// Its container images, or why it has none.
  public var container: ContainerUse
  /// How one server spans several machines; nil where it does not.
  public var nodes: NodeFacts?
  /// Memory of the host beside what the plan counts.
  public var host = HostNeeds()
  /// The variable by which it takes its API key where no file can be handed over.
  public var keyVariable: String?
  /// Variables that name a folder for what it compiles and keeps, where all else is read-only to it.
  public var cacheVariables: [String] = []
  /// The counter of answered requests among its metrics.
  public var requestCounter: String?
  /// The tool that makes quantizations for it.
  public var quantizer: String?
  /// The toolkits that its builds are made for, by the first version of each, oldest first.
  public var toolkits: [BuildToolkit] = []
  /// How Plimsoll installs it, and what of it for special models.
  public var recipes: [EngineRecipe] = []

  public init(_ container: ContainerUse) { self.container = container }
}

/// The toolkit of a maker's driver that builds of an engine need from a version on.
public struct BuildToolkit: Hashable, Sendable {
  /// The first of these versions, as numbers: `[0, 30]`.
  public var since: [Int]
  /// As the maker calls it: `CUDA 13`.
  public var name: String
  /// An image for the toolkit before it; nil where there is none.
  public var olderImage: String?

  public init(since: [Int], _ name: String, olderImage: String? = nil) {
    self.since = since
    self.name = name
    self.olderImage = olderImage
  }
}

/// Whether an engine runs in containers.
public enum ContainerUse: Hashable, Sendable {
  case images(ContainerImages)
  case none(Reason)

  /// The images, where there are some.
  public var images: ContainerImages? {
    if case .images(let images) = self { images } else { nil }
  }
}

/// The container images of an engine, each of a release that is known to be there and has none of its known holes.
public struct ContainerImages: Hashable, Sendable {
  public var byMaker: [Maker: String] = [:]
  /// For the processors, and for devices of other makers.
  public var processors: String
  /// For Arm's processors, where that is another one.
  public var arm: String?
  /// The program in the images that is started; nil leaves it to them.
  public var program: String?
  /// False where their release is not known to know every optional flag.
  public var knowsOptionalFlags = true
  /// True where it runs what it compiles among its temporary files.
  public var runsTemporaryFiles = false
  /// Variables that it needs in a container.
  public var environment: [String: String] = [:]

  public init(processors: String) { self.processors = processors }

  /// Returns the image for a maker's devices, or for processors by the words of `uname -m`.
  public func image(for maker: Maker?, architecture: String?) -> String {
    if let maker, let own = byMaker[maker] { return own }
    return ["aarch64", "arm64"].contains(architecture) ? arm ?? processors : processors
  }
}

/// How one server of an engine spans machines.
public struct NodeFacts: Hashable, Sendable {
  /// Flags by which groups of pods find each other: `COUNT` and `LEADER` stand for their number and the leader's address.
  public var group: [String]
  /// Further flags of the leader.
  public var leader: [String]
  /// Further flags of the others; `RANK` stands for the pod's number.
  public var worker: [String]
  /// The flag by which a Ray cluster places its workers.
  public var ray: LaunchFlag
  /// Variables that are each machine's own business.
  public var ownVariables: [String] = []

  public init(group: [String], leader: [String], worker: [String], ray: LaunchFlag) {
    self.group = group
    self.leader = leader
    self.worker = worker
    self.ray = ray
  }
}

/// What a server's processes take of the host's memory beside weights and cache.
public struct HostNeeds: Hashable, Sendable {
  /// The server itself.
  public var base = Figure(ByteCount.gibibytes(1), .assumed, "room for requests' texts and the log")
  /// For each device.
  public var eachDevice = ByteCount.gibibytes(1)
  /// What that is, after "1" and after a larger number.
  public var deviceWords = ["driver context", "driver contexts"]
  /// What starting takes, as much again as the devices' part and for one at the least; nil where nothing does.
  public var startWords: String?
  /// True where accelerators hold all weights, so that none lie on the host unless the plan says so.
  public var keepsWeightsOffHost = false

  public init() {}
}
