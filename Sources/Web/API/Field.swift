import Units

/// One value that a request may bring: checked by this, and described by it in the OpenAPI document.
struct Field: Sendable {
  enum Kind: Hashable, Sendable {
    case text(most: Int)
    case choice([String])
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case flag
    /// Several texts.
    case texts(most: Int, length: Int = 200)
    /// So many numbers.
    case numbers(count: Int, ClosedRange<Double>)
    /// Amounts by name.
    case amounts(ClosedRange<Double>)
  }

  var name: String
  var kind: Kind
  var words: String
  var isRequired: Bool
  var example: JSON?

  init(_ name: String, _ kind: Kind, _ words: String, required: Bool = false, example: JSON? = nil) {
    self.name = name
    self.kind = kind
    self.words = words
    isRequired = required
    self.example = example
  }

  /// The field as JSON Schema has it.
  var schema: JSON {
    var members: [String: JSON] = [:]
    switch kind {
    case .text(let most): members = ["type": "string", "minLength": 1, "maxLength": .integer(most)]
    case .choice(let choices): members = ["type": "string", "enum": .list(choices.map { .text($0) })]
    case .integer(let range):
      members = [
        "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
      ]
    case .number(let range):
      members = ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
    case .flag: members = ["type": "boolean"]
    case .texts(let most, let length):
      members = [
        "type": "array", "maxItems": .integer(most),
        "items": ["type": "string", "minLength": 1, "maxLength": .integer(length)],
      ]
    case .numbers(let count, let range):
      members = [
        "type": "array", "minItems": .integer(count), "maxItems": .integer(count),
        "items": ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)],
      ]
    case .amounts(let range):
      members = [
        "type": "object", "maxProperties": 64,
        "additionalProperties": [
          "type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound),
        ],
      ]
    }
    if let example { members["examples"] = [example] }
    return .object(members)
  }

  /// Returns the value of a body's member.
  ///
  /// - Throws: `WebFault` for a value of another type, or out of range.
  func checked(_ value: JSON) throws(WebFault) -> JSON {
    switch (kind, value) {
    case (.text(let most), .text(let text)) where !text.isEmpty && text.unicodeScalars.count <= most: return value
    case (.choice(let choices), .text(let text)) where choices.contains(text): return value
    case (.integer(let range), .integer(let number)) where range.contains(number): return value
    // A whole number is an integer, however it is written.
    case (.integer(let range), .number(let number)):
      if let whole = Int(exactly: number), range.contains(whole) { return .integer(whole) }
    case (.number(let range), .number(let number)) where range.contains(number): return value
    case (.number(let range), .integer(let number)) where range.contains(Double(number)): return .number(Double(number))
    case (.flag, .flag): return value
    case (.texts(let most, let length), .list(let list)) where list.count <= most:
      let item = Field(name, .text(most: length), words)
      for text in list { _ = try item.checked(text) }
      return value
    case (.numbers(let count, let range), .list(let list)) where list.count == count:
      let item = Field(name, .number(range), words)
      var numbers: [JSON] = []
      for number in list { numbers.append(try item.checked(number)) }
      return .list(numbers)
    case (.amounts(let range), .object(let members)) where members.count <= 64:
      let item = Field(name, .number(range), words)
      var amounts: [String: JSON] = [:]
      for (key, amount) in members { amounts[key] = try item.checked(amount) }
      return .object(amounts)
    default: break
    }
    throw WebFault(400, "\(name) is \(form)")
  }

  /// Returns the value of a part of the query or the path.
  func checked(text: String) throws(WebFault) -> JSON {
    switch kind {
    case .integer: try checked(Int(text).map { .integer($0) } ?? .null)
    case .number: try checked(Double(text).map { .number($0) } ?? .null)
    case .flag: try checked(text == "true" ? true : text == "false" ? false : .null)
    case .texts: try checked(.list(text.split(separator: ",").map { .text(String($0)) }))
    default: try checked(.text(text))
    }
  }

  /// What a right value is, in words.
  private var form: String {
    switch kind {
    case .text(let most): "a text of 1 to \(most) characters"
    case .choice(let choices): "one of \(choices.joined(separator: ", "))"
    case .integer(let range): "a whole number from \(range.lowerBound.grouped) to \(range.upperBound.grouped)"
    case .number(let range):
      "a number from \(range.lowerBound.formatted(significant: 3)) to \(range.upperBound.formatted(significant: 3))"
    case .flag: "true or false"
    case .texts(let most, _): "a list of up to \(most) texts"
    case .numbers(let count, _): "a list of \(count) numbers"
    case .amounts: "an object of numbers"
    }
  }
}

/// The checked values of one request.
struct Inputs: Sendable {
  private var values: [String: JSON]

  init(_ values: [String: JSON]) { self.values = values }

  func text(_ name: String) -> String? { if case .text(let text)? = values[name] { text } else { nil } }
  func integer(_ name: String) -> Int? { if case .integer(let number)? = values[name] { number } else { nil } }
  func number(_ name: String) -> Double? { if case .number(let number)? = values[name] { number } else { nil } }
  func flag(_ name: String) -> Bool { values[name] == .flag(true) }
  func texts(_ name: String) -> [String] {
    guard case .list(let list)? = values[name] else { return [] }
    return list.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }
  func numbers(_ name: String) -> [Double]? {
    guard case .list(let list)? = values[name] else { return nil }
    return list.compactMap { if case .number(let number) = $0 { number } else { nil } }
  }
  func amounts(_ name: String) -> [String: Double] {
    guard case .object(let members)? = values[name] else { return [:] }
    return members.compactMapValues { if case .number(let number) = $0 { number } else { nil } }
  }
  func choice<Choice: RawRepresentable<String>>(_ name: String) -> Choice? {
    text(name).flatMap { Choice(rawValue: $0) }
  }
  /// All of it, to be kept with a job.
  var json: JSON { .object(values) }
}
