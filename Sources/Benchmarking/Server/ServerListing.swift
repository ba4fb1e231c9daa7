import CCurl
import Platform
public import Units

/// What a server says of the models that it serves, asked as the benchmark will ask it: with its headers, its key and
/// its trust.
public struct ServerListing: Hashable, Sendable {
  /// The models' names in the server's order.
  public var models: [String]

  private struct Document: Decodable {
    struct Entry: Decodable { var id: String }
    var data: [Entry]
  }

  /// Names that are kept of a list, and bytes that are read of it.
  private static let most = 1000
  private static let limit = 4 << 20

  /// Asks the server, and asks again while it answers that it is loading.
  ///
  /// - Parameters:
  ///   - waitSeconds: how long a server that answers 503 is waited for.
  ///   - onWait: called with the server's words before each wait.
  /// - Throws: `ListingError`, or `CancellationError`.
  public static func read(
    _ target: BenchmarkTarget, waitSeconds: Double = 0, onWait: @Sendable (String) -> Void = { _ in }
  ) async throws -> ServerListing {
    let clock = MonotonicClock()
    let deadline = clock.now() + Int64(waitSeconds * 1e9)
    let address = BenchmarkTarget.withoutSecrets(target.listing)
    let security = ConnectionSecurity(target)
    var pause = 0.25
    while true {
      try Task.checkCancellation()
      let answer = await Exchange(target).result()
      if let cause = answer.failure { throw ListingError.unreachable(address, security.withoutSecrets(cause)) }
      if answer.status == 503, clock.now() < deadline {
        if pause == 0.25 {
          onWait(security.withoutSecrets(ErrorText.message(of: answer.body, isRefusal: true) ?? "503"))
        }
        try await Task.sleep(for: .seconds(pause))
        pause = min(2, pause * 1.5)
        continue
      }
      let found = names(in: answer.body)
      guard answer.status == 200, !found.isEmpty else {
        let words = ErrorText.message(of: answer.body, isRefusal: true).map { ": \($0)" } ?? ""
        throw ListingError.noModels(address, security.withoutSecrets("it answered \(answer.status)\(words)"))
      }
      return ServerListing(models: found)
    }
  }

  /// The names of the models in a server's answer; none where it is no list of them.
  static func names(in body: [UInt8]) -> [String] {
    let document = try? JSONDecoder().decode(Document.self, from: Data(body))
    return (document?.data ?? []).prefix(most).map(\.id)
  }

  /// What came of one request.
  private struct Answer: Sendable {
    var status = 0
    var body: [UInt8] = []
    /// libcurl's words where no answer came.
    var failure: String?
  }

  /// One request on a thread of its own. `@unchecked Sendable`: that thread alone touches it after its creation.
  private final class Exchange: @unchecked Sendable {
    private let target: BenchmarkTarget
    private var body: [UInt8] = []

    init(_ target: BenchmarkTarget) { self.target = target }

    func result() async -> Answer {
      await withCheckedContinuation { done in
        let isStarted = startThread { done.resume(returning: self.perform()) }
        if !isStarted { done.resume(returning: Answer(failure: "no thread is left")) }
      }
    }

    private func perform() -> Answer {
      guard let handle = curl_easy_init() else { return Answer(failure: "libcurl could not be started") }
      let headers = target.headerLines.reduce(nil) { curl_slist_append($0, $1) }
      defer {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
      }
      _ = plimsoll_curl_set_string(handle, CURLOPT_URL, target.listing)
      _ = plimsoll_curl_set_list(handle, CURLOPT_HTTPHEADER, headers)
      Transfer.configureConnection(handle, ConnectionSecurity(target))
      _ = plimsoll_curl_set_long(handle, CURLOPT_TIMEOUT_MS, 10_000)
      _ = plimsoll_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        return Unmanaged<Exchange>.fromOpaque(context)._withUnsafeGuaranteedRef {
          $0.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
      }
      _ = plimsoll_curl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque())
      let code = curl_easy_perform(handle)
      var status = 0
      _ = plimsoll_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
      // An answer that was longer than is read has its status all the same.
      guard code == CURLE_OK || status != 0 else { return Answer(failure: String(cString: curl_easy_strerror(code))) }
      return Answer(status: status, body: body)
    }

    /// Keeps what the limit allows; a short count ends the transfer.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
      guard body.count + bytes.count <= limit else { return 0 }
      body.append(contentsOf: bytes)
      return bytes.count
    }
  }
}

/// Why the list of a server's models could not be had.
public enum ListingError: ExplainedError, Hashable, Sendable, CustomStringConvertible {
  case unreachable(_ address: String, _ cause: String)
  case noModels(_ address: String, _ cause: String)

  public var description: String {
    switch self {
    case .unreachable(_, let cause): "the server did not answer: \(cause)"
    case .noModels(_, let cause): "the server lists no model: \(cause)"
    }
  }

  public var reason: Reason {
    switch self {
    case .unreachable(let address, _):
      Reason(.serverUnreachable, description, remedy: "check that it runs: curl \(address)")
    case .noModels: Reason(.noModelListed, description, remedy: "name the model with --model")
    }
  }

  public var outcome: FailureOutcome {
    if case .unreachable = self { .failed } else { .refusedInput }
  }
}
