import Foundation
import Hub
import Platform
import Testing

@Suite(.serialized, .enabled(if: Program.isBuilt, "the program is not built"))
struct ServeTests {
  @Test func itServesUntilItIsInterruptedAndLeavesThePort() throws {
    let program = try Program()
    let other = try Program()
    defer { for one in [program, other] { one.remove() } }
    let running = try program.start(["serve", "--api-only", "--no-browser"])
    #expect(running.says("Ctrl-C ends it"))
    let said = try String(contentsOfFile: running.outputPath, encoding: .utf8)
    let port = try #require(said.firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\/api\/v1/)?.1)
    #expect(said.contains("Authorization: Bearer "))
    // One of another home at the same port is refused, and does not touch the first.
    let second = try other.run(["serve", "--no-browser", "--port", String(port)])
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
    for more in [[], ["--detach"]] {
      let refused = try program.start(["serve", "--host", "0.0.0.0", "--no-browser"] + more)
      #expect(refused.says("needs a key", within: 20))
      // One that listens after all is ended here.
      if refused.process.isRunning { kill(refused.process.processIdentifier, SIGINT) }
      #expect(refused.finish().exitCode == 2)
    }
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

  // MARK: - Without a terminal

  /// The address that a command printed.
  private func link(_ outcome: Program.Outcome) throws -> String {
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return String(try #require(outcome.output.firstMatch(of: /http:\/\/\S+\/\?token=[0-9a-f]{64}/)?.0))
  }

  private func status(_ link: String) async throws -> Int {
    try await CurlTransport().send(HTTPRequest("GET", link)).status
  }

  private func record(_ program: Program) throws -> (pid: Int32, text: String) {
    let text = try String(contentsOfFile: "\(program.home)/data/serve.json", encoding: .utf8)
    return (Int32(try #require(text.firstMatch(of: /"pid":(\d+)/)?.1)) ?? 0, text)
  }

  @Test func detachedItOutlivesItsCommandUntilItIsStopped() async throws {
    let program = try Program()
    defer { program.remove() }
    let first = try program.run(["serve", "--detach", "--no-browser"])
    defer { _ = try? program.run(["serve", "--stop"]) }
    let begun = try link(first)
    #expect(first.errors.contains("It runs in the background") && first.errors.contains("plimsoll serve --stop"))
    let server = try record(program)
    // In a session of its own: no terminal's end reaches it.
    #expect(getsid(server.pid) == server.pid)
    #expect(try await status(begun) == 303)
    // It works once; each later command has a new one, from the same server.
    #expect(try await status(begun) == 401)
    let again = try link(try program.run(["serve", "--no-browser"]))
    let another = try link(try program.run(["serve", "--link"]))
    #expect(Set([begun, again, another]).count == 3)
    #expect(try await status(again) == 401)
    #expect(try await status(another) == 303)
    #expect(try record(program).pid == server.pid)
    let otherwise = try program.run(["serve", "--port", "9999"])
    #expect(otherwise.exitCode == 1 && otherwise.errors.contains("a server runs already"))
    let stopped = try program.run(["serve", "--stop"])
    #expect(stopped.exitCode == 0 && stopped.errors.contains("Stopped"))
    #expect(ProcessIdentity(running: server.pid) == nil)
    for word in ["--stop", "--link"] {
      let none = try program.run(["serve", word])
      #expect(none.exitCode == 1 && none.errors.contains("no server runs"))
    }
  }

  @Test func itsSecretsAreInNoCommandLineNorLogNorFileThatOthersRead() throws {
    let program = try Program()
    defer { program.remove() }
    let begun = try link(try program.run(["serve", "--detach", "--no-browser"]))
    defer { _ = try? program.run(["serve", "--stop"]) }
    let (pid, text) = try record(program)
    let key = String(try #require(text.firstMatch(of: /"key":"([0-9a-f]{64})"/)?.1))
    let token = String(try #require(begun.split(separator: "=").last))
    let words = DiskTree().read("/proc/\(pid)/cmdline", limit: 65_536).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let log = try String(contentsOfFile: "\(program.home)/data/logs/serve.log", encoding: .utf8)
    #expect(log.contains("serving at http://127.0.0.1:"))
    for secret in [key, token] { #expect(!words.contains(secret) && !log.contains(secret)) }
    for file in ["data/serve.json", "data/logs/serve.log"] {
      var found = stat()
      #expect(stat("\(program.home)/\(file)", &found) == 0 && found.st_mode & 0o077 == 0, "\(file)")
    }
    // A record that others could have written is nobody's.
    chmod("\(program.home)/data/serve.json", 0o644)
    #expect(try program.run(["serve", "--link"]).exitCode == 1)
    chmod("\(program.home)/data/serve.json", 0o600)
  }

  @Test func oneThatWasKilledIsInNobodysWay() throws {
    let program = try Program()
    defer { program.remove() }
    _ = try link(try program.run(["serve", "--detach", "--no-browser"]))
    let first = try record(program).pid
    kill(first, SIGKILL)
    while ProcessIdentity(running: first) != nil { usleep(10_000) }
    #expect(try program.run(["serve", "--link"]).exitCode == 1)
    _ = try link(try program.run(["serve", "--detach", "--no-browser"]))
    #expect(try record(program).pid != first)
    #expect(try program.run(["serve", "--stop"]).exitCode == 0)
  }

  @Test func oneThatCannotStartSaysWhy() throws {
    let program = try Program()
    let other = try Program()
    defer { for one in [program, other] { one.remove() } }
    let running = try other.start(["serve", "--api-only", "--no-browser"])
    #expect(running.says("Ctrl-C ends it"))
    let port = try #require(running.output.firstMatch(of: /127\.0\.0\.1:(\d+)/)?.1)
    let failed = try program.run(["serve", "--detach", "--no-browser", "--port", String(port)])
    #expect(failed.exitCode == 1)
    #expect(failed.errors.contains("did not start: cannot listen at 127.0.0.1, port \(port)"), "\(failed.errors)")
    // One in a terminal ends with it: a second that should stay is refused, and it is stopped from elsewhere.
    #expect(try other.run(["serve", "--detach"]).errors.contains("a server runs already"))
    #expect(try other.run(["serve", "--stop"]).exitCode == 0)
    #expect(running.finish().exitCode == 0)
  }
}
