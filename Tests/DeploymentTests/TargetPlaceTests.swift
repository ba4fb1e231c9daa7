import Engines
import Foundation
import Testing
import Units

@testable import Deployment

/// How a target's file gets in its place, who reads the model there, and whether it is started again.
@Suite struct TargetPlaceTests {
  private var request: TargetRequest {
    let asked = LaunchRequest(modelPath: "/models/m.gguf", contextLength: 512, parallel: 1)
    return TargetRequest(
      name: "demo", engine: .llamaCpp, launch: LlamaCpp().launch(asked), modelPath: "/models/m.gguf",
      modelBytes: .gibibytes(1))
  }

  /// Each is a command of a shell, makes its folder, and can be taken back.
  @Test(arguments: [
    (TargetKind.quadlet, ".config/containers/systemd/demo.container"),
    (.systemd, ".config/systemd/user/plimsoll-demo.service"),
    (.launchd, "Library/LaunchAgents/org.plimsoll.demo.plist"),
  ])
  func aFreshAccountGetsItsFolder(kind: TargetKind, place: String) throws {
    let file = try #require(try kind.files(request).first)
    #expect(file.place == place)
    let home = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    try file.text.write(toFile: "\(home)/\(file.name)", atomically: true, encoding: .utf8)
    func shell(_ command: String) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      // Services are the machine's own: what manages them always succeeds here.
      let stubs = "systemctl() { :; }; launchctl() { :; }; cd; "
      process.arguments = ["-c", stubs + command]
      process.environment = ["HOME": home, "PATH": "/usr/bin:/bin"]
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try shell(file.usage) == 0)
    #expect(FileManager.default.fileExists(atPath: "\(home)/\(place)"))
    #expect(try shell(try #require(file.undo)) == 0)
    #expect(!FileManager.default.fileExists(atPath: "\(home)/\(place)"))
  }

  @Test func neverIsNeverForEachServiceManager() throws {
    var asked = request
    let again = [
      (TargetKind.docker, "--restart=on-failure"), (.podman, "--restart=on-failure"), (.compose, "on-failure:5"),
      (.quadlet, "Restart=on-failure"), (.systemd, "Restart=on-failure"), (.launchd, "KeepAlive"),
    ]
    for (kind, words) in again { #expect(try kind.files(asked)[0].text.contains(words)) }
    asked.restart = .never
    for (kind, words) in again { #expect(try !kind.files(asked)[0].text.contains(words)) }
  }

  /// Without its capabilities root in a container may read only what is everybody's.
  @Test func theModelIsReadByItsOwner() throws {
    var asked = request
    asked.user = "1000:1001"
    #expect(try TargetKind.docker.files(asked)[0].text.contains("--user=1000:1001"))
    #expect(try TargetKind.podman.files(asked)[0].text.contains("--userns=keep-id"))
    #expect(try TargetKind.compose.files(asked)[0].text.contains("user: \"1000:1001\""))
    #expect(try TargetKind.quadlet.files(asked)[0].text.contains("UserNS=keep-id"))
  }

  /// In a volume claim everything lies in one folder: what has one name on this machine has another there.
  @Test func twoAdaptersOfOneNameStayTwo() throws {
    var asked = LaunchRequest(modelPath: "/models/m.gguf", contextLength: 512, parallel: 1)
    asked.settings.loraPaths = [
      "/first/a.gguf", "/second/a.gguf", "/third/second/a.gguf", "/models/b.gguf", "/x/b.gguf",
    ]
    var request = request
    request.launch = LlamaCpp().launch(asked)
    let names = ["a.gguf", "second-a.gguf", "third-second-a.gguf", "b.gguf", "x-b.gguf"]
    for kind in [TargetKind.kubernetes, .kserve] {
      let text = try kind.files(request)[0].text
      for name in names { #expect(text.contains("- /model/\(name)\n"), "\(kind): \(name)") }
      #expect(text.contains("# /first/a.gguf as a.gguf,"))
      #expect(text.contains("# /third/second/a.gguf as third-second-a.gguf,"))
      #expect(!text.contains("# /models/b.gguf"))
    }
  }

  /// Knative's webhook refuses claims as volumes, security contexts and node selectors of a pod.
  @Test func kServeMakesAPlainDeployment() throws {
    let text = try TargetKind.kserve.files(request)[0].text
    #expect(text.contains("serving.kserve.io/deploymentMode: RawDeployment"))
    #expect(text.contains("minReplicas: 1"))
  }
}
