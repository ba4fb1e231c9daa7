import Platform
import Testing
import Units

@testable import Hardware

/// A part of a card never has the whole card's bandwidth, compute or power, whichever tool told of it.
@Suite struct PartitionTests {
  private func read(_ text: String) throws -> Machine {
    let dump = try DumpText(path: "test", bytes: Array(text.utf8))
    let findings = try MachineDump.readers.compactMap { try $0.read(dump) }
    try #require(!findings.isEmpty)
    return MachineMerger.merge(findings, name: "test", inputs: [])
  }

  @Test func sharesACardOfAmdSMI() throws {
    let parts = (0..<8).map { number in
      """
      {"gpu": \(number), "asic": {"market_name": "AMD Instinct MI300X", "target_graphics_version": "gfx942"},
        "bus": {"bdf": "0000:0C:00.\(number)"}, "vram": {"size": {"value": 24574, "unit": "MB"},
        "max_bandwidth": {"value": 5325, "unit": "GB/s"}}, "limit": {"max_power": {"value": 750, "unit": "W"}}}
      """
    }
    let devices = try read("[\(parts.joined(separator: ","))]").accelerators
    #expect(devices.count == 8)
    #expect(devices.allSatisfy { $0.partition?.computeShare == 0.125 && $0.partition?.memoryShare == 0.125 })
    #expect(devices.allSatisfy { $0.partition?.cardBytes == .mebibytes(8 * 24574) && $0.watts == nil })
    #expect(devices.map { (($0.bandwidth?.value ?? 0) / 1e9).rounded() } == Array(repeating: 666, count: 8))
  }

  @Test func sharesACardOfRocmSMI() throws {
    func card(_ bus: String?) -> String {
      let place = bus.map { "\"PCI Bus\": \"\($0)\", " } ?? ""
      return "{\(place)\"Card Series\": \"AMD Instinct MI300A\", \"Compute Partition\": \"TPX\"}"
    }
    let placed = try read(
      "{\"card0\": \(card("0000:01:00.0")), \"card1\": \(card("0000:01:00.1")), \"card2\": \(card("0000:01:00.2"))}")
    #expect(placed.accelerators.compactMap { $0.partition?.computeShare } == Array(repeating: 1.0 / 3, count: 3))
    // Without addresses the mode's name tells.
    let unplaced = try read("{\"card0\": \(card(nil)), \"card1\": \(card(nil)), \"card2\": \(card(nil))}")
    #expect(unplaced.accelerators.compactMap { $0.partition?.computeShare } == Array(repeating: 1.0 / 3, count: 3))
  }

  @Test(arguments: [
    ("CPX", "AMD Instinct MI300X", 0.125), ("CPX", "AMD Instinct MI300A", 1.0 / 6), ("DPX", "AMD Instinct MI325X", 0.5),
    ("QPX", "AMD Instinct MI300X", 0.25),
  ])
  func knowsTheModes(mode: String, model: String, share: Double) {
    #expect(AMDPartitions.partition(mode: mode, model: model)?.computeShare == share)
    #expect(AMDPartitions.partition(mode: "SPX", model: model) == nil)
  }

  @Test func leavesTwoCardsWhole() throws {
    let devices = try read(
      """
      {"card0": {"Card Series": "AMD Instinct MI210", "PCI Bus": "0000:03:00.0"},
       "card1": {"Card Series": "AMD Instinct MI210", "PCI Bus": "0000:04:00.0"}}
      """
    ).accelerators
    #expect(devices.allSatisfy { $0.partition == nil })
  }

  @Test func cutsCardsOfFourSlicesIntoFour() throws {
    var device = NVMLReading.Device()
    device.name = "NVIDIA A30"
    device.address = "0000:17:00.0"
    device.totalBytes = 24 << 30
    device.isMIG = true
    device.instances = [3: 12 << 30, 5: 6 << 30]
    let slices = NVMLProbe.findings(NVMLReading(devices: [device])).machine.accelerators
    #expect(slices.map { $0.partition?.memoryShare } == [0.5, 0.25])
    #expect(slices.map { $0.partition?.computeShare } == [0.5, 0.25])
    #expect(slices.allSatisfy { $0.partition?.cardBytes == .gibibytes(24) })
  }

  /// A list of names has no amounts: the whole card's memory would be far too much.
  @Test func takesAnInstancesLeastMemoryFromItsName() throws {
    let devices = try read(
      """
      GPU 0: NVIDIA H200 (UUID: GPU-1b2c3d4e-0000-0000-0000-000000000000)
        MIG 1g.18gb     Device  0: (UUID: MIG-00000000-0000-0000-0000-000000000001)
        MIG 3g.71gb     Device  1: (UUID: MIG-00000000-0000-0000-0000-000000000002)
      """
    ).accelerators
    #expect(devices.map { $0.model?.value } == ["NVIDIA H200 MIG 1g.18gb", "NVIDIA H200 MIG 3g.71gb"])
    // The driver gives 16384 and 71680 MiB.
    let amounts = devices.compactMap { $0.memoryBytes?.value.bytes }
    #expect(amounts.count == 2)
    #expect(zip(amounts, [16384 << 20, 71680 << 20]).allSatisfy { $0 <= $1 && $0 > $1 * 8 / 10 })
    #expect(devices.map { $0.partition?.memoryShare } == [0.125, 0.5])
    #expect(devices.allSatisfy { $0.memoryBytes?.source.kind == .assumed })
  }

  /// No card has more slices than the largest, and none has fewer than one, whatever a text says.
  @Test(arguments: ["NVIDIA H200", "NVIDIA A30"], ["9223372036854775807g.5gb", "-5g.10gb", "0g.5gb", "99g.9gb"])
  func absurdProfilesAreNoShares(_ card: String, _ profile: String) throws {
    let devices = try read(
      """
      GPU 0: \(card) (UUID: GPU-1b2c3d4e-0000-0000-0000-000000000000)
        MIG \(profile)     Device  0: (UUID: MIG-00000000-0000-0000-0000-000000000001)
      """
    ).accelerators
    #expect(devices.allSatisfy { (0.1...1).contains($0.partition?.memoryShare ?? 1) })
  }
}
