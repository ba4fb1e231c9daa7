public import Deployment
public import Engines
public import Planning
public import Platform
import Units

/// The command of a plan's option as a person reads it: each flag with its reason.
public struct LaunchDescription: Sendable {
  public let launch: LaunchConfiguration?
  /// The file of the key that clients must show; nil for a server that only this machine reaches.
  private let keyFile: String?
  /// The variable that takes the key, for an engine that reads no file.
  private let keyVariable: String?

  /// - Parameters:
  ///   - name: the deployment's, after which the key's file is called.
  ///   - settings: where it would listen.
  /// - Throws: `DeploymentError.notLaunchable` for an engine that other machines would reach without a key.
  public init(_ option: PlanOption, name: String, settings: DeploymentSettings, folders: DataFolders) throws {
    let flags = EngineCatalogue.engine(option.engine).operation.address
    var address = ServerAddress(host: settings.host, port: settings.port, alias: settings.name)
    if !address.isLoopback || settings.demandsKey {
      if let refusal = flags.refusal(of: option.engine) { throw DeploymentError.notLaunchable(refusal) }
      address.apiKeyFile = DeploymentStore(folders: folders).keyPath(name)
    }
    keyFile = address.apiKeyFile
    keyVariable = flags.apiKeyVariable
    launch = option.launch?.addressed(to: address, by: flags)
  }

  /// The command alone.
  public func command() -> String {
    guard let launch else { return "nothing to run" }
    var lines: [String] = []
    if let keyFile {
      let folder = keyFile.lastIndex(of: "/").map { String(keyFile[..<$0]) } ?? "."
      lines += [
        "# A deployment makes this file with a new key in it, readable by you alone; by hand:",
        "# (umask 077; mkdir -p \(shellQuoted(folder)); "
          + "od -An -N32 -tx1 /dev/urandom | tr -d ' \\n' > \(shellQuoted(keyFile)))",
      ]
      if let keyVariable { lines.append("\(keyVariable)=\"$(cat \(shellQuoted(keyFile)))\" \\") }
    }
    lines += launch.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\(shellQuoted($0.value)) \\" }
    if let wrapper = launch.wrapper {
      lines.append(wrapper.words.map { shellQuoted($0) }.joined(separator: " ") + " \\")
    }
    lines.append(Self.broken([launch.program] + launch.arguments.map { shellQuoted($0) }))
    return lines.joined(separator: "\n")
  }

  public func text() -> String {
    guard let launch else { return command() }
    var table = TextTable(["FLAG", "REASON"])
    for flag in (launch.wrapper.map { [$0] } ?? []) + launch.flags {
      table.add([flag.words.map(Self.short).joined(separator: " "), flag.reason])
    }
    return command() + "\n\n" + table.rendered()
  }

  /// The words of a command on one line, or on several that a shell joins where a terminal would break them: before flags.
  private static func broken(_ words: [String]) -> String {
    guard let width = TextTable.terminalWidth else { return words.joined(separator: " ") }
    var lines = [""]
    var rest = words[...]
    while !rest.isEmpty {
      let length = 1 + rest.dropFirst().prefix { !$0.hasPrefix("-") }.count
      let part = rest.prefix(length).joined(separator: " ")
      rest = rest.dropFirst(length)
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[0] = part
      } else if last.count + part.count + 3 > width {
        lines.append("  " + part)
      } else {
        lines[lines.count - 1] += " " + part
      }
    }
    return lines.joined(separator: " \\\n")
  }

  /// A long path by its last part: the command above has it whole.
  private static func short(_ word: String) -> String {
    guard word.count > 40, let last = word.split(separator: "/").last, last.count < word.count else { return word }
    return ".../\(last)"
  }
}

/// The commands of `deploy --print --json`, one for each server.
public struct LaunchDocument: Encodable, Sendable {
  public var schema = "plimsoll.launch/1"
  public var launches: [LaunchConfiguration]

  public init(launches: [LaunchConfiguration]) { self.launches = launches }
}
