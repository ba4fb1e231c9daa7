import CCurl

/// How connections to the server are trusted, and which words must not leave them.
struct ConnectionSecurity {
  private let caFile: String?
  private let isInsecure: Bool
  private let secrets: [String]

  init(_ target: BenchmarkTarget) {
    caFile = target.caFile
    isInsecure = target.isInsecure
    secrets = target.secrets
  }

  /// Sets what a handle trusts.
  func apply(to handle: UnsafeMutableRawPointer) {
    if let caFile { _ = plimsoll_curl_set_string(handle, CURLOPT_CAINFO, caFile) }
    guard isInsecure else { return }
    _ = plimsoll_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
    _ = plimsoll_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
  }

  /// Returns a server's words without the keys that were sent to it: some servers repeat them.
  func withoutSecrets(_ text: String) -> String {
    secrets.reduce(text) { text, secret in
      var found = text
      while let range = found.firstRange(of: secret) { found.replaceSubrange(range, with: "[hidden]") }
      return found
    }
  }
}
