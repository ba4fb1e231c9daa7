import Platform

/// The containers of a streamed event whose members are looked at; sixteen at most, as the scanner keeps four bits of each.
enum Node: UInt8 {
  case other, root, choices, choice, delta, usage, details, timings, error, toolCalls
  case contentParts, contentPart, reasoningDetails, functionCall, message, completionDetails

  /// What an element of this array is.
  var element: Node {
    switch self {
    case .choices: .choice
    case .contentParts: .contentPart
    default: .other
    }
  }
}

/// The members of a streamed event that are looked at.
enum Field: UInt8 {
  case other, choices, delta, content, text, reasoning, reasoningDetails, toolCalls, functionCall, finishReason, usage
  case details, completionDetails, promptTokens, completionTokens, cachedTokens, reasoningTokens, error, message, object
  /// The whole message of an answer, and its text; parts of a content that is a list.
  case wholeMessage, wholeContent, partText, thinking
  case timings, promptCount, promptTime, predictedCount, predictedTime, cacheCount

  var isTiming: Bool { rawValue > Field.timings.rawValue }

  /// What opens when this member's value is an object or array.
  var container: Node {
    switch self {
    case .choices: .choices
    case .delta: .delta
    case .content: .contentParts
    case .usage: .usage
    case .details: .details
    case .completionDetails: .completionDetails
    case .timings: .timings
    case .error: .error
    case .toolCalls: .toolCalls
    case .functionCall: .functionCall
    case .reasoningDetails: .reasoningDetails
    case .wholeMessage: .message
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
      return has("delta")
        ? .delta
        : has("text") ? .text : has("finish_reason") ? .finishReason : has("message") ? .wholeMessage : .other
    case .delta:
      return has("content")
        ? .content
        : has("reasoning_content") || has("reasoning")
          ? .reasoning
          : has("tool_calls")
            ? .toolCalls
            : has("reasoning_details") ? .reasoningDetails : has("function_call") ? .functionCall : .other
    case .message: return has("content") ? .wholeContent : .other
    case .contentPart:
      return has("text") ? .partText : has("thinking") || has("reasoning") ? .thinking : .other
    case .usage:
      return has("prompt_tokens")
        ? .promptTokens
        : has("completion_tokens")
          ? .completionTokens
          : has("prompt_tokens_details")
            ? .details : has("completion_tokens_details") ? .completionDetails : .other
    case .details: return has("cached_tokens") ? .cachedTokens : .other
    case .completionDetails: return has("reasoning_tokens") ? .reasoningTokens : .other
    case .error: return has("message") ? .message : .other
    case .timings:
      return has("prompt_n")
        ? .promptCount
        : has("prompt_ms")
          ? .promptTime
          : has("predicted_n")
            ? .predictedCount : has("predicted_ms") ? .predictedTime : has("cache_n") ? .cacheCount : .other
    case .other, .choices, .toolCalls, .contentParts, .reasoningDetails, .functionCall: return .other
    }
  }

  /// Compares bytes with a name; the count is checked first, so nothing beyond the buffer is read.
  static func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int, _ name: StaticString) -> Bool {
    guard count == name.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
    return memcmp(base + start, name.utf8Start, count) == 0
  }
}
