public import Units

/// A machine: what is there, or could be bought.
///
/// A probe's result, a catalogue entry and a hand-written profile are this same type. Every fact is a `Figure` with its
/// source; one that is not known is nil, and `unknowns` says how to find it out.
public struct Machine: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.machine/1"

  public var schema: String = Machine.schema
  public var name: String
  /// Other names of it: those that drivers and tools print, and those that people call it by.
  public var aliases: [String]?
  /// The line of catalogue entries that it is made of, as `8x h100-sxm5-80gb on 2x xeon-platinum-8480plus`. What the
  /// profile states itself goes before what its parts state.
  public var parts: String?
  /// True where `size` considers it when no machine is named.
  public var shortlist: Bool?
  /// True for what its maker has announced and nobody can buy yet.
  public var announced: Bool?
  /// The year in which it was first sold.
  public var released: Figure<Int>?
  public var system: SystemIdentity?
  /// Operating system and its release, in its own words.
  public var os: Figure<String>?
  public var cpu: Processor
  /// In order of `id`; empty where the layout is not known.
  public var numaNodes: [NUMANode] = []
  public var memory: MachineMemory
  public var accelerators: [Accelerator] = []
  public var links: [Link] = []
  /// Network cards on PCI.
  public var networks: [NetworkDevice] = []
  /// True where processor and accelerator share one memory.
  public var unifiedMemory: Figure<Bool>?
  public var virtualMachine: Figure<Bool>?
  /// False where the kernel refuses to bind memory to a node, as it does in most containers; nil where it was not asked.
  public var bindsMemory: Figure<Bool>?
  /// CPUs' worth of time that a container's quota allows; nil where there is none.
  public var cpuLimit: Figure<Double>?
  public var storage: [Storage] = []
  /// Drivers and runtimes with their versions, such as `cuda`, `nvidia-driver`, `rocm`.
  public var software: [SoftwareVersion] = []
  /// Electrical power of the whole machine under load, in watts.
  public var watts: Figure<Double>?
  /// What it costs to buy.
  public var price: Price?
  /// Other prices, such as those of an hour, each with its date.
  public var prices: [Price]?
  public var unknowns: [UnknownFact] = []
  public var warnings: [String] = []
  /// Where a probe or a profile took its facts from, in a few words each.
  public var inputs: [String] = []

  public init(name: String, cpu: Processor = Processor(), memory: MachineMemory = MachineMemory()) {
    self.name = name
    self.cpu = cpu
    self.memory = memory
  }

  private enum CodingKeys: String, CodingKey {
    case schema, name, aliases, parts, shortlist, announced, released
    case system, os, cpu, numaNodes, memory, accelerators, links, networks, unifiedMemory, virtualMachine
    case bindsMemory, cpuLimit, storage, software, watts, price, prices, unknowns, warnings, inputs
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func optional<Value: Decodable>(_ key: CodingKeys) throws -> Value? {
      try container.decodeIfPresent(Value.self, forKey: key)
    }
    schema = try optional(.schema) ?? Machine.schema
    name = try container.decode(String.self, forKey: .name)
    aliases = try optional(.aliases)
    parts = try optional(.parts)
    shortlist = try optional(.shortlist)
    announced = try optional(.announced)
    released = try optional(.released)
    system = try optional(.system)
    os = try optional(.os)
    cpu = try optional(.cpu) ?? Processor()
    numaNodes = try optional(.numaNodes) ?? []
    memory = try optional(.memory) ?? MachineMemory()
    accelerators = try optional(.accelerators) ?? []
    links = try optional(.links) ?? []
    networks = try optional(.networks) ?? []
    unifiedMemory = try optional(.unifiedMemory)
    virtualMachine = try optional(.virtualMachine)
    bindsMemory = try optional(.bindsMemory)
    cpuLimit = try optional(.cpuLimit)
    storage = try optional(.storage) ?? []
    software = try optional(.software) ?? []
    watts = try optional(.watts)
    price = try optional(.price)
    prices = try optional(.prices)
    unknowns = try optional(.unknowns) ?? []
    warnings = try optional(.warnings) ?? []
    inputs = try optional(.inputs) ?? []
  }
}

/// Who made the machine, and what it is sold as.
public struct SystemIdentity: Hashable, Sendable, Codable {
  public var vendor: Figure<String>?
  public var product: Figure<String>?

  /// Maker and product in words; nil where neither is known.
  public var fullName: String? {
    guard let vendor = vendor?.value, let product = product?.value else { return product?.value ?? vendor?.value }
    return nameWithMaker(vendor, product)
  }

  public init(vendor: Figure<String>? = nil, product: Figure<String>? = nil) {
    self.vendor = vendor
    self.product = product
  }
}

/// A money amount with what it is a price for.
public struct Price: Hashable, Sendable, Codable {
  /// What is paid for once, or for an hour.
  public enum Unit: String, Hashable, Sendable, Codable, CaseIterable {
    case machineHour = "machine-hour"
    case acceleratorHour = "accelerator-hour"
  }

  public var amount: Figure<Double>
  /// ISO code, such as `USD`.
  public var currency: String
  /// `list`, `street`, `hourly` or `user`.
  public var basis: String
  /// What an hourly price is for; nil for what is bought.
  public var per: Unit?
  /// `on-demand`, `spot`, `1-year reserved`... in the seller's words.
  public var term: String?
  public var region: String?

  /// True for what is bought rather than rented.
  public var isPurchase: Bool { per == nil && basis != "hourly" }

  public init(amount: Figure<Double>, currency: String, basis: String) {
    self.amount = amount
    self.currency = currency
    self.basis = basis
  }
}

/// A driver or runtime, and its version in its own words.
public struct SoftwareVersion: Hashable, Sendable, Codable {
  public var name: String
  public var version: Figure<String>

  public init(_ name: String, _ version: Figure<String>) {
    self.name = name
    self.version = version
  }
}

/// A disk or file system that models are read from.
public struct Storage: Hashable, Sendable, Codable {
  public var name: String
  public var totalBytes: Figure<ByteCount>?
  public var freeBytes: Figure<ByteCount>?
  /// Sequential reads, 10^9 bytes a second.
  public var readGigabytesPerSecond: Figure<Double>?

  public init(name: String) { self.name = name }
}

extension Machine {
  /// Measured reads of its first disk, bytes a second; nil where none was measured.
  public var diskBytesPerSecond: Double? {
    storage.compactMap { $0.readGigabytesPerSecond?.value }.first.map { $0 * 1e9 }
  }
}

/// A connection between two parts: accelerators, NUMA nodes or packages.
public struct Link: Hashable, Sendable, Codable {
  public var kind: LinkKind
  /// Names such as `gpu0`, `numa1`; one end each.
  public var a: String
  public var b: String
  /// One direction, 10^9 bytes a second.
  public var gigabytesPerSecond: Figure<Double>?

  public init(kind: LinkKind, a: String, b: String, gigabytesPerSecond: Figure<Double>? = nil) {
    self.kind = kind
    self.a = a
    self.b = b
    self.gigabytesPerSecond = gigabytesPerSecond
  }
}
