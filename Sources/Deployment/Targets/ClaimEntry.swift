/// A file or folder that is brought into a volume claim beside the model, and its name there.
struct ClaimEntry: Hashable, Sendable {
  /// Where it lies on this machine.
  var path: String
  var name: String

  /// Names what lies outside the model's folder: by its last name, with that of its folder before it where another has the same.
  static func entries(of companions: [String], beside model: String, in folder: String) -> [ClaimEntry] {
    let isInside = { (path: String) in path.hasPrefix(folder + "/") }
    // What is in the folder keeps its name.
    var taken = Set((companions + [model]).filter(isInside).map { String($0.dropFirst(folder.count + 1)) })
    var entries: [ClaimEntry] = []
    for path in companions where !isInside(path) && !entries.contains(where: { $0.path == path }) {
      let parts = path.split(separator: "/").map { String($0) }
      let candidates = (1...max(1, parts.count)).lazy.map { parts.suffix($0).joined(separator: "-") }
      let name =
        candidates.first { !taken.contains($0) }
        ?? (2...).lazy.map { "\($0)-\(parts.last ?? path)" }.first { !taken.contains($0) } ?? path
      taken.insert(name)
      entries.append(ClaimEntry(path: path, name: name))
    }
    return entries
  }
}
