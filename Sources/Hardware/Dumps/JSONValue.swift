import Platform

/// Any JSON, for tools whose keys change from version to version.
indirect enum JSONValue: Hashable, Decodable {
  case object([String: JSONValue])
  case array([JSONValue])
  case text(String)
  case number(Double)
  case bool(Bool)
  case null

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let object = try? container.decode([String: JSONValue].self) {
      self = .object(object)
    } else if let array = try? container.decode([JSONValue].self) {
      self = .array(array)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let bool = try? container.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .null
    }
  }

  /// Reads a document; nil where it is none. Nesting is bounded by the decoder.
  static func read(_ bytes: [UInt8]) -> JSONValue? {
    try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
  }

  subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { return object[key] }
    return nil
  }

  /// The member by any of several spellings, compared without case, spaces and underscores.
  func member(_ names: String...) -> JSONValue? {
    guard case .object(let object) = self else { return nil }
    for name in names {
      if let value = object[name], value != .null { return value }
    }
    let wanted = names.map(Self.plain)
    for (key, value) in object.sorted(by: { $0.key < $1.key }) where wanted.contains(Self.plain(key)) && value != .null
    {
      return value
    }
    return nil
  }

  private static func plain(_ name: String) -> String {
    name.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" }
  }

  var object: [String: JSONValue]? {
    if case .object(let object) = self { return object }
    return nil
  }

  var array: [JSONValue]? {
    if case .array(let array) = self { return array }
    return nil
  }

  /// The text, where it is one that says something.
  var string: String? {
    switch self {
    case .text(let text): MachineText.known(text)
    case .number(let number) where number == number.rounded() && number.magnitude < 1e15: "\(Int(number))"
    case .number(let number): "\(number)"
    default: nil
    }
  }

  /// The number, also where it is written as text or has a unit beside it (`{"value": 3, "unit": "MB"}`).
  var double: Double? {
    switch self {
    case .number(let number): number
    case .text(let text): MachineText.number(text)?.value
    case .object: self["value"]?.double
    default: nil
    }
  }

  var int: Int? {
    double.flatMap { $0 == $0.rounded() && $0.magnitude < 1e15 ? Int($0) : nil }
  }

  var bool: Bool? {
    if case .bool(let bool) = self { return bool }
    return nil
  }
}
