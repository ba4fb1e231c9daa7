import Engines
import Fixtures
import Foundation
import Planning
import Platform
import Testing
import Units

@testable import Deployment

/// What `ps` says of a server: memory by place, states and their reasons.
@Suite struct UsageTests {
  private func deployment(_ name: String = "x", model: String = "/m/x.gguf") -> Deployment {
    Deployment(
      name: name, engine: .llamaCpp, engineBuild: nil, modelPath: model, address: ServerAddress(port: 1),
      command: ["x"],
      environment: [:], startedAt: 0, log: "/nonexistent")
  }

  /// Two GPUs of one server, another program, and a process inside of a container.
  @Test func acceleratorMemoryIsSummedOverAServersProcesses() {
    let use = AcceleratorUse(listing: "100, 14000\n101, 2000\n100, 1000\n200, 512\n300, [N/A]\n")
    #expect(use.bytes(of: [100, 101]) == .mebibytes(17_000))
    #expect(use.bytes(of: [300]) == nil && use.bytes(of: [1]) == nil)
  }

  @Test func plannedMemoryIsPartedAsTheUsedIs() {
    func memory(_ name: String, _ gibibytes: Int) -> DeviceMemory {
      func figure(_ bytes: ByteCount) -> Figure<ByteCount> { Figure(bytes, .computed, "test") }
      return DeviceMemory(
        name: name, usableBytes: nil,
        components: MemoryComponents(
          weights: figure(.gibibytes(gibibytes)), kvCache: figure(.zero), recurrentState: figure(.zero),
          compute: figure(.zero), output: figure(.zero), overhead: figure(.zero)))
    }
    var option = PlanOption(
      quantization: "Q4_1", origin: .file, engine: .llamaCpp, verdict: .fits, reason: Reason("fits", "fits"),
      contextLength: 512, parallel: 1)
    option.memory = MemoryEstimate(MemoryFootprint(devices: [memory("cpu", 1), memory("gpu0", 8), memory("gpu1", 9)]))
    var made = deployment()
    #expect(made.plannedHostBytes == nil && made.plannedAcceleratorBytes == nil)
    made.option = option
    #expect(made.plannedHostBytes == .gibibytes(1) && made.plannedAcceleratorBytes == .gibibytes(17))
  }

  /// A server whose parent is gone leaves no exit code, and the kernel's counter tells.
  @Test func aKillForWantOfMemoryIsToldByTheKernelsCount() throws {
    #expect(MemoryKills.count(tree: MemoryTree(files: ["/proc/vmstat": "pgfault 7\noom_kill 3\n"])) == 3)
    #expect(MemoryKills.count(tree: MemoryTree(files: [:])) == nil)
    let now = try #require(MemoryKills.count())
    var made = deployment()
    #expect(made.suspectedExit == nil)
    made.memoryKills = now
    #expect(made.suspectedExit == nil)
    made.memoryKills = now - 1
    #expect(made.suspectedExit == 137)
  }

  /// One that a command was ending when that command died, and one that is over, are not called crashed.
  @Test(arguments: [DeploymentState.stopping, .failed, .mustFetchAgain]) func whatIsEndingKeepsItsState(
    _ state: DeploymentState
  ) throws {
    let home = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    let folders = DataFolders(environment: ["PLIMSOLL_HOME": home])
    let deployer = Deployer(folders: folders, environment: [:], transport: CurlNowhere())
    try DataFolders.make(folders.deployments)
    var made = deployment()
    made.process = ProcessIdentity(pid: 1 << 22, startTicks: 1)
    made.state = state
    try deployer.store.write(made)
    #expect(try deployer.deployment("x").state == state)
  }

  @Test func aFileThatChangedMustBeFetchedAgain() throws {
    let home = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    let folders = DataFolders(environment: ["PLIMSOLL_HOME": home])
    let deployer = Deployer(folders: folders, environment: [:], transport: CurlNowhere())
    try DataFolders.make(folders.deployments)
    let model = "\(home)/x.gguf"
    try writeAtomically(Array("model".utf8), to: model)
    var made = deployment(model: model)
    made.process = ProcessIdentity(pid: 1 << 22, startTicks: 1)
    made.modelStamp = FileStamp(model)
    try deployer.store.write(made)
    let crashed = try deployer.deployment("x")
    #expect(crashed.state == .failed && crashed.failure?.code == "engine-crashed" && crashed.failedAt != nil)
    #expect(crashed.failure?.remedy != nil)
    try writeAtomically(Array("another".utf8), to: model)
    #expect(try deployer.deployment("x").state == .mustFetchAgain)
    #expect(try deployer.deployment("x").failure?.code == "model-changed")
    try FileManager.default.removeItem(atPath: model)
    #expect(try deployer.deployment("x").failure?.message.hasSuffix("is gone") == true)
  }
}

/// Nothing is asked in these tests.
private struct CurlNowhere: HTTPTransport {
  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse { HTTPResponse(status: 503) }
}
