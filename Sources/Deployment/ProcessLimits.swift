import Platform
import Units

/// What the system allows a server of this user; nil is unlimited.
struct ProcessLimits: Hashable, Sendable {
  var files: Int?
  var processes: Int?
  var lockedMemory: ByteCount?
  /// The size of shared memory; nil where there is no such file system.
  var sharedMemory: ByteCount?

  static var current: ProcessLimits {
    var status = statvfs()
    let hasShared = statvfs("/dev/shm", &status) == 0
    return ProcessLimits(
      files: ResourceLimit.openFiles.most, processes: ResourceLimit.processes.most,
      lockedMemory: ResourceLimit.lockedMemory.most.map { ByteCount($0) },
      sharedMemory: hasShared ? ByteCount(Int(status.f_blocks) * Int(status.f_frsize)) : nil)
  }

  /// Sockets, model parts and libraries of the smallest server; what starts with fewer fails at some request or other.
  private static let fewestFiles = 256

  /// Gives this process, and the servers that it starts, as many open files as it may have.
  ///
  /// - Returns: Why no server is started where those are too few.
  static func raisingOpenFiles() -> Reason? {
    ResourceLimit.openFiles.raise()
    return refusal(ofOpenFiles: ResourceLimit.openFiles.most)
  }

  static func refusal(ofOpenFiles most: Int?) -> Reason? {
    guard let most, most < fewestFiles else { return nil }
    return Reason(
      .openFilesLimit, "a server needs more open files than the \(most) allowed here", remedy: "ulimit -n 65536")
  }

  func findings(accelerators: Int) -> [Finding] {
    [openFiles, started, locked(accelerators)] + (sharedMemory.map { [shared($0, accelerators)] } ?? [])
  }

  private var openFiles: Finding {
    let found = files.map { "\($0)" } ?? "unlimited"
    return files ?? .max < 1024
      ? Finding("open files", .doubtful, found, remedy: "raise it: ulimit -n 65536")
      : Finding("open files", .good, found)
  }

  /// vLLM starts hundreds of threads, and each counts.
  private var started: Finding {
    let found = processes.map { "\($0)" } ?? "unlimited"
    return processes ?? .max < 4096
      ? Finding("processes", .doubtful, found, remedy: "raise it: ulimit -u 32768") : Finding("processes", .good, found)
  }

  /// Drivers of fast networks between GPUs lock their buffers.
  private func locked(_ accelerators: Int) -> Finding {
    let found = lockedMemory.map { "\($0)" } ?? "unlimited"
    guard accelerators > 1, let lockedMemory, lockedMemory < .gibibytes(1) else {
      return Finding("locked memory", .good, found)
    }
    return Finding(
      "locked memory", .doubtful, "\(found): GPUs of several machines may not reach each other",
      remedy: "raise it: ulimit -l unlimited, LimitMEMLOCK=infinity, --ulimit memlock=-1")
  }

  /// Workers of tensor parallelism pass everything through it.
  private func shared(_ bytes: ByteCount, _ accelerators: Int) -> Finding {
    guard accelerators > 1, bytes < .gibibytes(4) else { return Finding("shared memory", .good, "\(bytes)") }
    return Finding(
      "shared memory", .doubtful, "\(bytes) for \(accelerators) accelerators",
      remedy: "mount a larger /dev/shm: 16 GiB are usual for tensor parallelism")
  }
}
