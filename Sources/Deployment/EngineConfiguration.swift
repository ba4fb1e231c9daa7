public import Engines
public import Platform
public import Units
import Yams

/// What the user's `config.yaml` says: for each engine its program, and what that needs of its environment.
public struct EngineConfiguration: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public var path: String
    public var environment: [String: String] = [:]
  }

  public private(set) var engines: [EngineKind: Entry] = [:]

  /// Reads the file; one that is not there says nothing.
  ///
  /// - Throws: `ConfigurationError` with the line of what is not understood: nothing in it is passed over.
  public init(_ folders: DataFolders) throws(ConfigurationError) {
    let path = "\(folders.configuration)/config.yaml"
    let isThere = access(path, F_OK) == 0
    if isThere, let doubt = PathTrust.doubt(about: path) {
      throw ConfigurationError(path: path, line: nil, cause: "it names programs to start, and \(printable(doubt))")
    }
    guard let text = isThere ? DiskTree().text(path) : "" else {
      throw ConfigurationError(path: path, line: nil, cause: "it cannot be read")
    }
    try self.init(parsing: text, path: path)
  }

  init(parsing text: String, path: String) throws(ConfigurationError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let YamlError.parser(_, problem, mark, _) {
      throw ConfigurationError(path: path, line: mark.line, cause: problem)
    } catch let YamlError.scanner(_, problem, mark, _) {
      throw ConfigurationError(path: path, line: mark.line, cause: problem)
    } catch {
      throw ConfigurationError(path: path, line: nil, cause: "it is not YAML")
    }
    guard let root, root.null == nil else { return }
    func fail(_ node: Node, _ cause: String) -> ConfigurationError {
      ConfigurationError(path: path, line: node.mark?.line, cause: cause)
    }
    func entries(_ node: Node, _ what: String) throws(ConfigurationError) -> [(key: Node, name: String, value: Node)] {
      guard case .mapping(let mapping) = node else { throw fail(node, "\(what) is not a list of names and values") }
      return mapping.map { (key: $0.key, name: $0.key.string ?? "", value: $0.value) }
    }
    for (key, name, value) in try entries(root, "the file") {
      guard name == "engines" else { throw fail(key, "it has no key \(name), only engines") }
      for (key, name, value) in try entries(value, "engines") {
        guard let kind = EngineKind(rawValue: name) else {
          throw fail(key, "\(name) is none of \(EngineKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var entry = Entry(path: "")
        for (key, name, value) in try entries(value, name) {
          switch name {
          case "path":
            guard let text = value.string, !text.isEmpty else { throw fail(value, "path is not text") }
            entry.path = text
          case "environment":
            for (_, name, value) in try entries(value, "environment") {
              guard let text = value.scalar?.string else { throw fail(value, "the value of \(name) is not text") }
              entry.environment[name] = text
            }
          default: throw fail(key, "an engine has no key \(name), only path and environment")
          }
        }
        guard !entry.path.isEmpty else { throw fail(key, "\(name) has no path") }
        engines[kind] = entry
      }
    }
  }
}

/// A `config.yaml` that is not understood, with the place.
public struct ConfigurationError: ExplainedError, Hashable {
  public var path: String
  /// Counted from 1.
  public var line: Int?
  public var cause: String

  public var reason: Reason {
    Reason(
      .badConfiguration, "\(path)\(line.map { ":\($0)" } ?? ""): \(cause)",
      remedy: "write it as engines: {llama.cpp: {path: /opt/llama-server, environment: {}}}")
  }
  public var outcome: FailureOutcome { .usage }
}
