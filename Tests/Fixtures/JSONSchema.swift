import Foundation

/// Checks documents against the part of JSON Schema that the repository's own schemas use.
public struct JSONSchema {
  private let root: [String: Any]

  /// Reads a schema.
  public init(_ text: String) throws {
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
    guard let root = object as? [String: Any] else { throw CocoaError(.propertyListReadCorrupt) }
    self.root = root
  }

  /// Returns every violation, as `path: what is wrong`; empty where the document is valid.
  public func violations(in document: String) throws -> [String] {
    let value = try JSONSerialization.jsonObject(with: Data(document.utf8), options: [.fragmentsAllowed])
    return check(value, root, at: "$")
  }

  private func check(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
    if let reference = schema["$ref"] as? String {
      let name = reference.split(separator: "/").last.map { String($0) } ?? ""
      guard let target = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
        return ["\(path): the schema has no \(reference)"]
      }
      return check(value, target, at: path)
    }
    var found: [String] = []
    if let constant = schema["const"] as? String, value as? String != constant {
      found.append("\(path): not \(constant)")
    }
    if let allowed = schema["enum"] as? [String], !allowed.contains(value as? String ?? "") {
      found.append("\(path): \(value) is none of \(allowed)")
    }
    if let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map({ [$0] }) {
      guard types.contains(where: { Self.isType(value, $0) }) else { return found + ["\(path): not \(types)"] }
    }
    if let minimum = schema["minimum"] as? Double, let number = value as? Double, number < minimum {
      found.append("\(path): under \(minimum)")
    }
    if let object = value as? [String: Any] { found += checkMembers(object, schema, at: path) }
    if let items = schema["items"] as? [String: Any], let list = value as? [Any] {
      found += list.enumerated().flatMap { check($1, items, at: "\(path)[\($0)]") }
    }
    return found
  }

  private func checkMembers(_ object: [String: Any], _ schema: [String: Any], at path: String) -> [String] {
    let properties = schema["properties"] as? [String: Any] ?? [:]
    var found = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map { "\(path).\($0): missing" }
    for (name, member) in object {
      if let known = properties[name] as? [String: Any] {
        found += check(member, known, at: "\(path).\(name)")
      } else if let others = schema["additionalProperties"] as? [String: Any] {
        found += check(member, others, at: "\(path).\(name)")
      } else if schema["additionalProperties"] as? Bool == false {
        found.append("\(path).\(name): not in the schema")
      }
    }
    return found
  }

  private static func isType(_ value: Any, _ type: String) -> Bool {
    let number = value as? NSNumber
    let isBoolean = value is Bool && number.map { isStoredAsBoolean($0) } ?? true
    switch type {
    case "null": return value is NSNull
    case "string": return value is String
    case "boolean": return isBoolean
    case "number": return number != nil && !isBoolean && !(value is String)
    case "integer": return number != nil && !isBoolean && number?.doubleValue == number?.doubleValue.rounded()
    case "array": return value is [Any]
    case "object": return value is [String: Any]
    default: return false
    }
  }

  /// Foundation reads `true` as a number too; only its encoding tells them apart.
  private static func isStoredAsBoolean(_ number: NSNumber) -> Bool {
    String(cString: number.objCType) == "c" || String(cString: number.objCType) == "B"
  }
}

/// The repository's own schemas.
public enum Schemas {
  /// Reads `Sources/plimsoll/Schemas/NAME.json`.
  public static func named(_ name: String) throws -> JSONSchema { try JSONSchema(text(name)) }

  /// The text of `Sources/plimsoll/Schemas/NAME.json`.
  public static func text(_ name: String) throws -> String {
    let checkout = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try String(contentsOfFile: "/\(checkout)/Sources/plimsoll/Schemas/\(name).json", encoding: .utf8)
  }
}
