import Hardware
import Profiles
import Testing
import Units

/// What holds for every entry of the catalogue, and the figures that were wrong before.
@Suite struct CatalogueFactsTests {
  static let profiles = Shipped.profiles
  static let machines = profiles.machines().machines

  private func card(_ name: String) throws -> Accelerator {
    try Self.profiles.machine(named: name).accelerators[0]
  }

  @Test func nothingIsUsableBeyondWhatIsThere() {
    for (_, machine) in Self.machines {
      for device in machine.accelerators {
        guard let usable = device.usableBytes, let all = device.memoryBytes else { continue }
        #expect(usable.value <= all.value, "\(machine.name)")
      }
    }
  }

  @Test func pricesHaveDates() {
    for (_, machine) in Self.machines {
      let prices = [machine.price, machine.accelerators.first?.price].compactMap { $0 }
      for date in prices.compactMap(\.amount.source.date) {
        let parts = date.split(separator: "-").map { Int($0) ?? 0 }
        #expect((2015...2030).contains(parts[0]), "\(machine.name): \(date)")
        #expect(parts.count < 2 || (1...12).contains(parts[1]), "\(machine.name): \(date)")
        #expect(parts.count < 3 || (1...31).contains(parts[2]), "\(machine.name): \(date)")
      }
    }
  }

  /// As the drivers report it.
  @Test(arguments: [
    ("t4", 15360), ("l4", 23034), ("b300-sxm-288gb", 275_040), ("rtx-4060", 8188), ("gh200-144gb", 146_831),
  ])
  func usableIsWhatTheDriverReports(name: String, mebibytes: Int) throws {
    #expect(try card(name).usableBytes?.value == .mebibytes(mebibytes))
  }

  /// Products are added up in 32 bits everywhere; where a card is faster at 16 bits that has a key of its own.
  @Test func ratesHaveOneConvention() throws {
    for (_, machine) in Self.machines {
      for rates in machine.accelerators.compactMap(\.teraOperationsPerSecond) {
        if let fast = rates["fp16acc16"], let plain = rates["fp16"] {
          #expect(fast.value >= plain.value, "\(machine.name)")
        }
        if let fast = rates["fp8acc16"], let plain = rates["fp8"] {
          #expect(fast.value >= plain.value, "\(machine.name)")
        }
        if let eight = rates["fp8"], let half = rates["fp16"] {
          #expect((0.99...4.4).contains(eight.value / half.value), "\(machine.name)")
        }
      }
    }
    let rates = try #require(try card("rtx-5090").teraOperationsPerSecond)
    #expect(rates["fp16"]?.value == 209.6)
    #expect(rates["fp8"]?.value == 419.2)
  }

  /// Whether a card has a link of its own is a stated fact.
  @Test func everyCardSaysHowItReachesItsPeers() throws {
    let exempt: Set = ["mi50-16gb", "mi50-32gb", "mi60", "radeon-vii", "gaudi1", "gb300-station-gpu"]
    for (entry, machine) in Self.machines where entry.shelf == .accelerators && machine.announced != true {
      let device = machine.accelerators[0]
      guard ["NVIDIA", "AMD", "Intel", "Habana"].contains(device.vendor.value.name), device.sharesMemory != true,
        !exempt.contains(entry.name)
      else { continue }
      let kind = try #require(device.interconnect?.value, "\(entry.name)")
      if kind == .pcie { #expect(device.interconnectGigabytesPerSecond == nil, "\(entry.name)") }
    }
    #expect(try card("rtx-3090").interconnect?.value == .nvlink)
    #expect(try card("rtx-4090").interconnect?.value == .pcie)
    #expect(try card("a10").interconnect?.value == .pcie)
    #expect(try card("mi300x").interconnect?.value == .xgmi)
  }

  @Test(arguments: [("gh200-96gb", 450.0), ("gh200-144gb", 450), ("gb200-per-gpu", 225), ("b300-sxm-288gb", 128)])
  func hostLinks(name: String, rate: Double) throws {
    #expect(try card(name).hostGigabytesPerSecond?.value == rate)
  }

  @Test(arguments: [
    ("h100-sxm5-80gb", [4, 8]), ("b200-sxm-180gb", [8]), ("gb200-per-gpu", [4, 36, 72]), ("mi300x", [8]),
    ("l40s", Array(1...10)), ("rtx-4060-laptop", [1]),
  ])
  func soldIn(name: String, counts: [Int]) throws {
    #expect(try card(name).soldIn?.value == counts)
  }

  @Test func pricesHaveADateOrAreOfTheLaunch() {
    for (_, machine) in Self.machines {
      let all =
        [machine.price].compactMap { $0 } + (machine.prices ?? [])
        + machine.accelerators.prefix(1).flatMap { [$0.price].compactMap { $0 } + ($0.prices ?? []) }
      for price in all {
        #expect(price.amount.value > 0 && !price.amount.source.detail.isEmpty, "\(machine.name)")
        #expect(price.isPurchase == (price.per == nil), "\(machine.name)")
      }
      // What an hour costs is no price to buy for.
      #expect(machine.price?.isPurchase ?? true, "\(machine.name)")
      #expect(machine.accelerators.first?.price?.isPurchase ?? true, "\(machine.name)")
    }
  }

  @Test func priceListsNameEntries() throws {
    let lists = try Self.profiles.priceLists()
    #expect(lists.count >= 8)
    let names = Set(Self.profiles.entries().map(\.name))
    for offer in lists.flatMap(\.offers) {
      if let entry = offer.entry { #expect(names.contains(entry), "\(entry)") } else { #expect(offer.item != nil) }
    }
  }

  @Test func theShortlistIsShort() {
    let names = Self.profiles.shortlist().map(\.name)
    #expect((100...200).contains(names.count), "\(names.count)")
    #expect(!names.contains { $0.contains("laptop") || $0.hasPrefix("rtx-20") || $0.hasPrefix("apple-m1") })
    #expect(Set(["rtx-5090", "h200-sxm-141gb", "epyc-9965", "aws-p5.48xlarge"]).isSubset(of: names))
  }

  @Test func factsThatWereMissing() throws {
    let spark = try Self.profiles.machine(named: "dgx-spark-gb10")
    #expect(spark.cpu.cores?.value == 20)
    #expect(spark.cpu.kinds?.map(\.name) == ["Cortex-X925", "Cortex-A725"])
    #expect(spark.watts?.value == 240)
    let xeon = try Self.profiles.machine(named: "xeon-max-9480")
    #expect(xeon.memory.highBandwidth?.totalBytes?.value == .gibibytes(64))
  }

  /// Hardware that no engine here serves is in the catalogue, and says so.
  @Test(arguments: ["tpu-v5e", "trainium2", "tenstorrent-n300", "qualcomm-ai100-ultra", "aws-trn2.48xlarge"])
  func whatNoEngineServes(name: String) throws {
    let machine = try Self.profiles.machine(named: name)
    #expect(machine.inputs.contains { $0.hasPrefix("No engine that Plimsoll knows") })
    #expect(machine.shortlist != true)
  }
}
