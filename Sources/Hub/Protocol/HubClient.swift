public import Platform

/// Speaks with one Hub: every request goes through here, is counted, retried when that helps, and carries the token
/// only to the Hub's own origin.
public struct HubClient: Sendable {
  public let endpoint: HubEndpoint
  public let ledger: RequestLedger
  let transport: any HTTPTransport
  /// Told before each pause what went wrong, and for how many seconds nothing happens.
  public var onPause: @Sendable (HubError, Double) -> Void = { _, _ in }
  var retries = RetryPolicy()
  /// Waits; tests hand in one that does not.
  var wait: @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }

  public init(
    endpoint: HubEndpoint, transport: some HTTPTransport = CurlTransport(), ledger: RequestLedger = RequestLedger()
  ) {
    self.endpoint = endpoint
    self.transport = transport
    self.ledger = ledger
  }

  /// Sends a request, again after a pause where the server was busy or out of reach.
  ///
  /// - Throws: `HubError.unreachable`, `.rateLimited`, `.offline`, `CancellationError`.
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard !endpoint.isOffline else {
      let path = pathOnly(request.url)
      throw HubError.offline(wanted: path == "api/models" ? "what a search finds" : path)
    }
    var request = request
    request.headers.merge(endpoint.headers(for: request.url)) { own, _ in own }
    var attempt = 0
    while true {
      try Task.checkCancellation()
      ledger.add(requests: 1)
      let answer: Result<HTTPResponse, HTTPError>
      do throws(HTTPError) {
        answer = .success(try await transport.send(request))
      } catch {
        answer = .failure(error)
      }
      let cause: HubError
      let pause: Double
      switch answer {
      case .success(let response):
        ledger.add(bytes: response.body.count)
        guard RetryPolicy.isTemporary(response.status) else { return response }
        cause = failure(response, url: request.url)
        pause = retries.pause(after: attempt, headers: response.headers)
      case .failure(let error):
        try Task.checkCancellation()
        cause = .unreachable(error)
        pause = isWorthRepeating(error, of: request.url) ? retries.pause(after: attempt) : .infinity
      }
      guard attempt + 1 < retries.attempts, pause <= retries.longestPause else { throw cause }
      attempt += 1
      ledger.add(retries: 1)
      onPause(cause, pause)
      try await wait(pause)
    }
  }

  /// Sends a GET to the Hub and follows its redirects by hand, up to five, each with the token its origin deserves.
  func get(
    _ url: String, about name: String, revision: String = "main", file: String = ""
  ) async throws -> HTTPResponse {
    var address = url
    for _ in 0..<6 {
      let response = try await send(HTTPRequest("GET", address))
      if response.status == 200 { return response }
      guard [301, 302, 303, 307, 308].contains(response.status) else {
        throw refusal(response, url: address, name: name, revision: revision, file: file)
      }
      guard let next = response.headers["location"].flatMap({ resolveRedirect($0, from: address) }) else {
        throw violation(address, "it redirects to an unsafe address")
      }
      address = next
    }
    throw violation(url, "it redirects in a circle")
  }

  /// What a refused request for a repository means, by status and the Hub's own error code.
  func refusal(
    _ response: HTTPResponse, url: String, name: String, revision: String = "main", file: String = ""
  ) -> HubError {
    let code = response.headers["x-error-code"] ?? ""
    let message = response.headers["x-error-message"] ?? ""
    let hasToken = endpoint.token != nil
    switch (response.status, code) {
    case (_, "GatedRepo"): return .gated(name: name, url: "\(endpoint.url)/\(name)", hasToken: hasToken)
    case (_, "RevisionNotFound"): return .missingRevision(name: name, revision: revision)
    case (_, "EntryNotFound"): return .missingFile(name: name, file: file)
    case (_, "RepoNotFound"): return .missingRepository(name: name, hasToken: hasToken)
    case (401, _) where hasToken && (message + response.text.prefix(500)).contains("Invalid credentials"):
      return .badToken
    case (401, _), (404, _): return .missingRepository(name: name, hasToken: hasToken)
    case (403, _) where message.contains("disabled"): return .disabled(name: name)
    case (403, _): return .gated(name: name, url: "\(endpoint.url)/\(name)", hasToken: hasToken)
    default: return failure(response, url: url)
    }
  }

  func failure(_ response: HTTPResponse, url: String) -> HubError {
    let host = WebOrigin(url)?.description ?? endpoint.url
    if response.status == 429 {
      return .rateLimited(host: host, seconds: RetryPolicy.announcedPause(response.headers))
    }
    return .serverFailed(host: host, status: response.status, message: response.headers["x-error-message"] ?? "")
  }

  func violation(_ url: String, _ cause: String) -> HubError {
    .protocolViolated(host: WebOrigin(url)?.description ?? endpoint.url, cause: cause)
  }

  /// A connection that a server elsewhere refuses or cuts may pass; an unknown name, a port of this machine on which
  /// nobody listens, and a request that could not be sent will not.
  private func isWorthRepeating(_ error: HTTPError, of url: String) -> Bool {
    switch error {
    case .unreachable(_, let cause):
      !cause.contains("resolve host") && !cause.contains("certificate")
        && !(cause.contains("Failed to connect") && WebOrigin(url)?.isLoopback == true)
    case .timedOut: true
    case .tooLarge, .refused: false
    }
  }

  private func pathOnly(_ url: String) -> String {
    String(url.dropFirst(endpoint.url.count).drop { $0 == "/" }.prefix { $0 != "?" })
  }
}
