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
    case .error: .error
    default: .other
    }
  }
}

/// The members of a streamed event that are looked at.
enum Field: UInt8 {
  case other, choices, delta, content, text, reasoning, reasoningDetails, toolCalls, functionCall, finishReason, usage
  case details, completionDetails, promptTokens, completionTokens, cachedTokens, reasoningTokens, error, message, object
  /// A vendor's own member that holds the usage; audio of an answer.
  case vendorUsage, audio
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
    case .functionCall, .audio: .functionCall
    case .reasoning, .reasoningDetails: .reasoningDetails
    case .vendorUsage: .choice
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
          : has("error") || has("errors")
            ? .error
            : has("object")
              ? .object
              : has("message") || has("detail")
                ? .message : has("timings") ? .timings : has("x_groq") ? .vendorUsage : .other
    case .choice:
      // Moonshot's servers have the usage here, others an error of this choice alone.
      return has("delta")
        ? .delta
        : has("text")
          ? .text
          : has("finish_reason")
            ? .finishReason
            : has("message") ? .wholeMessage : has("usage") ? .usage : has("error") ? .error : .other
    case .delta:
      if has("content") || has("refusal") { return .content }
      if has("tool_calls") { return .toolCalls }
      if has("function_call") { return .functionCall }
      if has("audio") { return .audio }
      // Servers have many names for it: reasoning_content, reasoning_text, reasoning_details, thinking_blocks.
      // Signatures of what was thought are no text.
      if ends(bytes, start, count, "signature") || ends(bytes, start, count, "effort") { return .other }
      return begins(bytes, start, count, "reasoning") || begins(bytes, start, count, "think")
        || begins(bytes, start, count, "thought") ? .reasoning : .other
    case .message: return has("content") ? .wholeContent : .other
    case .contentPart:
      return has("text") ? .partText : has("thinking") || has("reasoning") ? .thinking : .other
    case .usage:
      return has("prompt_tokens") || has("input_tokens")
        ? .promptTokens
        : has("completion_tokens") || has("output_tokens")
          ? .completionTokens
          : has("prompt_tokens_details") || has("input_tokens_details")
            ? .details
            : has("completion_tokens_details") || has("output_tokens_details")
              ? .completionDetails
              : has("cached_tokens") || has("prompt_cache_hit_tokens") || has("cache_read_input_tokens")
                ? .cachedTokens : .other
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

  /// Tells whether a name begins with these bytes.
  private static func begins(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int, _ head: StaticString
  ) -> Bool { count >= head.utf8CodeUnitCount && equal(bytes, start, head.utf8CodeUnitCount, head) }

  private static func ends(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int, _ tail: StaticString
  ) -> Bool {
    let length = tail.utf8CodeUnitCount
    return count >= length && equal(bytes, start + count - length, length, tail)
  }

  /// Compares bytes with a name; the count is checked first, so nothing beyond the buffer is read.
  static func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int, _ name: StaticString) -> Bool {
    guard count == name.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
    return memcmp(base + start, name.utf8Start, count) == 0
  }
}
