import Engines
import Platform

extension EngineInstaller {
  /// Makes an empty folder beside the final place, so that the rename stays within one file system.
  func stage(below folder: String, _ name: String) throws(InstallationError) -> String {
    let stage = "\(folder)/.\(name).\(getpid()).partial"
    for other in DiskTree().list(folder) where other.hasPrefix(".\(name).") && other.hasSuffix(".partial") {
      // Left by an installation that was killed; one that still runs is left alone.
      let pid = other.dropLast(8).split(separator: ".").last.flatMap { Int32($0) }
      if pid.flatMap({ ProcessIdentity(running: $0) }) == nil { remove("\(folder)/\(other)") }
    }
    remove(stage)
    do { try DataFolders.make(stage) } catch { throw .unwritable(cause: "\(error)") }
    return stage
  }

  /// Installs the packages of a requirements file, each by hash: wheels only and nothing beyond the file, so that no code of
  /// theirs runs and nothing comes that was not pinned.
  func pip(
    _ venv: String, requirements: String, _ name: String, target: String?
  ) async throws(InstallationError) {
    try await run(
      "\(venv)/bin/python",
      [
        "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
        "--require-hashes", "--no-compile",
      ] + (target.map { ["--target", $0] } ?? []) + ["-r", requirements],
      name)
  }

  /// Runs a step of the installation, and sorts its failure by what pip says.
  func run(_ program: String, _ arguments: [String], _ name: String, isVenv: Bool = false)
    async throws(InstallationError)
  {
    let answer = await commands.run(program, arguments, timeout: .seconds(3600))
    if Task.isCancelled { throw .interrupted }
    guard let result = answer else {
      throw .noPython(cause: "\(program) is not there")
    }
    guard result.exitCode != 0 else { return }
    let text = result.errorOutput + result.output
    let line =
      text.split(whereSeparator: \.isNewline).map { FailureSorting.cleaned($0) }
      .last { $0.contains("ERROR") || $0.contains("Error") } ?? "exit code \(result.exitCode)"
    if text.contains("DO NOT MATCH THE HASHES") || text.contains("--require-hashes") {
      let got = text.split(whereSeparator: \.isNewline).first { $0.contains("Got") }
      throw .hashMismatch(name: name, words: got.map { FailureSorting.cleaned($0) } ?? line)
    }
    if text.contains("No space left on device") { throw .diskFull }
    if isVenv || text.contains("No module named pip") || text.contains("No module named venv") {
      throw .noPython(cause: line)
    }
    if text.contains("No matching distribution") || text.contains("Could not find a version")
      || text.contains("Connection") || text.contains("Temporary failure in name resolution")
    {
      throw .notAvailable(name: name, words: line)
    }
    throw .failed(name: name, words: line)
  }

  func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// True where the path is a file that this user may run.
func isExecutable(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
}
