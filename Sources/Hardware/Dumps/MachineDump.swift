#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
public import Platform
import Units

/// Dumps of somebody else's machine: files, folders and archives of one machine, read into the same record as a probe.
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
    FreeDump.self, DeviceInfoDump.self, CPUIDTextDump.self,
  ]

  /// Reads all inputs, which must be of one machine, and merges them.
  ///
  /// - Throws: `DumpError` for the first input that is missing, damaged, or of no kind that is known.
  public func read(_ paths: [String]) async throws(DumpError) -> Machine {
    var findings: [Findings] = []
    var inputs: [String] = []
    for path in paths {
      let (found, kinds) = try await read(path)
      findings += found
      inputs.append("\(Self.lastComponent(path)): \(kinds.joined(separator: ", "))")
    }
    let name = paths.first.map(Self.lastComponent) ?? "dump"
    return MachineMerger.merge(findings, name: name, inputs: inputs)
  }

  /// Reads one input that is in memory: a text, a tar or a zip archive. What another program packed is not unfolded.
  ///
  /// - Throws: `DumpError` where it is damaged, too large or of no kind that is known.
  public func read(_ bytes: [UInt8], name: String) throws(DumpError) -> Machine {
    let (findings, kinds) = try content(bytes, name)
    return MachineMerger.merge(findings, name: name, inputs: ["\(name): \(kinds.joined(separator: ", "))"])
  }

  private static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map { String($0) } ?? path
  }

  private func read(_ path: String) async throws(DumpError) -> ([Findings], [String]) {
    var isFolder: Bool = false
    guard Self.exists(path, isFolder: &isFolder) else { throw .missing(path: path) }
    if isFolder { return try readTree(DiskTree(root: path, followsLinks: false), path) }
    guard let bytes = DiskTree().read(Self.absolute(path), limit: Decompressor.limit + 1) else {
      throw .unreadable(path: path, cause: "it cannot be opened")
    }
    guard bytes.count <= Decompressor.limit else { throw .tooLarge(path: path, limit: .init(Decompressor.limit)) }
    return try content(
      await Decompressor(commands: commands).content(bytes, path: Self.absolute(path)) ?? bytes, path)
  }

  private func content(_ bytes: [UInt8], _ path: String) throws(DumpError) -> ([Findings], [String]) {
    if bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) {
      guard let tree = ZipReader.tree(bytes, limit: Decompressor.limit) else {
        throw .unreadable(path: path, cause: "the zip archive is damaged or too large")
      }
      return try readTree(tree, path)
    }
    if TarReader.isTar(bytes) { return try readTree(TarReader.tree(bytes), path) }
    return try readText(bytes, path)
  }

  private func readText(_ bytes: [UInt8], _ path: String) throws(DumpError) -> ([Findings], [String]) {
    guard bytes.count <= DumpText.limit else { throw .tooLarge(path: path, limit: .init(DumpText.limit)) }
    let dump = try DumpText(path: path, bytes: bytes)
    var findings: [Findings] = []
    var kinds: [String] = []
    for reader in Self.readers {
      // Of a known kind is enough: a list of PCI devices without an accelerator tells that too.
      guard let found = try reader.read(dump) else { continue }
      findings.append(found)
      kinds.append(reader.kind)
    }
    guard !kinds.isEmpty else { throw .unrecognized(path: path) }
    return (findings, kinds)
  }

  private func readTree(_ tree: any FileTree, _ path: String) throws(DumpError) -> ([Findings], [String]) {
    var findings: [Findings] = []
    var kinds: [String] = []
    for root in DumpRoots.find(in: tree) {
      findings += root.findings(tree)
      kinds.append(root.kind.rawValue)
    }
    // A folder of texts: every file that is of a known kind.
    if kinds.isEmpty {
      for file in DumpRoots.files(in: tree) {
        guard let bytes = tree.read(file, limit: DumpText.limit), let (found, own) = try? readText(bytes, file) else {
          continue
        }
        findings += found
        kinds += own
      }
    }
    guard !kinds.isEmpty else { throw .unrecognized(path: path) }
    return (findings, kinds)
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }

  private static func exists(_ path: String, isFolder: inout Bool) -> Bool {
    FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
  }
}
