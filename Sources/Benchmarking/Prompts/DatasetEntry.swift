/// One line of a data set, whatever its kind.
struct DatasetEntry {
  struct Turn {
    var text: String
    /// How long the answer was, or is to be, where the file tells.
    var outputTokens: Int?
  }

  var system: String?
  var turns: [Turn]
  var inputTokens: Int?
  /// Seconds, from any start.
  var arrival: Double?
}

extension DatasetEntry {
  /// Creates the request of one prompt.
  init(_ text: String, outputTokens: Int? = nil, inputTokens: Int? = nil, arrival: Double? = nil) {
    self.init(turns: [Turn(text: text, outputTokens: outputTokens)], inputTokens: inputTokens, arrival: arrival)
  }
}

/// A line of a JSON-lines file: a string, or an object with the prompt under one of the usual names.
struct PromptLine: Decodable {
  private struct Message: Decodable {
    var role: String
    var content: PromptContent
  }

  private enum Key: String, CodingKey {
    case prompt, text, question, instruction, input, messages, system
    case outputTokens = "output_tokens"
    case maxTokens = "max_tokens"
    case outputLength = "output_length"
    case timestamp
  }

  let entry: DatasetEntry

  init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      entry = DatasetEntry(text)
      return
    }
    let container = try decoder.container(keyedBy: Key.self)
    let messages = try container.decodeIfPresent([Message].self, forKey: .messages) ?? []
    // A picture or a sound cannot be sent: without it the question would be another.
    guard !messages.contains(where: \.content.hasOtherParts) else {
      throw Self.fault("parts that are not text", decoder)
    }
    var turns = messages.filter { $0.role == "user" }.compactMap(\.content.text)
    for key in [Key.prompt, .text, .question, .instruction, .input] where turns.isEmpty {
      if let text = try? container.decode(String.self, forKey: key) { turns = [text] }
    }
    guard !turns.isEmpty else { throw Self.fault("no prompt", decoder) }
    let system = try container.decodeIfPresent(String.self, forKey: .system)
    let lengths = [Key.outputTokens, .maxTokens, .outputLength].lazy.compactMap { key in
      try? container.decode(Int.self, forKey: key)
    }
    let length = lengths.first.map { min(max(1, $0), 10_000_000) }
    var found = DatasetEntry(
      system: system ?? messages.first { $0.role == "system" }?.content.text,
      turns: turns.map { .init(text: $0, outputTokens: length) })
    found.arrival = try? container.decode(Double.self, forKey: .timestamp)
    entry = found
  }

  private static func fault(_ cause: String, _ decoder: any Decoder) -> DecodingError {
    DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: cause))
  }
}

/// The content of a message: a text, nothing, or a list of parts whose texts are joined.
private struct PromptContent: Decodable {
  private struct Part: Decodable {
    var type: String?
    var text: String?
  }

  /// Nil where there is none.
  var text: String?
  var hasOtherParts = false

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() { return }
    if let whole = try? value.decode(String.self) {
      text = whole
      return
    }
    let parts = try value.decode([Part].self)
    hasOtherParts = parts.contains { $0.text == nil }
    let texts = parts.compactMap(\.text)
    text = texts.isEmpty ? nil : texts.joined(separator: "\n")
  }
}

/// A request of Mooncake's trace: times in milliseconds, and a number for each block of 512 tokens, the same where the
/// text was the same.
struct MooncakeLine: Decodable {
  private static let blockTokens = 512

  var timestamp: Double
  var inputLength: Int
  var outputLength: Int
  var hashIDs: [UInt64]?

  private enum CodingKeys: String, CodingKey {
    case timestamp
    case inputLength = "input_length"
    case outputLength = "output_length"
    case hashIDs = "hash_ids"
  }

  /// Makes text whose blocks repeat exactly where those of the trace do.
  func entry(_ calibration: TokenCalibration) throws -> DatasetEntry {
    guard inputLength > 0, inputLength <= 10_000_000 else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "length out of range"))
    }
    var left = calibration.words(for: inputLength)
    var parts: [String] = []
    var fallback = RandomSource(
      seed: UInt64(bitPattern: Int64(exactly: timestamp.rounded()) ?? 0), stream: UInt64(inputLength))
    var blocks = (hashIDs ?? []).makeIterator()
    while left > 0 {
      let words = min(left, Self.blockTokens)
      var random = blocks.next().map { RandomSource(seed: $0, stream: 1 << 44) } ?? fallback
      _ = fallback.next()
      parts.append(SyntheticPrompts.text(words: words, from: &random))
      left -= words
    }
    return DatasetEntry(
      parts.joined(separator: " "), outputTokens: max(1, outputLength), inputTokens: inputLength,
      arrival: timestamp / 1000)
  }
}

/// A conversation of ShareGPT.
struct ShareGPTEntry: Decodable {
  /// One message; what it lacks makes it one that nobody asks.
  struct Line: Decodable {
    var from = ""
    var value = ""

    private enum Key: String, CodingKey { case from, value, role, content }

    init(from decoder: any Decoder) throws {
      guard let container = try? decoder.container(keyedBy: Key.self) else { return }
      func text(_ keys: Key...) -> String? {
        keys.lazy.compactMap { try? container.decode(String.self, forKey: $0) }.first
      }
      from = text(.from, .role) ?? ""
      value = text(.value, .content) ?? ""
    }
  }

  var conversations: [Line]?

  private enum CodingKeys: String, CodingKey { case conversations, conversation, messages }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    for key in [CodingKeys.conversations, .conversation, .messages] where conversations == nil {
      conversations = try? container.decode([Line].self, forKey: key)
    }
  }

  /// The first so many questions, each with the length of the answer that was given to it; nil where there is none.
  func entry(turns: Int) -> DatasetEntry? {
    let lines = conversations ?? []
    let asked = lines.indices.filter { Self.asking.contains(lines[$0].from) && !lines[$0].value.isEmpty }
    let kept = asked.prefix(max(1, turns)).map { place in
      let answer = lines.dropFirst(place + 1).first.flatMap { Self.asking.contains($0.from) ? nil : $0.value }
      let tokens = (answer?.utf8.count ?? 0) / Self.bytesPerToken
      return DatasetEntry.Turn(text: lines[place].value, outputTokens: tokens > 0 ? tokens : nil)
    }
    return kept.isEmpty ? nil : DatasetEntry(turns: kept)
  }

  private static let asking = ["human", "user"]
  /// What is usual for English in vocabularies of 32,000 to 150,000 tokens; the file has no counts.
  static let bytesPerToken = 4
}

/// Moments as traces write them.
enum TraceTime {
  /// Reads `2023-11-16 18:17:03.9799600` or plain seconds; returns seconds from an arbitrary day.
  static func seconds(_ text: String) -> Double? {
    if let number = Double(text) { return number }
    let parts = text.split { $0 == " " || $0 == "T" }
    guard parts.count >= 2 else { return nil }
    let date = parts[0].split(separator: "-").compactMap { Int($0) }
    let clock = parts[1].prefix { $0.isNumber || $0 == ":" || $0 == "." }.split(separator: ":").compactMap {
      Double($0)
    }
    guard date.count == 3, clock.count == 3, (1...12).contains(date[1]), (1...31).contains(date[2]) else { return nil }
    // Days from the civil calendar, months counted from March so that the leap day is the last of its year.
    let year = date[1] <= 2 ? date[0] - 1 : date[0]
    let month = (date[1] + 9) % 12
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date[2] - 1
    return Double(days) * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
  }
}
