import CCurl
import Platform

/// One libcurl easy handle with the settings that every request of ours has.
///
/// Redirects are not followed, certificates are verified, only HTTP and HTTPS are spoken, no signals are used.
/// `@unchecked Sendable`: a handle has one owner at a time, and passes between threads only under a lock.
final class CurlHandle: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?

  /// Starts libcurl once for the process.
  private static let isStarted: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// Creates a handle; nil where libcurl has no memory.
  init?() {
    guard Self.isStarted, let made = curl_easy_init() else { return nil }
    pointer = made
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(pointer)
    curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  /// libcurl's own words for the last failure.
  var failureText: String { String(cString: errorText) }

  /// Forgets the last request but keeps its connection, and sets what all requests share.
  func prepare(url: String, headers: [String], connectMilliseconds: Int) {
    curl_easy_reset(pointer)
    errorText[0] = 0
    set(CURLOPT_URL, url)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_TCP_NODELAY, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, connectMilliseconds)
    // This machine is never reached through a proxy, whatever the environment says.
    if let origin = WebOrigin(url), origin.isLoopback { set(CURLOPT_PROXY, "") }
    _ = plimsoll_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
    curl_slist_free_all(headerList)
    headerList = nil
    for line in headers { headerList = curl_slist_append(headerList, line) }
    _ = plimsoll_curl_set_list(pointer, CURLOPT_HTTPHEADER, headerList)
  }

  func set(_ option: CURLoption, _ value: Int) {
    _ = plimsoll_curl_set_long(pointer, option, value)
  }

  func set(_ option: CURLoption, _ value: String) {
    _ = plimsoll_curl_set_string(pointer, option, value)
  }

  /// The status of the last answer; 0 where none came.
  var status: Int {
    var code = 0
    _ = plimsoll_curl_get_long(pointer, CURLINFO_RESPONSE_CODE, &code)
    return code
  }
}

/// Header lines collected from one exchange, names in lower case, the last answer's only.
struct HeaderCollector: Sendable {
  private(set) var headers: [String: String] = [:]
  private var byteCount = 0
  /// Far above any real answer's headers; a server that sends more is stopped.
  static let byteLimit = 1 << 20

  /// Takes one line as it came; false where the server has sent too much.
  mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    byteCount += bytes.count
    guard byteCount <= Self.byteLimit else { return false }
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      headers = [:]
    } else if let colon = line.firstIndex(of: ":") {
      let name = line[..<colon].lowercased()
      let value = Self.trimmed(line[line.index(after: colon)...])
      headers[name] = headers[name].map { "\($0), \(value)" } ?? value
    }
    return true
  }

  private static func trimmed(_ text: Substring) -> String {
    var rest = text.drop { $0.isWhitespace }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }
}
