import Platform

/// Small files that stand where a model's should be: what a download or a checkout left instead of it.
enum StandIn {
  /// Returns what a file is instead of a model, with what to do; nil where it may be one.
  static func cause(_ path: String) -> String? {
    guard let file = try? MappedFile(path), file.size > 0, file.size < 1 << 20 else { return nil }
    let start = file.withBytes { bytes in
      bytes.withUnsafeBytes { String(decoding: $0.prefix(200), as: UTF8.self) }
    }
    return cause(start: start)
  }

  static func cause(start: String) -> String? {
    let text = start.drop { $0.isWhitespace }.lowercased()
    if text.hasPrefix("version https://git-lfs") {
      return "it is a Git LFS pointer, not the file itself; git lfs pull fetches it"
    }
    if text.hasPrefix("# xet version") || text.hasPrefix("version https://xet") {
      return "it is a Xet pointer, not the file itself; git xet, or plimsoll models pull, fetches it"
    }
    if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") {
      return
        "it is a web page, not a model: the download was refused or redirected; plimsoll models pull fetches the file"
    }
    return nil
  }
}
