import Platform

/// The containers of a streamed event whose members are looked at.
enum Node: UInt8 {
  case other, root, choices, choice, delta, usage, details, timings, error, toolCalls

  /// What an element of this array is.
  var element: Node { self == .choices ? .choice : .other }
}

/// The members of a streamed event that are looked at.
enum Field: UInt8 {
  case other, choices, delta, content, text, reasoning, toolCalls, finishReason, usage, details
  case promptTokens, completionTokens, cachedTokens, error, message, object
  case timings, promptCount, promptTime, predictedCount, predictedTime, cacheCount

  var isTiming: Bool { rawValue > Field.timings.rawValue }

  /// What opens when this member's value is an object or array.
  var container: Node {
    switch self {
    case .choices: .choices
    case .delta: .delta
    case .usage: .usage
    case .details: .details
    case .timings: .timings
    case .error: .error
    case .toolCalls: .toolCalls
    default: .other
    }
  }

  /// Returns the member of this name in a container of this kind.
  static func named(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int, in node: Node) -> Field {
    func has(_ name: StaticString) -> Bool { equal(bytes, start, count, name) }
    switch node {
    case .root:
      return has("choices")
        ? .choices
        : has("usage")
          ? .usage
          : has("error")
            ? .error : has("object") ? .object : has("message") ? .message : has("timings") ? .timings : .other
    case .choice:
      return has("delta") || has("message")
        ? .delta : has("text") ? .text : has("finish_reason") ? .finishReason : .other
    case .delta:
      return has("content")
        ? .content
        : has("reasoning_content") || has("reasoning") ? .reasoning : has("tool_calls") ? .toolCalls : .other
    case .usage:
      return has("prompt_tokens")
        ? .promptTokens
        : has("completion_tokens") ? .completionTokens : has("prompt_tokens_details") ? .details : .other
    case .details: return has("cached_tokens") ? .cachedTokens : .other
    case .error: return has("message") ? .message : .other
    case .timings:
      return has("prompt_n")
        ? .promptCount
        : has("prompt_ms")
          ? .promptTime
          : has("predicted_n")
            ? .predictedCount : has("predicted_ms") ? .predictedTime : has("cache_n") ? .cacheCount : .other
    case .other, .choices, .toolCalls: return .other
    }
  }

  /// Compares bytes with a name; the count is checked first, so nothing beyond the buffer is read.
  static func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int, _ name: StaticString) -> Bool {
    guard count == name.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
    return memcmp(base + start, name.utf8Start, count) == 0
  }
}
