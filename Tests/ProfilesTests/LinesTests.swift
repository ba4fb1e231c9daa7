import Foundation
import Hardware
import Profiles
import Testing
import Units

/// Machines in one line, and entries that are made of others.
@Suite struct LinesTests {
  let profiles = Shipped.profiles

  private func machine(_ line: String) throws -> Machine {
    try profiles.machine(composedOf: MachineExpression(line))
  }

  @Test func aLineStatesWhatMattersOfAProcessor() throws {
    let machine = try machine("cpu 8 cores avx2, 16 GiB, 51 GB/s")
    #expect(machine.accelerators.isEmpty)
    #expect(machine.cpu.cores == Figure(8, .user, "stated in the line"))
    #expect(machine.cpu.features?.value == ["avx2"])
    #expect(machine.cpu.architecture?.value == "x86_64")
    #expect(machine.memory.totalBytes?.value == .gibibytes(16))
    #expect(machine.memory.bandwidth == Figure(51e9, .user, "stated in the line"))
    #expect(machine.unknowns.isEmpty)
  }

  @Test(arguments: [
    "cpu, 16 GiB, 51 GB/s", "CPU 4-core, 16GiB, 51GB/s", "8 cores, avx512, 64 GiB", "cpu 2 sockets 64 cores amx, 1 TiB",
    "cpu 16 core, 64GB DDR5", "cpu, 64 GiB of DDR5-5600 memory", "cpu 4 cores + 16 gb ram",
    "cpu 12 threads neon i8mm, 24 GiB, 0.1 TB/s", "cpu 3.5 GHz 6 cores, 32 GiB",
  ])
  func otherLinesOfProcessors(line: String) throws {
    let machine = try machine(line)
    #expect(machine.accelerators.isEmpty)
    #expect(machine.memory.totalBytes != nil)
  }

  @Test(arguments: [
    ("5000x rtx-4090", "a part is there 1 to 1,024 times, not 5,000"),
    ("2x rtx-4090, -1 GiB", "-1 GiB is less than nothing"),
  ])
  func anAmountThatCannotBeSaysWhy(_ line: String, _ cause: String) {
    #expect(throws: ProfileError.badLine(line, cause: cause)) { try MachineExpression(line) }
  }

  @Test(arguments: [
    "cpu 8 bananas, 16 GiB", "cpu avx2 neon, 16 GiB", "cpu 8, 16 GiB", "cpu 0 cores, 16 GiB", "cpu, 16 GiB, 8 GiB",
    "cpu, 1 GB/s, 2 GB/s", "cpu, 16 GiB, 5 B/s", "rtx-4090 foo, 16 GiB", "rtx-4061, 16 GiB",
  ])
  func linesThatSayNothing(line: String) {
    #expect(throws: ProfileError.self) { try machine(line) }
  }

  @Test func aCardInALaptop() throws {
    let machine = try machine("rtx-4060-laptop, 32 GiB")
    #expect(machine.accelerators[0].bandwidth?.value == 256e9)
    #expect(machine.accelerators[0].memoryBytes?.value == .gibibytes(8))
    #expect(machine.memory.totalBytes?.value == .gibibytes(32))
    #expect(throws: ProfileError.self) { try self.machine("rtx-4061-laptop, 32 GiB") }
  }

  @Test func factsBesideANameGoBeforeTheEntrys() throws {
    let machine = try machine("rtx-4090 on ryzen-9-9950x, 64 GiB, 60 GB/s, 12 cores")
    #expect(machine.cpu.cores?.value == 12)
    #expect(machine.memory.bandwidth?.value == 60e9)
    #expect(machine.cpu.model != nil)
  }

  @Test(arguments: ["2x rtx-4090, 128 GiB", "2 x RTX 4090, 128 GiB", "rtx-4090 x2, 128 GiB", "2× rtx 4090, 128 GiB"])
  func counts(line: String) throws {
    #expect(try machine(line).accelerators.count == 2)
  }

  @Test(arguments: [
    ("4060", "rtx-4060", 1), ("4060, 32 GiB", "rtx-4060", 1), ("7900xtx", "rx-7900-xtx", 1),
    ("2x 7900xtx, 64 GiB", "rx-7900-xtx", 2),
    ("3090x2", "rtx-3090", 2), ("7900xtx x2", "rx-7900-xtx", 2), ("4090,24GB", "rtx-4090", 1),
    ("2080 ti", "rtx-2080-ti", 1), ("9800X3D, 64 GB, 5090", "rtx-5090", 1),
    ("rtx 4090 + 64GB", "rtx-4090", 1), ("ryzen ai max+ 395 128gb", "ryzen-ai-max-395-128gb", 1),
  ])
  func aCardByItsNumber(line: String, entry: String, count: Int) throws {
    #expect(try machine(line).accelerators.map(\.catalogue) == [String?](repeating: entry, count: count))
  }

  @Test(arguments: ["128", "4096, rtx-4090", "rtx-4090, 64", "2000x rtx-4090"])
  func anAmountWithoutAUnitIsNoCard(line: String) {
    let error = #expect(throws: ProfileError.self) { try machine(line) }
    guard case .badLine = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func anIntegratedGPUHasTheMachinesMemory() throws {
    let machine = try machine("radeon-780m on ryzen-7-7840u, 32 GiB, 80 GB/s")
    let gpu = machine.accelerators[0]
    #expect(machine.unifiedMemory?.value == true)
    #expect(gpu.memoryBytes?.value == .gibibytes(32))
    #expect(gpu.bandwidth?.value == 80e9)
    #expect(machine.memory.acceleratorBytes?.value == .gibibytes(16))
    #expect(machine.memory.acceleratorBytes?.source.kind == .assumed)
    #expect(throws: ProfileError.self) { try self.machine("2x radeon-780m, 32 GiB") }
  }

  @Test func anInstanceIsMadeOfItsParts() throws {
    let machine = try profiles.machine(named: "aws-p5.48xlarge")
    #expect(machine.accelerators.count == 8)
    #expect(machine.accelerators[0].catalogue == "h100-sxm5-80gb")
    #expect(machine.links.count == 28)
    #expect(machine.memory.totalBytes?.value == .gibibytes(2048))
    #expect(machine.price == nil)
    #expect(machine.prices?.contains { $0.per == .machineHour && $0.term == "on-demand" } == true)
    #expect(machine.unknowns.isEmpty)
  }

  @Test func aRackIsOneScaleUpDomain() throws {
    let rack = try profiles.machine(named: "gb200-nvl72")
    #expect(rack.accelerators.count == 72)
    #expect(rack.cpu.packages?.value == 36)
    #expect(rack.cpu.cores?.value == 36 * 72)
    #expect(rack.links.count == 72 * 71 / 2)
  }

  @Test func whatAnEntryStatesGoesBeforeItsParts() throws {
    let metal = try profiles.machine(named: "aws-g4dn.metal")
    #expect(metal.accelerators.allSatisfy { $0.usableBytes?.value == .gibibytes(16) && $0.bandwidth?.value == 320e9 })
    #expect(metal.virtualMachine?.value == false)
    #expect(metal.cpu.cores?.value == 48)
    let card = try profiles.machine(named: "t4")
    #expect(card.accelerators[0].usableBytes?.value == .gibibytes(15))
  }

  private func folder(_ files: [String: String]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.path + "/plimsoll-parts-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      try text.write(toFile: "\(folder)/\(name).yaml", atomically: true, encoding: .utf8)
    }
    return folder
  }

  @Test func oneBadProfileDoesNotStopTheOthers() throws {
    let folder = try folder([
      "good": "name: good\nparts: 2x rtx-3090, 64 GiB\naliases: [our box]\n", "bad": "name: bad\ncpu: [",
      "loop": "name: loop\nparts: pool\n", "pool": "name: pool\nparts: loop\n", "lost": "name: lost\nparts: rtx-9999\n",
    ])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let own = Profiles(personal: folder)
    let (machines, errors) = own.read(own.entries().filter { $0.shelf == .personal })
    #expect(machines.map(\.machine.name) == ["good"])
    #expect(errors.count == 4)
    #expect(try own.machine(named: "our box").accelerators.count == 2)
    #expect(own.shortlist().contains { $0.name == "good" })
  }
}
