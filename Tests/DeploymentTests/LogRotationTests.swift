import Foundation
import Platform
import Testing

@testable import Deployment

@Suite struct LogRotationTests {
  private let folder = NSTemporaryDirectory() + "plimsoll-logs-\(UUID().uuidString)"

  @Test func aLongLogIsCutWhileItsServerWrites() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/demo.log"
    let server = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(server) }
    func write(_ text: String) { _ = text.withCString { Foundation.write(server, $0, strlen($0)) } }
    write(String(repeating: "a line\n", count: 100))
    #expect(!LogRotation.cut(path, over: 1000))
    write(String(repeating: "b line\n", count: 100))
    #expect(LogRotation.cut(path, over: 1000))
    #expect(fileSize(path) == 0)
    #expect(fileSize(path + ".1") == 1000)
    #expect(try String(contentsOfFile: path + ".1", encoding: .utf8).hasSuffix("b line\n"))
    // The server goes on at the end of what is there now.
    write("c line\n")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "c line\n")
  }

  @Test func logsOfEarlierStartsAreRemoved() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let own = (10..<18).map { "demo-20261128T1500\($0).log" }
    let others = ["demo-2-20261128T150000.log", "demo-supervisor.log", "other-20261128T150000.log"]
    for name in own + others { try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
    LogRotation.prune(folder, of: "demo", keeping: 3)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(Set(left) == Set(own.suffix(3) + others))
  }

  @Test(arguments: [
    ("6,1,1500000,-;Out of memory: Killed process 42 (llama-server) total-vm:1kB", 1.5 as Double?),
    ("6,1,1500000,-;Killed process 421 (llama-server)", nil), ("nonsense", nil), ("6,1;Killed process 42 (x)", nil),
  ])
  func theKernelsLogTellsWhenItKilled(record: String, seconds: Double?) {
    #expect(KernelLog(records: { [record] }).secondsSinceBoot(ofKilling: 42) == seconds)
  }
}
