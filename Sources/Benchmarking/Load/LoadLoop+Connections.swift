import CCurl

extension LoadLoop {
  /// The most connections that are opened ahead, and how long that may take, nanoseconds.
  private static let mostOpened = 1024
  private static let patience: Int64 = 5_000_000_000

  /// Opens the connections that a stage will need and keeps them, so that no request waits for its own.
  ///
  /// Each asks the server for its list of models; what it answers does not matter, and a server that is not there is left
  /// to the requests. The first connection is that of the warm-up.
  func openConnections(for plan: StagePlan, while isWanted: () -> Bool) {
    let wanted = min(plan.stage.load.mostInFlight ?? 1, plan.stage.stop.requests ?? .max, Self.mostOpened)
    guard wanted > opened, plan.stage.name != BenchmarkSession.calibrating else { return }
    for _ in opened..<wanted { openConnection() }
    opened = wanted
    let deadline = now() + Self.patience
    while !opening.isEmpty, now() < deadline, isWanted() { turn(until: min(deadline, now() + 50_000_000)) { _, _ in } }
  }

  private func openConnection() {
    guard let handle = curl_easy_init() else { return }
    _ = plimsoll_curl_set_string(handle, CURLOPT_URL, listing)
    _ = plimsoll_curl_set_list(handle, CURLOPT_HTTPHEADER, headers)
    configureConnection(handle)
    _ = plimsoll_curl_set_long(handle, CURLOPT_FRESH_CONNECT, 1)
    _ = plimsoll_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(Self.patience / 1_000_000))
    _ = plimsoll_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
    opening.insert(handle)
    curl_multi_add_handle(multi, handle)
  }

  /// Sets what decides whether a connection can serve another handle, and has its beginning and end told.
  func configureConnection(_ handle: UnsafeMutableRawPointer) {
    Transfer.configureConnection(handle, security)
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = plimsoll_curl_set_sockopt(handle, Self.onOpen)
    _ = plimsoll_curl_set_pointer(handle, CURLOPT_SOCKOPTDATA, context)
    _ = plimsoll_curl_set_closesocket(handle, Self.onClose)
    _ = plimsoll_curl_set_pointer(handle, CURLOPT_CLOSESOCKETDATA, context)
  }
}
