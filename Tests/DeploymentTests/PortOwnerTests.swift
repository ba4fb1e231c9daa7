import Engines
import Foundation
import Platform
import Testing
import Units

@testable import Deployment

/// Whose socket is listened on, on real processes and from recorded answers.
@Suite struct PortOwnerTests {
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/python3"), "no python3 to listen"),
    arguments: ["127.0.0.1", "127.0.0.2"].filter { ListenAddress($0).refusal == nil })
  func tellsAServersOwnSocketFromAStrangers(host: String) async throws {
    let log = NSTemporaryDirectory() + "/plimsoll-\(UUID().uuidString).log"
    defer { unlink(log) }
    let port = try #require(FreePort.find(host: host))
    let address = ServerAddress(host: host, port: port)
    let script = "import signal,socket; s=socket.create_server(('\(host)',\(port))); signal.pause()"
    // The second command listens nowhere.
    // They live until they are ended, however long a busy machine takes.
    let server = try startDetached("/usr/bin/python3", ["-c", script], environment: [:], log: log)
    let other = try startDetached("/bin/sleep", ["infinity"], environment: [:], log: log)
    func owner(_ leader: ProcessIdentity) async -> PortOwner {
      await PortOwner.of(address, ProcessGroup(leader: leader), commands: SystemCommandRunner())
    }
    while server.isRunning, await owner(server) == .nobody { try await Task.sleep(for: .milliseconds(20)) }
    #expect(await owner(server) == .own)
    guard case .stranger(let name) = await owner(other) else {
      Issue.record("taken for its own")
      return
    }
    #expect(name?.contains("python") == true)
    for leader in [server, other] {
      #expect(await ProcessGroup(leader: leader).stop([StopStep(.kill, patience: .seconds(5))]))
    }
    #expect(await owner(server) == .nobody)
  }

  /// The table of a machine with a server for all, one on loopback, one on another address, and a connection.
  @Test func readsTheKernelsTable() {
    let tree = MemoryTree(files: [
      "/proc/net/tcp": """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 0 100 0 0 10 0
         1: 0502A8C0:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 222 1 0 100 0 0 10 0
         2: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 333 1 0 100 0 0 10 0
         3: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 444 1 0 100 0 0 10 0
      """
    ])
    let sockets = ListeningSockets(tree: tree)
    #expect(sockets.inodes(at: ServerAddress(port: 8080)) == ["111"])
    #expect(sockets.inodes(at: ServerAddress(host: "192.168.2.5", port: 8080)) == ["111", "222"])
    #expect(sockets.inodes(at: ServerAddress(host: "0.0.0.0", port: 80)) == ["444"])
    #expect(sockets.inodes(at: ServerAddress(port: 81)) == [])
    // Each address of 127.0.0.0/8 is another one.
    #expect(sockets.inodes(at: ServerAddress(host: "127.0.0.2", port: 8080)) == [])
    let second = MemoryTree(files: ["/proc/net/tcp": "x\n 0: 0200007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 555 1\n"])
    #expect(ListeningSockets(tree: second).inodes(at: ServerAddress(host: "127.0.0.2", port: 8080)) == ["555"])
    #expect(ListeningSockets(tree: second).inodes(at: ServerAddress(port: 8080)) == [])
    #expect(ListeningSockets(tree: MemoryTree(files: [:])).inodes(at: ServerAddress(port: 80)) == nil)
  }

  @Test(arguments: [
    ("p70\ng70\ncpython3.1\n", 0, PortOwner.own), ("p9\ng9\ncnginx\n", 0, .stranger("nginx")), ("", 1, .nobody),
  ])
  func readsWhatLsofLists(_ output: String, _ exit: Int, _ owner: PortOwner) async {
    let commands = RecordedCommands([
      "/usr/sbin/lsof -nP -iTCP:8080 -sTCP:LISTEN -Fgc": CommandResult(exitCode: exit, output: output)
    ])
    let group = ProcessGroup(leader: ProcessIdentity(pid: 70, startTicks: 1))
    #expect(await PortOwner.listed(8080, group, commands) == owner)
  }
}
