import CCurl
import Platform
import Units

extension TransferLoop {
  /// Decides what a finished request means for its file.
  ///
  /// - Throws: what ends the whole download.
  func settle(_ transfer: BlockTransfer, code: CURLcode) throws {
    let file = transfer.file
    let host = WebOrigin(transfer.url)?.description ?? transfer.url
    if let stop = transfer.stop { return try settle(transfer, stop: stop, host: host) }
    switch transfer.status {
    case 200, 206:
      if transfer.received > 0 { file.placeEtag = file.placeEtag ?? transfer.headers["etag"] }
      if file.place == nil { file.place = transfer.url }
      guard code != CURLE_OK || !isShort(transfer) else {
        let short = HTTPError.unreachable(host: host, cause: "it sends too little")
        return try retry(file, after: nil, otherwise: .unreachable(short))
      }
      if code != CURLE_OK { try settleBroken(transfer, code: code, host: host) }
    case 301, 302, 303, 307, 308: try follow(transfer, host: host)
    case 416: restart(file, otherwise: .changed(file: file.file.path))
    case 0: try settleBroken(transfer, code: code, host: host)
    default: try settleRefusal(transfer, host: host)
    }
  }

  /// True where the answer ended well but before the end of what was asked for.
  private func isShort(_ transfer: BlockTransfer) -> Bool {
    guard let partial = transfer.file.partial else { return false }
    return transfer.file.hasRanges ? !partial.isComplete(transfer.block) : partial.bytesDone < partial.size
  }

  private func settle(_ transfer: BlockTransfer, stop: BlockTransfer.Stop, host: String) throws {
    let file = transfer.file
    switch stop {
    case .violation(let cause):
      file.forgetPlace()
      try retry(file, after: nil, otherwise: .protocolViolated(host: host, cause: cause))
    case .changed:
      restart(file, otherwise: .changed(file: file.file.path))
    case .ignoredRange:
      file.hasRanges = false
      drop { $0.file === file }
      file.restart(queue: hashQueue, wake: { [weak self] in self?.wake() })
      try retry(file, after: 0, otherwise: .protocolViolated(host: host, cause: "it no longer serves ranges"))
    case .disk(let code):
      if code == ENOSPC || code == EDQUOT {
        let cache = HubCache(root: endpoint.cache)
        let missing = file.file.bytes.bytes - file.bytesDone
        throw HubError.diskFull(path: cache.root, needed: ByteCount(missing), free: cache.freeBytes() ?? .zero)
      }
      throw HubError.file(.unwritable(path: file.blob, cause: String(cString: strerror(code))))
    }
  }

  /// The connection was refused, cut, stalled or garbled.
  private func settleBroken(_ transfer: BlockTransfer, code: CURLcode, host: String) throws {
    let words = transfer.handle.failureText
    let cause = words.isEmpty ? String(cString: curl_easy_strerror(code)) : words
    let error: HTTPError =
      code == CURLE_OPERATION_TIMEDOUT ? .timedOut(host: host) : .unreachable(host: host, cause: cause)
    // An unsupported protocol is no fault of the address, whose scheme was judged before: curl says so of bytes that a
    // server with a wrong length left in a connection, where the next answer should begin.
    if [CURLE_PEER_FAILED_VERIFICATION, CURLE_URL_MALFORMAT].contains(code) {
      throw HubError.unreachable(error)
    }
    try retry(transfer.file, after: nil, otherwise: .unreachable(error))
  }

  /// Follows a redirect by hand; the place is kept for all blocks, and gets the token only where it is the Hub's own.
  private func follow(_ transfer: BlockTransfer, host: String) throws {
    let file = transfer.file
    guard let next = transfer.headers["location"].flatMap({ resolveRedirect($0, from: transfer.url) }) else {
      throw HubError.protocolViolated(host: host, cause: "it redirects to an unsafe address")
    }
    if let linked = transfer.headers["x-linked-etag"], HubName.etag(linked) != file.file.etag {
      return restart(file, otherwise: .changed(file: file.file.path))
    }
    if let size = transfer.headers["x-linked-size"], Int(size) != file.file.bytes.bytes {
      return restart(file, otherwise: .changed(file: file.file.path))
    }
    file.redirects += 1
    guard file.redirects <= 20 else { throw HubError.protocolViolated(host: host, cause: "it redirects in a circle") }
    file.place = next
    file.placeEtag = nil
  }

  /// A status that is no data: busy servers are asked again, an expired address is looked up anew, the rest is final.
  private func settleRefusal(_ transfer: BlockTransfer, host: String) throws {
    let file = transfer.file
    var response = HTTPResponse(status: transfer.status, headers: transfer.headers)
    response.body = transfer.message
    let client = HubClient(endpoint: endpoint, ledger: ledger)
    if RetryPolicy.isTemporary(response.status) {
      let pause = RetryPolicy.announcedPause(response.headers).map { Double($0) + 1 }
      return try retry(file, after: pause, otherwise: client.failure(response, url: transfer.url))
    }
    if transfer.url != file.url, [400, 401, 403, 404, 410].contains(response.status) {
      // A signed address that has expired. Requests that were under way when the next was found just go again.
      guard transfer.url == file.place else { return }
      file.forgetPlace()
      return try retry(
        file, after: file.failures == 0 ? 0 : nil, otherwise: client.failure(response, url: transfer.url))
    }
    throw client.refusal(response, url: transfer.url, name: options.repository, file: file.file.path)
  }
}
