import CCurl
import Platform
import Units

/// One request for one block on its way: checks the answer's head before it keeps a byte of the body.
///
/// Confined to the transfer thread.
final class BlockTransfer {
  /// Why a transfer was stopped by us.
  enum Stop: Hashable {
    case violation(String)
    case changed
    /// The server sends the whole file from its start although a later part was asked for.
    case ignoredRange
    case disk(Int32)
  }

  let file: FileTransfer
  let block: Int
  let handle: CurlHandle
  let url: String
  /// The offset in the file that was asked for.
  let offset: Int
  /// The first offset that is no longer wanted.
  let end: Int
  private(set) var collector = HeaderCollector()
  private(set) var received = 0
  private(set) var stop: Stop?
  private var isChecked = false
  private var currentBlock: Int
  /// Bytes that came and are not written yet: libcurl hands over 16 KiB at a time, which costs the file system twice what
  /// whole pieces do.
  private let staged = UnsafeMutableRawBufferPointer.allocate(byteCount: stagedLimit, alignment: 4096)
  private var stagedCount = 0
  private static let stagedLimit = 256 << 10
  /// The start of an error's text.
  private(set) var message: [UInt8] = []

  init?(file: FileTransfer, block: Int, url: String, handle: CurlHandle) {
    guard let partial = file.partial else { return nil }
    self.file = file
    self.block = block
    self.handle = handle
    self.url = url
    let range = partial.range(of: block)
    offset = file.hasRanges ? range.lowerBound + partial.done(block) : 0
    end = file.hasRanges ? range.upperBound : partial.size
    currentBlock = block
  }

  deinit { staged.deallocate() }

  var status: Int { handle.status }
  var headers: [String: String] { collector.headers }

  /// Sets the handle up; the token comes with `headers` where the address deserves it.
  func start(headers: [String: String], stallSeconds: Int) {
    var lines = headers.map { "\($0.key): \($0.value)" }
    if file.hasRanges {
      lines.append("Range: bytes=\(offset)-\(end - 1)")
      if let etag = file.placeEtag, url == file.place, etag.hasPrefix("\"") { lines.append("If-Range: \(etag)") }
    }
    handle.prepare(url: url, headers: lines, connectMilliseconds: min(10_000, max(1, stallSeconds) * 1000))
    handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    handle.set(CURLOPT_BUFFERSIZE, 512 << 10)
    // Slower than a byte a second for that long is a stall.
    handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
    handle.set(CURLOPT_LOW_SPEED_TIME, stallSeconds)
    let me = Unmanaged.passUnretained(self).toOpaque()
    _ = plimsoll_curl_set_write(handle.pointer, CURLOPT_WRITEFUNCTION, Self.receiveBody)
    _ = plimsoll_curl_set_pointer(handle.pointer, CURLOPT_WRITEDATA, me)
    _ = plimsoll_curl_set_write(handle.pointer, CURLOPT_HEADERFUNCTION, Self.receiveHeader)
    _ = plimsoll_curl_set_pointer(handle.pointer, CURLOPT_HEADERDATA, me)
  }

  private static let receiveBody: plimsoll_curl_write = { bytes, size, count, me in
    guard let bytes, let me else { return 0 }
    return Unmanaged<BlockTransfer>.fromOpaque(me)._withUnsafeGuaranteedRef {
      $0.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
  }

  private static let receiveHeader: plimsoll_curl_write = { bytes, size, count, me in
    guard let bytes, let me else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<BlockTransfer>.fromOpaque(me)._withUnsafeGuaranteedRef {
      $0.collector.append(line) ? line.count : 0
    }
  }

  /// Keeps the bytes of an answer that was checked; a short count tells libcurl to stop.
  private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
    let status = status
    guard status == 200 || status == 206 else {
      message += bytes.prefix(max(0, 500 - message.count))
      return bytes.count
    }
    if !isChecked {
      stop = objection(status)
      isChecked = true
      guard stop == nil else { return 0 }
    }
    return write(bytes)
  }

  /// What is wrong with the head of an answer that carries data; nil where nothing is.
  private func objection(_ status: Int) -> Stop? {
    let size = file.file.bytes.bytes
    if let encoding = headers["content-encoding"], encoding != "identity" {
      return .violation("it sent compressed data that was not asked for")
    }
    if let linked = headers["x-linked-etag"], HubName.etag(linked) != file.file.etag { return .changed }
    if let known = file.placeEtag, let now = headers["etag"], url == file.place, known != now { return .changed }
    guard status == 206 else {
      // The whole file goes in from its first byte, alone: what other answers brought would be in the way.
      if offset > 0 || file.bytesDone > 0 || file.blocksInFlight.count > 1 { return .ignoredRange }
      file.hasRanges = false
      if let length = headers["content-length"], Int(length) != size { return .changed }
      return nil
    }
    guard let said = ContentRange(headers["content-range"] ?? ""), said.first == offset, said.last < end else {
      return .violation("it answered with another range")
    }
    if let total = said.total, total != size { return .changed }
    return nil
  }

  /// Gathers bytes, and writes them where a piece is full.
  private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let partial = file.partial else { return 0 }
    let limit = status == 206 ? end : partial.size
    guard offset + received + bytes.count <= limit else {
      stop = .violation("it sends more bytes than the file has")
      return 0
    }
    var rest = bytes
    while !rest.isEmpty {
      // Pieces end where the file's own pieces of that size do.
      let room = Self.stagedLimit - (offset + received) % Self.stagedLimit
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(room))
      UnsafeMutableRawBufferPointer(rebasing: staged[stagedCount...]).copyMemory(from: piece)
      stagedCount += piece.count
      received += piece.count
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
      if piece.count == room { flush() }
      guard stop == nil else { return 0 }
    }
    return bytes.count
  }

  /// Writes what was gathered; across blocks, for a server without ranges sends all of them in one answer.
  ///
  /// Called once more when the transfer ends, however it ends.
  func flush() {
    defer { stagedCount = 0 }
    guard let partial = file.partial, stagedCount > 0 else { return }
    var rest = UnsafeRawBufferPointer(rebasing: staged[..<stagedCount])
    while !rest.isEmpty {
      if currentBlock < partial.blockCount - 1, partial.isComplete(currentBlock) { currentBlock += 1 }
      let room = partial.range(of: currentBlock).count - partial.done(currentBlock)
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(room))
      let code = partial.append(piece, to: currentBlock)
      guard code == 0 else {
        stop = .disk(code)
        return
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
    }
    file.noteProgress()
  }
}
