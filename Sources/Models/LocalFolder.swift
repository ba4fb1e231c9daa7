import Platform
import Units

/// What stands beside a model file on disk.
enum LocalFolder {
  enum Kind: Sendable { case file, folder }

  static func kind(of path: String) -> Kind? {
    var isFolder: Bool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    return isFolder ? .folder : .file
  }

  /// Returns a path without slashes at its end, and the folder that `.` stands for by its name.
  static func plain(_ path: String) -> String {
    var plain = path[...]
    while plain.count > 1, plain.hasSuffix("/") { plain = plain.dropLast() }
    guard plain == "." || plain == ".." || plain.hasSuffix("/.") || plain.hasSuffix("/..") else { return String(plain) }
    return URL(fileURLWithPath: String(plain)).standardizedFileURL.path
  }

  /// Returns the names in a folder, sorted.
  static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func lastPart(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// Returns a file with its size, following links as the hub's cache needs it.
  static func file(_ path: String) -> ModelFile? {
    let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: place) else { return nil }
    let size = (attributes[.size] as? Int) ?? (attributes[.size] as? UInt64).flatMap { Int(exactly: $0) } ?? 0
    return ModelFile(path: path, bytes: ByteCount(size))
  }
}

/// The parts of split GGUF files, by their names: `NAME-00002-of-00005.gguf`.
enum GGUFParts {
  /// Returns the names of all parts in order where the name is that of one, else the name alone.
  static func parts(of name: String, among names: [String]) -> [String] {
    guard let (stem, count) = split(name) else { return [name] }
    let found = (1...count).map { "\(stem)-\(padded($0))-of-\(padded(count)).gguf" }.filter { names.contains($0) }
    return found.contains(name) ? found : [name]
  }

  /// Returns the names of whole models and first parts that are no companions.
  static func models(among names: [String]) -> [String] {
    names.filter { name in
      guard name.hasSuffix(".gguf"), Companions.role(of: name) == nil else { return false }
      guard split(name) != nil else { return true }
      return name.contains("-00001-of-")
    }
  }

  /// Takes a part's name apart.
  private static func split(_ name: String) -> (stem: String, count: Int)? {
    guard name.hasSuffix(".gguf") else { return nil }
    let pieces = name.dropLast(5).split(separator: "-", omittingEmptySubsequences: false)
    guard pieces.count >= 4, pieces[pieces.count - 2] == "of", let count = Int(pieces[pieces.count - 1]),
      let number = Int(pieces[pieces.count - 3]), (1...9999).contains(count), (1...count).contains(number)
    else { return nil }
    return (pieces.dropLast(3).joined(separator: "-"), count)
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

/// Files beside a model that go with it, told by the names that their makers give them.
enum Companions {
  static func role(of name: String) -> Companion.Role? {
    let lower = name.lowercased()
    guard lower.hasSuffix(".gguf") || lower.hasSuffix(".dat") || lower.hasSuffix(".imatrix") else { return nil }
    if lower.contains("imatrix") { return .importanceMatrix }
    guard lower.hasSuffix(".gguf") else { return nil }
    if lower.contains("mmproj") { return .projector }
    if lower.hasPrefix("mtp-") || lower.contains("-draft") || lower.contains("eagle3") || lower.contains("dflash") {
      return .draft
    }
    return lower.contains("-lora") || lower.hasPrefix("lora-") ? .adapter : nil
  }

  /// The words of a file's name, without quantization and what every projector is called.
  static func words(_ path: String) -> Set<String> {
    let name = LocalFolder.lastPart(of: path).lowercased()
    let label = QuantizationLabel.find(in: name)?.lowercased() ?? ""
    let bare = label.isEmpty ? name : name.replacing(label, with: "")
    return Set(bare.split { !($0.isLetter || $0.isNumber) }.map(String.init)).subtracting(["mmproj", "gguf", "model"])
  }

  /// Projectors in 16 bits first, as llama.cpp's own conversions are and every backend computes.
  static func rank(_ companion: Companion) -> Int {
    let order = ["F16", "FP16", "BF16", "F32", "FP32", "Q8_0"]
    return QuantizationLabel.find(in: companion.file.path).flatMap { order.firstIndex(of: $0) } ?? order.count
  }

  static func find(
    for name: String, among names: [String], opening file: (String) -> ModelFile?
  ) -> [Companion] {
    names.compactMap { other in
      guard other != name, let role = role(of: other), let file = file(other) else { return nil }
      return Companion(role: role, file: file)
    }
  }
}
