import Foundation
import Units

/// The OpenAPI 3.1 document of the API, made of the same endpoints that answer.
struct OpenAPI {
  private let endpoints: [Endpoint]
  /// Texts of JSON schemas by name: `plan` is that of `plimsoll.plan/1`.
  private let schemas: [String: String]

  init(_ endpoints: [Endpoint], schemas: [String: String]) {
    self.endpoints = endpoints
    self.schemas = schemas
  }

  var document: JSON {
    var paths: [String: [String: JSON]] = [:]
    for endpoint in endpoints {
      paths["/" + API.root.joined(separator: "/") + endpoint.path, default: [:]][endpoint.method.lowercased()] =
        operation(endpoint)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Plimsoll", "version": .text("\(ProgramVersion.current)"),
        "description": """
        What the commands of plimsoll do, for one user of this machine. Long work is a job: follow it by its events, or
        ask for it.
        """,
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "security": [["key": []], ["cookie": []]],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": [
        "schemas": .object(components),
        "responses": ["problem": Self.problem],
        "securitySchemes": [
          "key": ["type": "http", "scheme": "bearer"],
          "cookie": ["type": "apiKey", "in": "cookie", "name": "plimsoll-PORT"],
        ],
      ],
    ]
  }

  private func operation(_ endpoint: Endpoint) -> JSON {
    var operation: [String: JSON] = [
      "operationId": .text(endpoint.name), "tags": [.text(endpoint.group)], "summary": .text(endpoint.words),
    ]
    let inPath = Set(endpoint.parts.filter { $0.first == "{" }.map { String($0.dropFirst().dropLast()) })
    operation["parameters"] = .list(
      endpoint.parameters.map { field in
        var parameter: [String: JSON] = [
          "name": .text(field.name), "in": inPath.contains(field.name) ? "path" : "query",
          "description": .text(field.words), "required": .flag(field.isRequired), "schema": field.schema,
        ]
        if case .texts = field.kind {
          parameter["style"] = "form"
          parameter["explode"] = false
        }
        return .object(parameter)
      })
    if let body = endpoint.body {
      let isRequired = body.contains(where: \.isRequired)
      operation["requestBody"] = [
        "required": .flag(isRequired),
        "content": ["application/json": ["schema": Self.object(body)]],
      ]
    }
    var responses: [String: JSON] = ["\(endpoint.status)": answer(endpoint)]
    for status in Self.refusals(endpoint) { responses["\(status)"] = ["$ref": "#/components/responses/problem"] }
    operation["responses"] = .object(responses)
    return .object(operation)
  }

  private static func object(_ fields: [Field]) -> JSON {
    let members = fields.map { field -> (String, JSON) in
      guard case .object(var schema) = field.schema else { return (field.name, field.schema) }
      schema["description"] = .text(field.words)
      return (field.name, .object(schema))
    }
    return [
      "type": "object", "additionalProperties": false,
      "required": .list(fields.filter(\.isRequired).map { .text($0.name) }),
      "properties": .object(Dictionary(members) { first, _ in first }),
    ]
  }

  private func answer(_ endpoint: Endpoint) -> JSON {
    let types: [(String, JSON)] =
      switch endpoint.answer {
      case .document(let name): [("application/json", ["$ref": .text("#/components/schemas/\(name)")])]
      case .text(let type): [(type, ["type": "string"])]
      case .oneOf(let types): types.map { ($0, $0 == "application/json" ? [:] : ["type": "string"]) }
      case .events: [("text/event-stream", ["type": "string"])]
      case .nothing: []
      }
    var answer: [String: JSON] = ["description": .text(endpoint.words)]
    if !types.isEmpty {
      let content = types.map { type, schema -> (String, JSON) in
        (String(type.prefix { $0 != ";" }), ["schema": schema])
      }
      answer["content"] = .object(Dictionary(content) { first, _ in first })
    }
    return .object(answer)
  }

  /// What an endpoint may answer instead: what the gate and the reader refuse, and what its own work does.
  private static func refusals(_ endpoint: Endpoint) -> [Int] {
    let always = [400, 401, 403, 404, 405, 408, 413, 415, 421, 422, 431, 502, 503]
    return endpoint.answersJob ? always + [429] : always
  }

  private static let problem: JSON = [
    "description": "Why there is no answer.",
    "content": ["application/json": ["schema": ["$ref": "#/components/schemas/error"]]],
  ]

  /// The schema of each document that is answered: the one that the commands' output is held to, else that it is so called.
  private var components: [String: JSON] {
    let named = endpoints.compactMap { if case .document(let name) = $0.answer { name } else { nil } }
    return Dictionary(Set(named + ["error"]).map { ($0, component($0)) }) { first, _ in first }
  }

  private func component(_ name: String) -> JSON {
    guard let text = schemas[name], let schema = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8)),
      case .object(var members) = Self.moved(schema, below: "#/components/schemas/\(name)")
    else {
      return [
        "type": "object", "required": ["schema"],
        "properties": ["schema": ["const": .text("plimsoll.\(name)/1")]],
      ]
    }
    // Inside the document its own address is that of the component.
    members["$id"] = nil
    members["$schema"] = nil
    return .object(members)
  }

  /// A schema whose references lead to where it stands in the document.
  private static func moved(_ schema: JSON, below place: String) -> JSON {
    switch schema {
    case .list(let list): return .list(list.map { moved($0, below: place) })
    case .object(let members):
      return .object(
        Dictionary(
          members.map { name, value in
            if name == "$ref", case .text(let text) = value, text.hasPrefix("#") {
              return (name, .text(place + text.dropFirst()))
            }
            return (name, moved(value, below: place))
          }
        ) { first, _ in first })
    default: return schema
    }
  }
}

extension Endpoint {
  /// True where the answer is a job that was begun.
  var answersJob: Bool { if case .document("job") = answer, method == "POST" { true } else { false } }
}
