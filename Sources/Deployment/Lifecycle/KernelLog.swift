import Platform

/// What the kernel's own log says of processes that it killed for want of memory.
struct KernelLog: Sendable {
  /// One record of `/dev/kmsg` a line: `6,1234,567890123,-;Out of memory: Killed process 4242 (llama-server) ...`.
  private let records: @Sendable () -> [String]

  init(records: @escaping @Sendable () -> [String] = KernelLog.readRecords) { self.records = records }

  /// Returns the seconds since boot at which the kernel killed a process; nil where its log does not say so, or may not be
  /// read.
  func secondsSinceBoot(ofKilling pid: Int32) -> Double? {
    let words = "Killed process \(pid) "
    return records().last { $0.contains(words) }.flatMap { record in
      let fields = record.prefix { $0 != ";" }.split(separator: ",")
      return fields.count > 2 ? Double(fields[2]).map { $0 / 1e6 } : nil
    }
  }

  /// Reads what is there without waiting for more. Containers and other users' kernels give nothing.
  private static func readRecords() -> [String] {
    let descriptor = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    var found: [String] = []
    // Each read gives one record; a log has some ten thousand.
    for _ in 0..<100_000 {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      // Records that were written over between two reads are skipped by the kernel.
      if count < 0, errno == EPIPE { continue }
      guard count > 0 else { break }
      let text = String(decoding: buffer.prefix(count), as: UTF8.self)
      if text.contains("Killed process") { found.append(text) }
    }
    return found
  }
}
