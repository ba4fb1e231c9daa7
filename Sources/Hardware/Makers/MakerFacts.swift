public import Units

/// Everything that differs by the maker of an accelerator; what is left out holds for most.
public struct MakerFacts: Sendable {
  public let maker: Maker
  /// Words that its name may begin with, in any case: its own, its tools' and those of lists of PCI devices.
  public var aliases: [String]
  public var pciVendors: [Int] = []
  /// What its processors call it in `/proc/cpuinfo` and `lscpu`; nil where it makes none.
  public var implementer: String?

  /// False where no engine here computes on its accelerators.
  public var isServed = true

  // MARK: What the machine tells of it

  /// Products by PCI device number, for lists without names.
  public var products: [Int: String] = [:]
  /// Which of its PCI devices can compute; nil for all that the bus calls a GPU or an accelerator.
  public var use: (@Sendable (PCIProduct) -> PCIUse)?
  /// Its generations, and the products whose speeds were published.
  public var generations: GenerationTable
  /// What its driver keeps for itself of a device's listed memory, so that no process sees it.
  public var driverReserve: @Sendable (ByteCount) -> ByteCount = { _ in .zero }
  /// How a system lets a device on the host's memory take so many bytes of it; nil where nothing limits it, or nothing
  /// raises the limit.
  public var sharedMemoryRemedy: (@Sendable (ByteCount) -> String)?
  /// The command that tells the memory of its devices.
  public var memoryCommand = "lspci -vv"
  /// Another, for a dump that is the first one's output.
  public var otherMemoryCommand: String?
  /// The link by which its devices join.
  public var scaleUpLink = LinkKind.nvlink

  // MARK: What a server is started with

  /// How its driver is told which devices a process may see.
  public var visibility: DeviceVisibility?
  /// How a container reaches its devices.
  public var container = ContainerAccess.none
  /// The variable that names a container's devices where the container's runtime does not number them anew.
  public var containerVariable: String?
  /// The resource of a Kubernetes node that counts its devices.
  public var kubernetesResource: String?
  /// The label of a Kubernetes node that names the product.
  public var kubernetesProductLabel: String?
  /// Ray's name for its devices.
  public var rayResource = "GPU"
  /// How its driver is looked at.
  public var driver: DriverCheck?

  public init(_ maker: Maker, aliases: [String]) {
    self.maker = maker
    self.aliases = aliases
    generations = GenerationTable.table(maker.name)
  }
}

/// The environment by which a driver hides every device but some.
public struct DeviceVisibility: Hashable, Sendable {
  /// Takes the devices' numbers, separated by commas.
  public var variable: String
  /// What the numbers need to mean what the plan means.
  public var fixed: [String: String] = [:]

  public init(_ variable: String, fixed: [String: String] = [:]) {
    self.variable = variable
    self.fixed = fixed
  }

  /// Returns the variables that show the devices with these numbers and no others.
  public func environment(_ devices: [Int]) -> [String: String] {
    fixed.merging([variable: devices.map { "\($0)" }.joined(separator: ",")]) { $1 }
  }
}

/// How a container reaches devices of its host.
public enum ContainerAccess: Hashable, Sendable {
  /// It does not.
  case none
  /// By a toolkit that hands over single devices and numbers them anew: its CDI class, and its name in Compose.
  case toolkit(cdi: String, driver: String)
  /// By device files, which its user must be allowed to open.
  case files([String], groups: [String])
  /// By a container runtime of its own.
  case runtime(String)
}

/// How a driver is looked at.
public struct DriverCheck: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// A program of the driver, which prints the version.
    case program(String, [String])
    /// Files that users open, each with this beginning of its path.
    case files([String])
  }

  /// What the finding is called.
  public var name: String
  public var kind: Kind
  /// What to do where it does not answer.
  public var remedy = "install or reload the driver"
  /// The toolkits that builds are made for, oldest first.
  public var toolkits: [DriverToolkit] = []

  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// A toolkit that programs are built with, such as CUDA 12, and the least driver that runs them.
public struct DriverToolkit: Hashable, Sendable {
  public var name: String
  /// The first number of the driver's version.
  public var leastDriver: Int
}

/// A PCI device of a maker, as the bus describes it.
public struct PCIProduct: Hashable, Sendable {
  public var device: Int
  /// True where the bus calls it a processing accelerator or a coprocessor, not a display.
  public var isAccelerator: Bool
}

/// What engines can make of a PCI device.
public enum PCIUse: Hashable, Sendable {
  /// Nothing: a display part.
  case none
  /// A card with memory of its own.
  case card
  /// A processor's own GPU.
  case sharesMemory
}
