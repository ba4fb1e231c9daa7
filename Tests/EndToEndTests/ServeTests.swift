import Foundation
import Platform
import Testing

@Suite(.serialized, .enabled(if: Program.isBuilt, "the program is not built"))
struct ServeTests {
  @Test func itServesUntilItIsInterruptedAndLeavesThePort() throws {
    let program = try Program()
    defer { program.remove() }
    let running = try program.start(["serve", "--api-only", "--no-browser"])
    #expect(running.says("Ctrl-C ends it"))
    let said = try String(contentsOfFile: running.outputPath, encoding: .utf8)
    let port = try #require(said.firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\/api\/v1/)?.1)
    #expect(said.contains("Authorization: Bearer "))
    // A second one at the same port is refused, and does not touch the first.
    let second = try program.run(["serve", "--no-browser", "--port", String(port)])
    #expect(second.exitCode == 1)
    #expect(second.errors.contains("[address-in-use]"))
    kill(running.process.processIdentifier, SIGINT)
    #expect(running.finish().exitCode == 0)
    let third = try program.start(["serve", "--api-only", "--no-browser", "--port", String(port)])
    #expect(third.says("Ctrl-C ends it"))
    // As where its terminal is closed.
    kill(third.process.processIdentifier, SIGHUP)
    #expect(third.finish().exitCode == 0)
  }

  @Test func itIsReachedFromElsewhereOnlyWithAKey() throws {
    let program = try Program()
    defer { program.remove() }
    let refused = try program.start(["serve", "--host", "0.0.0.0", "--no-browser"])
    #expect(refused.says("needs a key", within: 20))
    // One that listens after all is ended here.
    if refused.process.isRunning { kill(refused.process.processIdentifier, SIGINT) }
    #expect(refused.finish().exitCode == 2)
    let key = "\(program.home)/key"
    try "secret\n".write(toFile: key, atomically: true, encoding: .utf8)
    chmod(key, 0o644)
    let readable = try program.run(["serve", "--host", "0.0.0.0", "--api-key-file", key])
    #expect(readable.errors.contains("[key-file-readable]"))
    chmod(key, 0o600)
    let running = try program.start(["serve", "--host", "0.0.0.0", "--no-browser", "--api-key-file", key])
    #expect(running.says("Ctrl-C ends it"))
    #expect(running.errors.contains("Not encrypted"))
    kill(running.process.processIdentifier, SIGINT)
    let ended = running.finish()
    #expect(ended.exitCode == 0 && !ended.output.contains("secret"))
  }
}
