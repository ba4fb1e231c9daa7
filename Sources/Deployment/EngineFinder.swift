public import Engines
public import Platform
public import Units

/// A program of an engine found on this machine.
public struct EngineInstallation: Hashable, Sendable, Codable {
  public enum Origin: String, Hashable, Sendable, Codable { case configuration, installed, path }
  public var engine: EngineKind
  public var program: String
  public var origin: Origin
  /// In the engine's own words, one line.
  public var version: String?
  public var environment: [String: String]
  /// Why it can't be used, where it can't.
  public var problem: Reason?
  /// What to know about the build, such as known holes.
  public var warnings: [Reason]
  /// The program's help text, by which flags it does not know are left out; not recorded.
  public var help: String?

  private enum CodingKeys: String, CodingKey { case engine, program, origin, version, environment, problem, warnings }
}

/// Finds engines: those named in `config.yaml`, those that Plimsoll installed, those on PATH, Homebrew's.
public struct EngineFinder: Sendable {
  let folders: DataFolders
  let environment: [String: String]
  let commands: any CommandRunner
  let brewFolders: [String]

  /// Where Homebrew puts programs; what a service manager or an editor starts often lacks them on its PATH.
  public static let brewFolders = ["/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"]

  public init(
    folders: DataFolders, environment: [String: String], commands: any CommandRunner = SystemCommandRunner(),
    brewFolders: [String] = EngineFinder.brewFolders
  ) {
    self.folders = folders
    self.environment = environment
    self.commands = commands
    self.brewFolders = brewFolders
  }

  /// Returns every program of every engine, the preferred first.
  public func all() async -> [EngineInstallation] {
    var found: [EngineInstallation] = []
    for engine in EngineCatalogue.all {
      found += await find(engine)
      for name in engine.operation.otherPrograms.keys.sorted() { found += await find(engine, program: name) }
    }
    return found
  }

  /// Returns the programs of one engine, the preferred first: the user's choice, then Plimsoll's own, then PATH, then
  /// Homebrew's.
  ///
  /// - Parameter program: the one that a launch names, where it is one of those that only some models need.
  public func find(_ engine: any Engine, program: String? = nil) async -> [EngineInstallation] {
    let other = program.flatMap { engine.operation.otherPrograms[$0] }
    var examined: [EngineInstallation] = []
    for candidate in candidates(engine, program) { examined.append(await examine(candidate, engine, other)) }
    return examined
  }

  /// True where a program of the engine is there: whether it works is known once it is asked, which takes seconds.
  public func isThere(_ engine: any Engine, program: String? = nil) -> Bool { !candidates(engine, program).isEmpty }

  /// The programs that are there, by their places, before one of them is asked.
  private func candidates(_ engine: any Engine, _ program: String?) -> [EngineInstallation] {
    let other = program.flatMap { name in engine.operation.otherPrograms[name].map { (name: name, package: $0) } }
    let names = other.map { [$0.name] } ?? engine.operation.programs
    var candidates: [EngineInstallation] = []
    func add(_ program: String, _ origin: EngineInstallation.Origin, _ environment: [String: String] = [:]) {
      guard !candidates.contains(where: { $0.program == program }) else { return }
      candidates.append(
        EngineInstallation(
          engine: engine.kind, program: program, origin: origin, version: nil, environment: environment, problem: nil,
          warnings: []))
    }
    if other == nil, let named = configured(engine.kind) {
      add(named.path, .configuration, named.environment)
    }
    let folder = other?.package.replacing("_", with: "-") ?? engine.kind.rawValue
    for name in names {
      let own = "\(folders.engines)/\(folder)/bin/\(name)"
      if isExecutable(own) { add(own, .installed) }
    }
    for name in names {
      let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
      for folder in path + brewFolders where isExecutable("\(folder)/\(name)") {
        add("\(folder)/\(name)", .path)
      }
    }
    return candidates
  }

  /// Runs the program for its version and help; one that cannot say either can't be used.
  private func examine(_ candidate: EngineInstallation, _ engine: any Engine, _ package: String?) async
    -> EngineInstallation
  {
    var copy = candidate
    guard isExecutable(candidate.program) else {
      copy.problem = Reason(
        .engineNotFound, "\(candidate.program) is not a program", remedy: "correct the path in config.yaml")
      return copy
    }
    if let doubt = PathTrust.doubt(about: candidate.program) {
      copy.problem = Reason(
        .unsafeProgram, "\(candidate.program) is not started: \(printable(doubt))",
        remedy: "keep engines where only you and root may write")
      return copy
    }
    // vLLM takes half a minute to say its version: its package's metadata must do.
    if let package = package ?? engine.operation.package {
      copy.version = installedVersion(candidate.program) ?? PythonPackage(package).version(beside: candidate.program)
      if copy.version == nil, candidate.origin == .configuration {
        copy.warnings.append(
          Reason(
            .unknownBuild, "no package \(package) lies beside \(candidate.program), so its version is unknown",
            remedy: "name the program in the environment that \(package) was installed in"))
      }
      return judged(copy, engine)
    }
    let commands = commands.with(candidate.environment)
    guard let answer = await commands.run(candidate.program, engine.operation.versionArguments, timeout: .seconds(20))
    else {
      copy.problem = Reason(
        .engineBroken, "\(candidate.program) does not start, or does not print its version within 20 s",
        remedy: candidate.origin == .configuration ? "correct the path in config.yaml" : "install it again")
      return copy
    }
    let text = answer.errorOutput + answer.output
    guard answer.exitCode == 0 else {
      copy.problem = FailureSorting(engine: engine).reason(log: text, exitCode: answer.exitCode)
      return copy
    }
    copy.version = Self.versionLine(text)
    guard copy.version != nil else {
      copy.problem = Reason(
        .notTheEngine,
        "\(candidate.program) ends without printing a version: it is not \(engine.operation.programs[0])",
        remedy: candidate.origin == .configuration ? "correct the path in config.yaml" : "plimsoll engines")
      return copy
    }
    copy.help = await commands.run(candidate.program, ["--help"], timeout: .seconds(20))?.output
    return judged(copy, engine)
  }

  /// Returns the installation with its help text where the launch has flags that a build may not know.
  ///
  /// Programs in Python take seconds to say it: they are asked only before a start, and those that Plimsoll installed are
  /// known.
  public func asked(_ installation: EngineInstallation, for launch: LaunchConfiguration) async -> EngineInstallation {
    guard installation.help == nil, installation.origin != .installed,
      launch.flags.contains(where: { $0.isOptional == true })
    else { return installation }
    var copy = installation
    let answer = await commands.with(installation.environment)
      .run(installation.program, ["--help"], timeout: .seconds(60))
    copy.help = answer.flatMap { $0.exitCode == 0 ? $0.output : nil }
    return copy
  }

  private func judged(_ installation: EngineInstallation, _ engine: any Engine) -> EngineInstallation {
    var copy = installation
    for build in engine.operation.knownBadBuilds where copy.version.map({ build.concerns($0) }) ?? false {
      if build.reason.code == .knownFault { copy.problem = build.reason } else { copy.warnings.append(build.reason) }
    }
    return copy
  }

  /// `version: 11549 (7e4c0a9)` without the word.
  static func versionLine(_ text: String) -> String? {
    let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("version:") }
    return line.map { FailureSorting.cleaned($0.dropFirst(8)) }
  }

  /// The version written beside an engine that Plimsoll installed.
  private func installedVersion(_ program: String) -> String? {
    let parts = program.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 2 else { return nil }
    return DiskTree().text(parts.dropLast(2).joined(separator: "/") + "/VERSION", limit: 256)
  }

  /// A file that is not understood ends the command before it gets here.
  private func configured(_ kind: EngineKind) -> EngineConfiguration.Entry? {
    (try? EngineConfiguration(folders))?.engines[kind]
  }
}
