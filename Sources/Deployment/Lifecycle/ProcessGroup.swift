import Engines
import Platform
import Units

/// All processes of one server: the leader, whose number the group has, and what it started.
struct ProcessGroup: Hashable, Sendable {
  let leader: ProcessIdentity

  /// The members that run, zombies not counted. The leader alone where the system has no `/proc`.
  func members() -> [Int32] {
    let tree = DiskTree()
    let numbers = tree.list("/proc").compactMap { Int32($0) }
    guard !numbers.isEmpty else { return leader.isRunning ? [leader.pid] : [] }
    return numbers.filter { Self.session(of: $0, in: tree) == leader.pid && ProcessStatus(pid: $0)?.isAlive == true }
  }

  /// The session is told apart from the group: workers that open a group of their own still belong to the server.
  private static func session(of pid: Int32, in tree: DiskTree) -> Int32? {
    guard let text = tree.text("/proc/\(pid)/stat", limit: 4096), let close = text.lastIndex(of: ")") else {
      return nil
    }
    let fields = text[text.index(after: close)...].split(separator: " ")
    return fields.count > 3 ? Int32(fields[3]) : nil
  }

  /// True while any member runs. A number used again by a stranger does not count.
  var isRunning: Bool {
    if leader.isRunning { return true }
    if let other = ProcessIdentity(running: leader.pid), other.startTicks != leader.startTicks { return false }
    return !members().isEmpty
  }

  /// Resident memory of all members; pages that they share are counted for each.
  func residentBytes() -> ByteCount {
    members().reduce(.zero) { $0 + ByteCount(ProcessStatus(pid: $1)?.residentBytes ?? 0) }
  }

  func send(_ signal: StopStep.Signal) {
    guard isRunning else { return }
    let number: Int32 =
      switch signal {
      case .interrupt: SIGINT
      case .terminate: SIGTERM
      case .kill: SIGKILL
      }
    kill(-leader.pid, number)
    // Members outside the group are reached one by one, and only with the last word.
    if signal == .kill { for pid in members() { kill(pid, number) } }
  }

  /// Ends the server step by step; returns true once nothing of it runs.
  func stop(_ steps: [StopStep]) async -> Bool {
    let clock = ContinuousClock()
    for step in steps {
      guard isRunning else { break }
      send(step.signal)
      let deadline = clock.now.advanced(by: step.patience)
      while clock.now < deadline {
        _ = reap(leader.pid)
        if !isRunning { return true }
        // Not ended by cancellation: a server must not be left behind because the user was in a hurry.
        await Task.detached { try? await Task.sleep(for: .milliseconds(25)) }.value
      }
    }
    _ = reap(leader.pid)
    return !isRunning
  }

  /// Finds a server whose number was never recorded, by the variable that its environment carries.
  static func leader(named name: String, in folders: DataFolders) -> ProcessIdentity? {
    let tree = DiskTree()
    let mark = Array("\(DeploymentMark.variable)=\(DeploymentMark.value(name, in: folders))".utf8)
    for pid in tree.list("/proc").compactMap({ Int32($0) }) where session(of: pid, in: tree) == pid {
      guard let environment = tree.read("/proc/\(pid)/environ", limit: 1 << 18) else { continue }
      if environment.split(separator: 0).contains(where: { Array($0) == mark }) {
        return ProcessIdentity(running: pid)
      }
    }
    return nil
  }
}

/// The variable that each server carries, by which it is found again.
enum DeploymentMark {
  static let variable = "PLIMSOLL_DEPLOYMENT"

  /// The name with the folder of its record: two data folders on one machine may hold the same name.
  static func value(_ name: String, in folders: DataFolders) -> String { "\(folders.deployments)/\(name)" }
}
