import Engines
import Units

/// How each reader of a target's file takes a word from outside. One rule for each reader, used for every field.
///
/// Shells have `shellQuoted`, YAML has `Manifest`.
enum TargetQuoting {
  /// A word of a command in a unit of systemd, or of a quadlet, which hands its words on to such a command: `%` begins a
  /// specifier and `$` a variable.
  static func systemdCommand(_ word: String) -> String {
    systemd(word.map { $0 == "%" ? "%%" : $0 == "$" ? "$$" : String($0) }.joined())
  }

  /// A value of any other setting of a unit, where `$` means nothing.
  static func systemdSetting(_ value: String) -> String {
    systemd(value.map { $0 == "%" ? "%%" : String($0) }.joined())
  }

  /// Quoted where it holds anything unusual.
  private static func systemd(_ text: String) -> String {
    let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'\\;".utf8.contains($0) }
    guard !isPlain else { return text }
    return "\"\(text.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : String($0) }.joined())\""
  }

  /// The value of `--mount`, which Docker and Podman read as a line of CSV: a colon or a comma in a path is part of it.
  static func bindMount(_ folder: String, at point: String) -> String {
    ["type=bind", "source=\(folder)", "target=\(point)", "readonly"].map { field in
      field.contains { ",\"".contains($0) } ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
    }.joined(separator: ",")
  }

  /// Text in which Compose would put variables in the place of `$NAME`.
  static func compose(_ text: String) -> String { text.replacing("$", with: "$$") }

  /// An argument or variable in which Kubernetes would put variables in the place of `$(NAME)`.
  static func kubernetes(_ text: String) -> String { text.replacing("$", with: "$$") }

  /// The address of a port, with brackets around one that has colons itself.
  static func published(_ host: String, _ port: Int) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

extension TargetRequest {
  /// Why a target cannot be written: what it is to hold has characters that no reader of such files takes as part of a
  /// word; nil where it has none.
  var textRefusal: Reason? {
    let launched = [launch.program] + launch.arguments + (launch.wrapper?.words ?? [])
    let variables = (launch.environment.map { ($0.key, $0.value) } + programEnvironment.map { ($0.key, $0.value) })
    let named: [String?] = [modelPath, image, program, host, claim, user, logFolder, product, numaCPUs]
    let all = launched + variables.flatMap { [$0.0, $0.1] } + named.compactMap { $0 }
    guard let bad = all.first(where: { $0 != printable($0) }) else {
      guard let variable = variables.first(where: { !Self.isVariable($0.0) }) else { return nil }
      return Reason(
        .unsafeName, "\(printable(variable.0).debugDescription) cannot be the name of a variable",
        remedy: "correct it in config.yaml: letters, digits and _ only")
    }
    return Reason(
      .unsafeName, "\(printable(bad)) has control characters, and is written into no file for another program",
      remedy: "rename the file or folder")
  }

  private static func isVariable(_ name: String) -> Bool {
    !name.isEmpty && name.first?.isNumber == false
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }
}

extension Manifest {
  /// The same document with every text changed, keys as they are.
  func mappingTexts(_ change: (String) -> String) -> Manifest {
    switch self {
    case .text(let text): .text(change(text))
    case .list(let items): .list(items.map { $0.mappingTexts(change) })
    case .map(let entries): .map(entries.map { Entry(key: $0.key, value: $0.value.mappingTexts(change)) })
    case .number, .flag: self
    }
  }
}
