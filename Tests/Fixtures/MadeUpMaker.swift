public import Hardware
import Units

extension Maker {
  /// A maker that nobody but tests knows.
  public static let madeUp = Maker(canonical: "Zorbian")
}

/// Everything that differs by a maker, for one that the product has no word of.
public enum MadeUpMaker {
  public static let facts: MakerFacts = {
    var facts = MakerFacts(.madeUp, aliases: ["Zorbian", "Zorbian Devices"])
    facts.pciVendors = [0xfee1]
    facts.products = [0x0001: "Zorb 1"]
    facts.memoryCommand = "zorb-smi"
    facts.visibility = DeviceVisibility("ZORB_VISIBLE_DEVICES")
    facts.container = .files(["/dev/zorb"], groups: ["zorb"])
    facts.containerVariable = "ZORB_VISIBLE_DEVICES"
    facts.kubernetesResource = "zorbian.example/zorb"
    facts.driver = DriverCheck("Zorb driver", .files(["/dev/zorb"]))
    facts.generations = GenerationTable(
      maker: "Zorbian", generations: [Generation(name: "zorb-one", architectures: ["z1"], names: ["zorb"])])
    return facts
  }()

  /// Runs with the maker in the catalogue.
  public static func known<Answer>(_ work: () throws -> Answer) rethrows -> Answer {
    try MakerCatalogue.$current.withValue(MakerCatalogue(MakerCatalogue.shipped.all + [facts]), operation: work)
  }

  /// A server with so many of its devices, 96 GiB each.
  public static func machine(_ count: Int = 1) -> Machine {
    var machine = MachineBuilder.smallServer(name: "zorb-box")
    machine.memory.totalBytes = Figure(.gibibytes(512), .user, "test")
    machine.memory.availableBytes = nil
    machine.accelerators = (0..<count).map { _ in
      var device = Accelerator(vendor: Figure(.madeUp, .user, "test"), model: Figure("Zorb 1", .user, "test"))
      device.memoryBytes = Figure(.gibibytes(96), .user, "test")
      device.bandwidth = Figure(2e12, .user, "test")
      device.teraOperationsPerSecond = ["fp16": Figure(400, .user, "test")]
      device.hostGigabytesPerSecond = Figure(63, .user, "test")
      device.architecture = Figure("z1", .user, "test")
      return device
    }
    return machine
  }
}
