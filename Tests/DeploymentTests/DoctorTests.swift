import Engines
import Foundation
import Hardware
import Platform
import Testing
import Units

@testable import Deployment

@Suite struct DoctorTests {
  private func vllm(_ version: String) -> EngineInstallation {
    EngineInstallation(
      engine: .vllm, program: "/x", origin: .path, version: version, environment: [:], problem: nil, warnings: [])
  }

  @Test(arguments: [
    ("470.82.01", nil as String?, Finding.State.broken), ("550.54.15", nil, .good), ("550.54.15", "0.32.0", .doubtful),
    ("550.54.15", "0.14.0", .good), ("580.65.06", "0.32.0", .good), ("?", nil, .doubtful),
  ])
  func theDriverIsHeldAgainstTheEngines(driver: String, version: String?, state: Finding.State) throws {
    let check = try #require(Maker.nvidia.facts.driver)
    #expect(Doctor.judged(check, driver: driver, version.map { [vllm($0)] } ?? []).state == state)
  }

  @Test func limitsCountWhereSeveralAcceleratorsWorkTogether() {
    let tight = ProcessLimits(
      files: 256, processes: 100, lockedMemory: .mebibytes(8), sharedMemory: .mebibytes(64))
    #expect(tight.findings(accelerators: 4).allSatisfy { $0.state == .doubtful && $0.remedy != nil })
    #expect(
      tight.findings(accelerators: 1).filter { $0.state == .doubtful }.map(\.check) == ["open files", "processes"])
    #expect(ProcessLimits().findings(accelerators: 8).allSatisfy { $0.state == .good })
    #expect(!ProcessLimits.current.findings(accelerators: 0).isEmpty)
  }

  /// A server that dies of it says something else, or nothing.
  @Test func tooFewOpenFilesAreBlamedBeforeAServerStarts() {
    #expect(ProcessLimits.refusal(ofOpenFiles: 32)?.code == .openFilesLimit)
    #expect(ProcessLimits.refusal(ofOpenFiles: 32)?.message.contains("32") == true)
    #expect(ProcessLimits.refusal(ofOpenFiles: 1024) == nil && ProcessLimits.refusal(ofOpenFiles: nil) == nil)
  }

  @Test func missingFilesOfTheCacheAreFound() async throws {
    let home = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    let cache = "\(home)/hub"
    let snapshot = "\(cache)/models--o--n/snapshots/0a"
    try DataFolders.make(snapshot)
    try DataFolders.make("\(cache)/models--o--n/blobs")
    try FileManager.default.createSymbolicLink(atPath: "\(snapshot)/x.gguf", withDestinationPath: "../../blobs/gone")
    let deployer = Deployer(
      folders: DataFolders(environment: ["PLIMSOLL_HOME": home]), environment: [:], transport: Silent(),
      commands: RecordedCommands([
        "kubectl version --client": CommandResult(exitCode: 0, output: "Client Version: v1.37.0\n"),
        "kubectl config current-context": CommandResult(exitCode: 0, output: "minikube\n"),
      ]))
    let findings = await Doctor(deployer: deployer, hubCache: cache).examine(.init(name: "test"))
    func found(_ check: String) -> Finding? { findings.first { $0.check == check } }
    #expect(found("models' files")?.state == .doubtful && found("models' files")?.found.contains("x.gguf") == true)
    #expect(found("kubectl")?.found == "Client Version: v1.37.0; cluster minikube")
    #expect(found("disk of models") != nil && found("accelerators")?.state == .absent)
  }
}

private struct Silent: HTTPTransport {
  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse { HTTPResponse(status: 503) }
}
