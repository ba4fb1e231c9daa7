import Engines
import Fixtures
import Foundation
import Hardware
import Planning
import Platform
import Testing
import Units

@testable import Deployment

/// Which devices a server is given on a machine with those of several makers.
@Suite struct DeviceTests {
  private func machine(_ vendors: [String]) -> Machine {
    var machine = Machine(name: "mixed")
    machine.accelerators = vendors.map { Accelerator(vendor: Figure(Maker($0), Source(.probed, "test"))) }
    return machine
  }

  @Test func driversCountTheirOwnDevicesAlone() {
    let mixed = machine(["Intel", "NVIDIA", "NVIDIA", "AMD"])
    #expect((0..<4).map { mixed.ordinal(of: $0) } == [0, 0, 1, 0])
  }

  @Test func copiesGoToDevicesOfOneMaker() throws {
    let mixed = machine(["Intel", "NVIDIA", "AMD", "NVIDIA"])
    var option = PlanOption(
      quantization: "Q4_1", origin: .file, engine: .llamaCpp, verdict: .fits, reason: Reason("fits", "fits"),
      contextLength: 512, parallel: 1)
    option.placement.devices = [1]
    option.launch = LaunchConfiguration(
      program: "llama-server", flags: [], environment: ["CUDA_VISIBLE_DEVICES": "0"])
    let copies = try ServerCopies(of: option, on: mixed).placed(3).get().map(\.option)
    #expect(copies.map(\.placement.devices) == [[1], [3], [1]])
    #expect(copies.map { $0.launch?.environment["CUDA_VISIBLE_DEVICES"] } == ["0", "1", "0"])
  }

  @Test func plannedCopiesGoWhereTheyWerePlanned() throws {
    let mixed = machine(["NVIDIA", "Intel", "NVIDIA", "NVIDIA", "NVIDIA"])
    var option = PlanOption(
      quantization: "BF16", origin: .file, engine: .vllm, verdict: .fits, reason: Reason("fits", "fits"),
      contextLength: 512, parallel: 1)
    option.placement.devices = [0, 2, 3, 4]
    option.placement.tensorParallel = 2
    option.placement.replicas = 2
    option.launch = LaunchConfiguration(program: "vllm", flags: [], environment: ["CUDA_VISIBLE_DEVICES": "0,1"])
    let copies = try ServerCopies(of: option, on: mixed).placed(2).get().map(\.option)
    #expect(copies.map(\.placement.devices) == [[0, 2], [3, 4]])
    #expect(copies.map(\.placement.replicas) == [1, 1])
    #expect(copies.map { $0.launch?.environment["CUDA_VISIBLE_DEVICES"] } == ["0,1", "2,3"])
  }

  @Test func plannedCopiesOnProcessorsAreBoundInTurnWithTheirThreads() throws {
    var machine = Machine(name: "two sockets")
    machine.cpu.cores = Figure(64, .user, "test")
    machine.numaNodes = (0..<2).map { id in
      var node = NUMANode(id: id)
      node.cpus = Figure("\(id * 32)-\(id * 32 + 31)", .user, "test")
      return node
    }
    var option = PlanOption(
      quantization: "Q4_1", origin: .file, engine: .llamaCpp, verdict: .fits, reason: Reason("fits", "fits"),
      contextLength: 512, parallel: 1)
    option.placement.replicas = 4
    option.launch = LaunchConfiguration(
      program: "llama-server",
      flags: [LaunchFlag("-t", "12", reason: "planned"), LaunchFlag("-tb", "16", reason: "planned")])
    let copies = try ServerCopies(of: option, on: machine).placed(4).get().map(\.option)
    #expect(copies.map(\.placement.numaNode) == [0, 1, 0, 1])
    #expect(
      copies.map { $0.launch?.wrapper?.words.last } == ["--membind=0", "--membind=1", "--membind=0", "--membind=1"])
    #expect(copies.allSatisfy { $0.launch?.arguments.prefix(4) == ["-t", "12", "-tb", "16"] })
    // Each has its own weights on its node, and those that share a node have their own cores there.
    #expect(copies.allSatisfy { $0.launch?.arguments.dropFirst(4) == ["--numa", "numactl", "--no-mmap"] })
    #expect(copies[2].launch?.wrapper?.words[1] == "--physcpubind=16-31")
  }
}

@Suite struct PythonPackageTests {
  @Test func theVersionIsReadFromTheMetadataBesideTheProgram() throws {
    let home = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    let packages = "\(home)/venv/lib/python3.12/site-packages"
    for folder in ["\(home)/venv/bin", "\(packages)/vllm-0.11.2+cpu.dist-info", "\(packages)/vllm_extra-9.dist-info"] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    let program = "\(home)/venv/bin/vllm"
    try writeAtomically([], to: program, mode: 0o755)
    try FileManager.default.createSymbolicLink(atPath: "\(home)/vllm", withDestinationPath: program)
    #expect(PythonPackage("vllm").version(beside: program) == "0.11.2+cpu")
    #expect(PythonPackage("vllm").version(beside: "\(home)/vllm") == "0.11.2+cpu")
    #expect(PythonPackage("mlx_lm").version(beside: program) == nil)
    #expect(PythonPackage("vllm").version(beside: "\(home)/none") == nil)
    let hole = VLLM().operation.knownBadBuilds.contains { $0.concerns("0.11.2+cpu") }
    #expect(hole)
  }
}
