import Foundation
import Units

/// One thing that can be asked of the API: how it is asked, what is answered, and who answers.
struct Endpoint: Sendable {
  /// What is answered where all goes well.
  enum Answer: Sendable {
    /// A document of a schema, `plan` for `plimsoll.plan/1`.
    case document(String)
    /// Text of another type.
    case text(type: String)
    /// Text of one of several types, as it was asked for.
    case oneOf(types: [String])
    case events
    /// Nothing but the status.
    case nothing
  }

  var method: String
  /// Below `/api/v1`; a part in braces stands for any text: `/runs/{run}`.
  var path: String
  /// What a client's code calls it.
  var name: String
  var group: String
  var words: String
  var parameters: [Field] = []
  /// The members of a body; nil where there is none.
  var body: [Field]?
  var status = 200
  var answer: Answer
  var handle: @Sendable (Inputs) async throws -> WebResponse

  /// The parts of the path.
  var parts: [Substring] { path.split(separator: "/") }

  /// What stands for the parts in braces; nil for another path.
  func captures(_ path: ArraySlice<String>) -> [String: String]? {
    let parts = parts
    guard parts.count == path.count else { return nil }
    var captures: [String: String] = [:]
    for (part, given) in zip(parts, path) {
      if part.first == "{" {
        captures[String(part.dropFirst().dropLast())] = given
      } else if part != given {
        return nil
      }
    }
    return captures
  }

  /// The values of a request, checked.
  ///
  /// - Throws: `WebFault` for what is missing, wrong or unknown.
  func inputs(_ request: WebRequest, captures: [String: String]) throws -> Inputs {
    var values: [String: JSON] = [:]
    var rest = request.query
    for field in parameters {
      guard let text = captures[field.name] ?? rest.removeValue(forKey: field.name) else {
        if field.isRequired { throw WebFault(400, "\(field.name) is missing") }
        continue
      }
      values[field.name] = try field.checked(text: text)
    }
    if let unknown = rest.keys.sorted().first {
      throw WebFault(400, "no parameter is called \(printable(String(unknown.prefix(40))))")
    }
    guard let body else { return Inputs(values) }
    var members: [String: JSON] = [:]
    if !request.body.isEmpty || body.contains(where: \.isRequired) {
      guard case .object(let given)? = try? JSONDecoder().decode(JSON.self, from: Data(request.body)) else {
        throw WebFault(400, "the body is not a JSON object")
      }
      members = given
    }
    for field in body {
      guard let value = members.removeValue(forKey: field.name) else {
        if field.isRequired { throw WebFault(400, "\(field.name) is missing") }
        continue
      }
      values[field.name] = try field.checked(value)
    }
    if let unknown = members.keys.sorted().first {
      throw WebFault(400, "no field is called \(printable(String(unknown.prefix(40))))")
    }
    return Inputs(values)
  }
}
