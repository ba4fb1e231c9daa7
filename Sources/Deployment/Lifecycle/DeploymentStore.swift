public import Platform

/// The records of deployments, one file each, readable by this user alone.
public struct DeploymentStore: Sendable {
  private let folder: String

  public init(folders: DataFolders) { folder = folders.deployments }

  /// Returns all records by name; a file that is not a record is passed over.
  public func all() -> [Deployment] {
    DiskTree().list(folder).filter { $0.hasSuffix(".json") }.compactMap { read(String($0.dropLast(5))) }
  }

  public func read(_ name: String) -> Deployment? {
    guard Self.isName(name), let bytes = DiskTree().read(path(name), limit: 4 << 20) else { return nil }
    return try? JSONDecoder().decode(Deployment.self, from: Data(bytes))
  }

  /// True where the name is taken, by a record or by a claim that never became one.
  func exists(_ name: String) -> Bool { Self.isName(name) && access(path(name), F_OK) == 0 }

  /// Reserves a name, so that two commands at once never share one.
  ///
  /// - Throws: `DeploymentError.nameTaken`, or `.unwritable`.
  func claim(_ name: String) throws(DeploymentError) {
    do { try DataFolders.make(folder) } catch { throw .unwritable(cause: "\(error)") }
    sweep()
    let descriptor = open(path(name), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST { throw .nameTaken(name: name) }
      throw .unwritable(cause: "cannot write \(path(name)): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
  }

  /// Runs something while no other command chooses a port: from the choice until it is on record.
  func withPorts<Answer>(_ body: () throws(DeploymentError) -> Answer) throws(DeploymentError) -> Answer {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
      throw .unwritable(cause: "cannot lock \(folder): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    return try body()
  }

  func write(_ deployment: Deployment) throws(DeploymentError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(deployment) else { throw .unwritable(cause: "the record cannot be written") }
    do {
      try writeAtomically(Array(bytes), to: path(deployment.name), mode: 0o600)
    } catch {
      throw .unwritable(cause: "\(error)")
    }
  }

  /// Removes a record and the key that belongs to it.
  func remove(_ name: String) {
    unlink(path(name))
    unlink(keyPath(name))
    sweep()
  }

  /// Removes half-written records and keys of commands that were killed.
  public func sweep() { removeAbandonedTemporaries(in: folder) }

  /// Where the deployment's API key is, if it has one.
  public func keyPath(_ name: String) -> String { "\(folder)/\(name).key" }

  /// Returns a name made of the text that no record has: `smollm2-135m-q4_1`, else with a number.
  ///
  /// - Parameter copies: servers that are called by the name with their number behind it; none of those is taken either.
  func freeName(for text: String, copies: Int = 1) -> String {
    let stem = Self.plainName(text)
    let taken = Set(DiskTree().list(folder))
    func isFree(_ name: String) -> Bool {
      !taken.contains("\(name).json")
        && (copies == 1 || (0..<copies).allSatisfy { !taken.contains("\(name)-\($0).json") })
    }
    if isFree(stem) { return stem }
    return (2...).lazy.map { "\(stem)-\($0)" }.first { isFree($0) } ?? stem
  }

  /// Returns the text with everything replaced that a name may not hold.
  static func plainName(_ text: String) -> String {
    let plain = text.lowercased().map {
      $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || $0 == "." ? $0 : "-"
    }
    let base = String(String(plain).drop { !$0.isLetter && !$0.isNumber }.prefix(48))
    return base.isEmpty ? "model" : base
  }

  /// True where the text can be a file's name, a unit's and a container's, and nothing else: no folder, no word of a
  /// shell, no specifier of systemd.
  public static func isName(_ text: String) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter || first.isNumber, text.utf8.count <= 64 else {
      return false
    }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
  }

  private func path(_ name: String) -> String { "\(folder)/\(name).json" }
}
