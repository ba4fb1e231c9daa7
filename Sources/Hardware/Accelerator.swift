public import Units

/// A product with its maker before it, unless its own name begins with the maker's.
public func nameWithMaker(_ maker: String, _ product: String) -> String {
  let first = maker.prefix { $0 != " " && $0 != "," }.lowercased()
  return product.lowercased().hasPrefix(first) ? product : "\(maker) \(product)"
}

/// One usable accelerator, whatever number of OS devices it has; a partition is a device of its own.
public struct Accelerator: Hashable, Sendable, Codable {
  /// `NVIDIA`, `AMD`, `Intel`, `Habana`, `Apple`...
  public var vendor: Figure<Maker>
  public var model: Figure<String>?
  /// Slug of the catalogue's entry that its datasheet figures come from, such as `h100-sxm`.
  public var catalogue: String?
  /// All of its memory.
  public var memoryBytes: Figure<ByteCount>?
  /// What the firmware set apart for the graphics of a processor; the rest of what it may use is the machine's.
  public var carvedBytes: Figure<ByteCount>?
  /// What a program can get: with MIG no more than the instances have.
  public var usableBytes: Figure<ByteCount>?
  public var freeBytes: Figure<ByteCount>?
  /// Peak reads of its memory, bytes a second.
  public var bandwidth: Figure<Double>?
  /// Dense peak rates in 10^12 operations a second, by format: `fp32`, `fp16`, `bf16`, `fp8`, `int8`, `fp4`.
  public var teraOperationsPerSecond: [String: Figure<Double>]?
  /// PCI domain:bus:device.function, lower case.
  public var address: Figure<String>?
  /// PCI vendor and device number: `10de:2684`.
  public var pciDevice: Figure<String>?
  /// `gfx90a`, or the compute capability as `9.0`.
  public var architecture: Figure<String>?
  public var migEnabled: Figure<Bool>?
  /// Its part of a card that is cut into several devices (MIG, CPX); nil for a whole one.
  public var partition: Partition?
  public var numaNode: Figure<Int>?
  /// What joins it to its peers; `pcie` where it has no link of its own.
  public var interconnect: Figure<LinkKind>?
  /// The PCIe switch that it shares with others, by the address of its upstream port; nil on a port of the processor.
  public var pciSwitch: Figure<String>?
  /// Scale-up link to its peers (NVLink, xGMI), one direction, 10^9 bytes a second in all.
  public var interconnectGigabytesPerSecond: Figure<Double>?
  /// Devices that one such link joins, itself among them: 2 for a bridge; nil where all of a board are joined.
  public var interconnectDevices: Figure<Int>?
  /// To the host, one direction, 10^9 bytes a second.
  public var hostGigabytesPerSecond: Figure<Double>?
  public var watts: Figure<Double>?
  public var driver: Figure<String>?
  /// True where its memory is the machine's memory.
  public var sharesMemory: Bool?
  /// Its number as its maker's driver counts, where the list does not tell it: others were left out.
  public var driverIndex: Int?
  /// How fast engines were when they were timed on it.
  public var engineSpeeds: [EngineSpeed]?
  /// What one costs to buy.
  public var price: Price?
  /// Other prices of one, each with its date.
  public var prices: [Price]?
  /// In which numbers one machine is sold with it, in ascending order.
  public var soldIn: Figure<[Int]>?

  /// Vendor and model in words; drivers often put the vendor into the model's name.
  public var fullName: String { nameWithMaker(vendor.value.name, model?.value ?? "") }

  public init(vendor: Figure<Maker>, model: Figure<String>? = nil) {
    self.vendor = vendor
    self.model = model
  }
}

/// How fast one engine read prompts and wrote answers of one model, one request at a time.
public struct EngineSpeed: Hashable, Sendable, Codable {
  /// `llama.cpp`.
  public var engine: String
  /// The model and its quantization.
  public var model: String
  /// Tokens of a prompt read in a second; nil where the server had them cached.
  public var promptTokensPerSecond: Figure<Double>?
  /// Tokens of an answer written in a second.
  public var answerTokensPerSecond: Figure<Double>?

  public init(engine: String, model: String) {
    self.engine = engine
    self.model = model
  }
}

/// The share that one device has of a card, each from 0 to 1.
public struct Partition: Hashable, Sendable, Codable {
  /// Of the memory and its bandwidth.
  public var memoryShare: Double
  /// Of the units that compute.
  public var computeShare: Double
  /// Memory of the whole card, by which its datasheet is found; nil where only the share is known.
  public var cardBytes: ByteCount?

  public init(memoryShare: Double, computeShare: Double, cardBytes: ByteCount? = nil) {
    self.memoryShare = memoryShare
    self.computeShare = computeShare
    self.cardBytes = cardBytes
  }
}

extension Machine {
  /// Returns an accelerator's number as its maker's driver counts, which does not see those of others.
  public func ordinal(of index: Int) -> Int {
    guard accelerators.indices.contains(index) else { return index }
    if let known = accelerators[index].driverIndex { return known }
    let vendor = accelerators[index].vendor.value
    return accelerators[..<index].count { $0.vendor.value == vendor }
  }
}
