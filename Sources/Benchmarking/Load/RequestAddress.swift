import CCurl

/// The address of a run's requests, taken apart once: libcurl would do it again for each of them.
///
/// Confined to the loop's thread; handles refer to it for as long as they live.
final class RequestAddress {
  private let text: String
  private let parts: OpaquePointer?
  /// As libcurl reads an address that is given as text.
  private static let flags = UInt32(CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME)

  init(_ text: String) {
    self.text = text
    let parts = curl_url()
    if let parts, curl_url_set(parts, CURLUPART_URL, text, Self.flags) != CURLUE_OK {
      curl_url_cleanup(parts)
      self.parts = nil
    } else {
      self.parts = parts
    }
  }

  /// True for an address of https.
  var isSecure: Bool { text.lowercased().hasPrefix("https:") }

  deinit { if let parts { curl_url_cleanup(parts) } }

  /// Gives it to a handle; one that libcurl cannot read goes as text, so that the requests fail with its words.
  func apply(to handle: UnsafeMutableRawPointer) {
    if let parts {
      _ = plimsoll_curl_set_pointer(handle, CURLOPT_CURLU, UnsafeMutableRawPointer(parts))
    } else {
      _ = plimsoll_curl_set_string(handle, CURLOPT_URL, text)
    }
  }
}
