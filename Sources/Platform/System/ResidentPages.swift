/// Gives the memory of code that only the start of the program needed back to the system: what probing and reading took
/// is a third of a benchmark's memory. Code that is needed again comes back from the system's cache of files by itself.
///
/// Only whole mappings of code to which nothing was written are given back, in memory or in swap, so that nothing can be lost.
/// On systems that do not tell, nothing happens.
public func releaseCodeOfStart() {
  #if os(Linux)
    guard let text = DiskTree().text("/proc/self/smaps", limit: 8 << 20) else { return }
    for mapping in CodeMapping.unwritten(in: text) {
      madvise(UnsafeMutableRawPointer(bitPattern: mapping.start), mapping.length, MADV_DONTNEED)
    }
  #endif
}

/// A file's code in this process's memory.
struct CodeMapping: Hashable {
  var start: UInt
  var length: Int

  /// What the kernel counts of pages that are not as they are in their file; all of it has to be told, and 0.
  private static let written: Set<Substring> = ["Private_Dirty:", "Shared_Dirty:", "Anonymous:", "Swap:"]

  /// Finds the mappings of code in the kernel's list (`/proc/PID/smaps`) that are as they are in their files.
  static func unwritten(in list: some StringProtocol) -> [CodeMapping] {
    var found: [CodeMapping] = []
    var open: CodeMapping?
    var clean = 0
    func close() {
      if let open, clean == written.count { found.append(open) }
      open = nil
      clean = 0
    }
    for line in list.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let first = words.first else { continue }
      if !first.hasSuffix(":") {
        close()
        open = words.count >= 6 && words[1] == "r-xp" && words[5].hasPrefix("/") ? CodeMapping(range: first) : nil
      } else if written.contains(Substring(first)), words.count > 1, words[1] == "0" {
        clean += 1
      }
    }
    close()
    return found
  }

  private init?(range: some StringProtocol) {
    let ends = range.split(separator: "-").map { UInt($0, radix: 16) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], first > 0, last > first, last - first < 1 << 40
    else {
      return nil
    }
    start = first
    length = Int(last - first)
  }
}
