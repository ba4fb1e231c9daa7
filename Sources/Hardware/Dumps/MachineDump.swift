public import Platform
import Units

/// Dumps of another machine: files, folders and archives of one machine, read into the same record as a probe.
public struct MachineDump: Sendable {
  private let commands: any CommandRunner

  /// Creates a reader; the commands are used to unfold what xz, bzip2 and zstd packed.
  public init(commands: any CommandRunner = SystemCommandRunner()) {
    self.commands = commands
  }

  /// Every kind of text that is told from its content.
  static let readers: [any (DumpReader & Sendable).Type] = [
    HwlocDump.self, NvidiaSMIXMLDump.self, NCCLDump.self, NvidiaSMIDump.self, TopologyMatrixDump.self, RocmSMIDump.self,
    AmdSMIDump.self, RocminfoDump.self, HlSMIDump.self, XpuSMIDump.self, DetectorDump.self, LscpuDump.self,
    CPUInfoDump.self,
    MeminfoDump.self, NumactlDump.self, DmidecodeDump.self, LspciDump.self, SysctlDump.self, SystemProfilerDump.self,
    FreeDump.self, DeviceInfoDump.self, CPUIDTextDump.self, LstopoTextDump.self, TegrastatsDump.self,
    RocmTableDump.self, AmdSMITableDump.self, DeviceListDump.self, EnvironmentDump.self, LscpuTableDump.self,
  ]

  /// What one input told: the findings, the kinds that it was told to be, and what was left out of it.
  private struct Reading {
    /// What each text and each tree told, apart, to find those of another machine.
    var parts: [(name: String, findings: [Findings])] = []
    var kinds: [String] = []
    var warnings: [String] = []
    /// Files of a folder that must be unfolded first.
    var archives: [String] = []
    /// The first file of a kind that is known and could not be read.
    var refusal: DumpError?

    var findings: [Findings] { parts.flatMap(\.findings) }

    mutating func add(_ other: Reading) {
      parts += other.parts
      kinds += other.kinds
      warnings += other.warnings
      if refusal == nil { refusal = other.refusal }
    }

    /// Leaves out a file of a folder; what is of no kind at all is left out without a word.
    mutating func leaveOut(_ error: DumpError) {
      if case .unrecognized = error { return }
      refusal = refusal ?? error
      let remedy = error.reason.remedy.map { "; \($0)" } ?? ""
      warnings.append("left out: \(error.reason.message)\(remedy)")
    }
  }

  /// Reads all inputs, which must be of one machine, and merges them.
  ///
  /// - Parameter mustAgree: True to refuse inputs that contradict each other; else the machine's warnings say so.
  /// An input that is damaged or of no kind that is known is left out with a warning where others can be read.
  ///
  /// - Throws: `DumpError` for an input that is missing, or for the first one where none can be read.
  public func read(_ paths: [String], mustAgree: Bool = false) async throws(DumpError) -> Machine {
    var readings: [(name: String, reading: Reading)] = []
    var refusal: DumpError?
    var left: [String] = []
    for path in paths {
      do {
        readings.append((Self.lastComponent(path), try await read(path)))
      } catch .missing(let path) {
        throw .missing(path: path)
      } catch {
        refusal = refusal ?? error
        let remedy = error.reason.remedy.map { "; \($0)" } ?? ""
        left.append("left out: \(error.reason.message)\(remedy)")
      }
    }
    if readings.isEmpty, let refusal { throw refusal }
    if mustAgree, let cause = Self.contradictions(readings).first { throw .differentMachines(cause: cause) }
    var machine = Self.machine(readings)
    machine.warnings += left
    return machine
  }

  /// Reads one input that is in memory: a text, a tar or a zip archive. What another program packed is not unfolded.
  ///
  /// - Throws: `DumpError` where it is damaged, too large or of no kind that is known.
  public func read(_ bytes: [UInt8], name: String) throws(DumpError) -> Machine {
    Self.machine([(name, try content(bytes, name))])
  }

  private static func machine(_ readings: [(name: String, reading: Reading)]) -> Machine {
    let inputs = readings.map { "\($0.name): \($0.reading.kinds.joined(separator: ", "))" }
    var machine = MachineMerger.merge(
      readings.flatMap(\.reading.findings), name: readings.first?.name ?? "dump", inputs: inputs)
    machine.warnings += readings.flatMap(\.reading.warnings)
    for (name, reading) in readings where reading.findings.allSatisfy(\.isEmpty) {
      machine.warnings.append("\(name) says nothing about its machine")
    }
    machine.warnings += contradictions(readings)
    return machine
  }

  private static func contradictions(_ readings: [(name: String, reading: Reading)]) -> [String] {
    let parts = readings.flatMap(\.reading.parts).prefix(maximumCompared)
    guard parts.count > 1 else { return [] }
    return Contradictions.between(parts.map { ($0.name, MachineMerger.merge($0.findings, name: $0.name)) })
  }

  private static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map { String($0) } ?? path
  }

  private func read(_ path: String) async throws(DumpError) -> Reading {
    var isFolder: Bool = false
    guard Self.exists(path, isFolder: &isFolder) else { throw .missing(path: path) }
    guard isFolder else { return try await readFile(path) }
    var reading = readTree(DiskTree(root: path, followsLinks: false), path)
    // Such dumps often come as a folder of archives.
    for file in reading.archives.prefix(Self.maximumArchives) {
      do { reading.add(try await readFile(path + file)) } catch { reading.leaveOut(error) }
    }
    return try Self.checked(reading, path)
  }

  /// The most archives of a folder that are unfolded.
  private static let maximumArchives = 16
  /// The most inputs, and files of folders, that are held against each other.
  private static let maximumCompared = 32

  private func readFile(_ path: String) async throws(DumpError) -> Reading {
    guard let bytes = DiskTree().read(Self.absolute(path), limit: Decompressor.limit + 1) else {
      throw .unreadable(path: path, cause: "it cannot be opened")
    }
    guard bytes.count <= Decompressor.limit else { throw .tooLarge(path: path, limit: .init(Decompressor.limit)) }
    return try content(
      await Decompressor(commands: commands).content(bytes, path: Self.absolute(path)) ?? bytes, path)
  }

  private static func isZip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) }

  private static func isArchive(_ bytes: [UInt8]) -> Bool {
    isZip(bytes) || TarReader.isTar(bytes) || Decompressor.isCompressed(bytes)
  }

  private func content(_ bytes: [UInt8], _ path: String) throws(DumpError) -> Reading {
    if Self.isZip(bytes) {
      let tree: ArchiveTree
      do { tree = try ZipReader.tree(bytes, limit: Decompressor.limit) } catch {
        throw DumpError(error, of: path, "zip archive")
      }
      return try Self.checked(readTree(tree, path), path)
    }
    if TarReader.isTar(bytes) { return try Self.checked(readTree(TarReader.tree(bytes), path), path) }
    return try readText(bytes, path)
  }

  private func readText(_ bytes: [UInt8], _ path: String) throws(DumpError) -> Reading {
    guard bytes.count <= DumpText.limit else { throw .tooLarge(path: path, limit: .init(DumpText.limit)) }
    let dump = try DumpText(path: path, bytes: bytes)
    var reading = Reading()
    var findings: [Findings] = []
    for reader in Self.readers {
      // Of a known kind is enough: a list of PCI devices without an accelerator tells that too.
      guard let found = try reader.read(dump) else { continue }
      findings.append(found)
      reading.kinds.append(reader.kind)
    }
    if reading.kinds.isEmpty { try refuse(dump) }
    reading.parts.append((Self.lastComponent(path), findings))
    return try Self.checked(reading, path)
  }

  /// Says what stands in a text instead of a machine, where that can be told.
  private func refuse(_ dump: DumpText) throws(DumpError) {
    let lines = dump.lines.prefix(20).map { MachineText.trimmed($0) }.filter { !$0.isEmpty }
    guard !lines.isEmpty else { throw .unsupported(path: dump.path, what: "it is empty", remedy: Self.own) }
    let marks = ["command not found", ": not found", "No such file or directory", "Permission denied"]
    if let line = lines.first(where: { line in marks.contains { line.contains($0) } }) {
      throw .unsupported(
        path: dump.path, what: "it holds an error, not a machine (\(line.prefix(80)))", remedy: Self.own)
    }
  }

  private static let own = "on that machine, plimsoll probe --json needs no other tool"

  /// Returns the reading unless nothing was told in it.
  private static func checked(_ reading: Reading, _ path: String) throws(DumpError) -> Reading {
    if reading.kinds.isEmpty { throw reading.refusal ?? .unrecognized(path: path) }
    return reading
  }

  /// Reads what is at the roots of a tree, and every text beside them that is of a known kind.
  private func readTree(_ tree: any FileTree, _ path: String) -> Reading {
    var reading = Reading()
    let roots = DumpRoots.find(in: tree)
    for root in roots {
      reading.parts.append((Self.lastComponent(path) + root.path, root.findings(tree)))
      reading.kinds.append(root.kind.rawValue)
    }
    for file in DumpRoots.files(in: tree, outside: roots) {
      guard let bytes = tree.read(file, limit: DumpText.limit) else { continue }
      guard !Self.isArchive(bytes) else {
        reading.archives.append(file)
        continue
      }
      do { reading.add(try readText(bytes, path + file)) } catch { reading.leaveOut(error) }
    }
    return reading
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }

  private static func exists(_ path: String, isFolder: inout Bool) -> Bool {
    FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
  }
}
