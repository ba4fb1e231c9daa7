import Foundation
import Hardware
import Profiles
import Testing
import Units

@Suite struct CatalogueTests {
  let profiles = Shipped.profiles

  @Test func everyEntryIsReadableAndCarriesItsName() {
    let (machines, errors) = profiles.machines()
    #expect(errors.isEmpty)
    #expect(machines.count >= 650)
    for (entry, machine) in machines { #expect(entry.name == machine.name) }
  }

  /// The program reads them without this check, which costs as much as the reading.
  @Test func noEntryHasAKeyThatNothingReads() throws {
    for entry in profiles.entries() { _ = try MachineProfile.read(file: entry.path) }
  }

  @Test func everyFigureHasASource() {
    for (_, machine) in profiles.machines().machines {
      for accelerator in machine.accelerators {
        #expect(accelerator.memoryBytes != nil || accelerator.sharesMemory == true, "\(machine.name)")
        let isUndisclosed = machine.announced == true
        #expect(accelerator.bandwidth?.source.detail.isEmpty == false || isUndisclosed, "\(machine.name)")
      }
    }
  }

  @Test(
    "finds what a person means",
    arguments: [
      ("h100-sxm", "h100-sxm5-80gb"), ("rtx-4090", "rtx-4090"), ("rtx-4080", "rtx-4080"),
      ("xeon-8480", "xeon-platinum-8480plus"),
      ("RTX 4070", "rtx-4070"), ("p5.48xlarge", "aws-p5.48xlarge"), ("h200-nvl", "h200-nvl-141gb"),
      ("rtx4090", "rtx-4090"), ("h100sxm", "h100-sxm5-80gb"), ("NVIDIA GeForce RTX 4090", "rtx-4090"),
    ])
  func names(asked: String, found: String) throws {
    #expect(try profiles.entry(named: asked).name == found)
  }

  @Test func saysWhenANameIsUnclearOrUnknown() {
    #expect(throws: ProfileError.self) { try profiles.entry(named: "h100") }
    // Two processors, neither of which is the plain form of the other.
    #expect(throws: ProfileError.self) { try profiles.entry(named: "altra") }
    #expect(throws: ProfileError.unknownName("pentium", nearest: [])) { try profiles.entry(named: "pentium") }
  }

  @Test func namesWhatIsLikeAMisspeltName() {
    let error = #expect(throws: ProfileError.self) { try profiles.entry(named: "h100smx") }
    #expect(error?.reason.remedy?.contains("h100-sxm5-80gb") == true)
  }

  @Test(
    "lines that describe no machine are refused",
    arguments: [
      "8x apple-m4-pro-48gb", "2x aws-p5.48xlarge, 1 TiB", "h100-sxm on xeon-8480 on epyc-9654",
      "2x rtx-4090 on 2x rtx-5090", "h100-sxm, 0 GiB", "apple-m4-24gb, 64 GiB", "dgx-spark-gb10 on xeon-8480",
      "2x rtx-4090, 64", "2x rtx-4090, 1,5 TiB",
    ])
  func impossibleLines(line: String) {
    #expect(throws: ProfileError.self) { try profiles.machine(composedOf: MachineExpression(line)) }
  }

  @Test func anotherAmountOfMemoryForgetsWhatWasProbedOfTheOld() throws {
    var machine = Machine(name: "box")
    machine.cpu.cores = Figure(2, .probed, "test")
    machine.memory.totalBytes = Figure(.gibibytes(24), .probed, "test")
    machine.memory.availableBytes = Figure(.gibibytes(22), .probed, "test")
    let folder = FileManager.default.temporaryDirectory.path + "/plimsoll-lines-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try MachineProfile.save(machine, folder: folder)
    let found = try Profiles(personal: folder).machine(composedOf: MachineExpression("box, 64 GiB"))
    #expect(found.memory.totalBytes?.value == .gibibytes(64))
    #expect(found.memory.availableBytes == nil)
  }

  @Test func aCardOfTwoDiesIsTwoDevices() throws {
    let card = try profiles.machine(composedOf: MachineExpression("4x mi250x, 512 GiB"))
    #expect(card.accelerators.count == 8)
    #expect(card.accelerators.allSatisfy { $0.memoryBytes?.value == .gibibytes(64) })
  }

  @Test func composesAMachineFromOneLine() throws {
    let machine = try profiles.machine(composedOf: MachineExpression("8x h100-sxm on 2x xeon-8480, 2 TiB"))
    #expect(machine.accelerators.count == 8)
    #expect(machine.cpu.packages?.value == 2)
    let one = try profiles.machine(named: "xeon-8480").cpu
    #expect(machine.cpu.watts?.value == one.watts.map { $0.value * 2 })
    #expect(one.watts != nil)
    #expect(machine.memory.totalBytes?.value == ByteCount(2 << 40))
    #expect(machine.links.count == 28)
    let cpu = try profiles.machine(composedOf: MachineExpression("cpu, 64 GiB"))
    #expect(cpu.accelerators.isEmpty)
    #expect(cpu.memory.totalBytes?.value == .gibibytes(64))
  }

  @Test("refuses lines that say nothing or too much", arguments: ["", "64 GiB", "1 GiB, 2 GiB, cpu", "5000x t4", "2x"])
  func refuses(line: String) {
    #expect(throws: ProfileError.self) { try MachineExpression(line) }
  }

  @Test func aProfileSurvivesWritingAndReading() throws {
    for entry in profiles.entries().enumerated().filter({ $0.offset % 12 == 0 }).map(\.element) {
      let machine = try profiles.machine(entry)
      #expect(try MachineProfile.read(MachineProfile.text(machine), name: machine.name) == machine)
    }
  }
}
