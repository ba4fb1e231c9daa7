import Engines
import Foundation
import Testing
import Units
import Yams

@testable import Deployment

/// What a file or folder may be called reaches the engine as it is, whichever target carries it there, and means nothing to the
/// target itself.
@Suite struct HostileNameTests {
  /// Each is part of a folder's name and of the model's.
  static let names = [
    "a b", "a'b", "a\"b", "a\\b", "%h", "%%", "a:b", "a,b", "$HOME", "$$", "${HOME}", "$(API_KEY)", "`id`", ";id;",
    "a&&b",
    "#a", "*", "-rf", "a=b", "é中", "[x]", "{y}", "~", "!z", "a|b>c",
  ]

  private func request(_ name: String, _ kind: EngineKind = .llamaCpp) -> TargetRequest {
    let model = "/models/\(name)/m-\(name).gguf"
    var asked = LaunchRequest(modelPath: model, contextLength: 4096, parallel: 1, threads: 4)
    if kind == .llamaCpp { asked.settings.loraPaths = ["/adapters/\(name)/a.gguf"] }
    var request = TargetRequest(
      name: "demo", engine: kind, launch: EngineCatalogue.engine(kind).launch(asked), modelPath: model,
      modelBytes: .gibibytes(1))
    request.programEnvironment = ["NOTE": name]
    request.launch.environment["WORD"] = name
    request.program = "/usr/bin/true"
    return request
  }

  private func text(_ kind: TargetKind, _ name: String, _ engine: EngineKind = .llamaCpp) throws -> String {
    try #require(try kind.files(request(name, engine)).first?.text)
  }

  /// The words that a program gets from a script, by the real shell.
  private func words(of script: String, givenTo program: String) throws -> [String] {
    let folder = NSTemporaryDirectory() + "plimsoll-words-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(script.utf8).write(to: URL(fileURLWithPath: "\(folder)/run.sh"))
    // A program that was just written could be busy: another test's child may still hold it open.
    let printer = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("print-words").path
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(program)", withDestinationPath: printer)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["\(folder)/run.sh"]
    process.environment = ["PATH": "\(folder):/usr/bin:/bin", "HOME": "/root", "API_KEY": "secret"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\0").map { String($0) }
  }

  /// Ray reads the job as JSON, and the node's shell its command.
  @Test(arguments: names) func aJobHandsThemOn(name: String) throws {
    let job = try JSONDecoder().decode(RayJob.self, from: Data(try text(.ray, name, .vllm).utf8))
    #expect(job.runtime_env.env_vars["WORD"] == name)
    #expect(try words(of: job.entrypoint, givenTo: "vllm").contains("/models/\(name)/m-\(name).gguf"))
  }

  /// The words that `docker` and `podman` get.
  @Test(arguments: names, [TargetKind.docker, .podman]) func aShellScriptHandsThemOn(name: String, kind: TargetKind)
    throws
  {
    let words = try words(of: try text(kind, name), givenTo: kind.rawValue)
    #expect(words.contains("/model/m-\(name).gguf"))
    #expect(words.contains("WORD=\(name)"))
    // Docker reads the mount as a line of CSV.
    let mounts = words.filter { $0.hasPrefix("type=bind,") }.map { fields(csv: $0) }
    #expect(mounts.map { $0[1] } == ["source=/models/\(name)", "source=/adapters/\(name)"])
  }

  private func fields(csv line: String) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" {
        // Two within quotes are one.
        if !isQuoted, fields[fields.count - 1] != "" { fields[fields.count - 1].append("\"") }
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  /// By the YAML parser, and with the variables that Compose and Kubernetes would put in.
  @Test(arguments: names) func manifestsHandThemOn(name: String) throws {
    func interpolated(_ text: String?) -> String? {
      // Both readers take two dollars for one, and a single one for the beginning of something else.
      guard let text else { return nil }
      let plain = text.replacing("$$", with: "\u{0}")
      #expect(!plain.contains("$"), "\(text) holds a variable")
      return plain.replacing("\u{0}", with: "$")
    }
    let compose = try #require(try Yams.compose(yaml: text(.compose, name))?["services"]?["demo"])
    let words = compose["command"]?.sequence?.map { interpolated($0.string) }
    #expect(words?.contains("/model/m-\(name).gguf") == true)
    #expect(interpolated(compose["volumes"]?[0]?["source"]?.string) == "/models/\(name)")
    #expect(interpolated(compose["environment"]?["WORD"]?.string) == name)

    let cases: [(TargetKind, EngineKind, String, (Node) -> Node?)] = [
      (.kubernetes, .llamaCpp, "Deployment", { $0["spec"]?["template"]?["spec"] }),
      (.kserve, .llamaCpp, "InferenceService", { $0["spec"]?["predictor"] }),
      (.leaderWorkerSet, .vllm, "LeaderWorkerSet", { $0["spec"]?["leaderWorkerTemplate"]?["leaderTemplate"]?["spec"] }),
      (.leaderWorkerSet, .vllm, "LeaderWorkerSet", { $0["spec"]?["leaderWorkerTemplate"]?["workerTemplate"]?["spec"] }),
    ]
    for (target, engine, kind, place) in cases {
      let documents = try Array(Yams.compose_all(yaml: text(target, name, engine)))
      let pod = documents.first { $0["kind"]?.string == kind }.flatMap(place)
      let container = try #require(pod?["containers"]?[0], "\(target)")
      let arguments = container["args"]?.sequence?.map { $0.string } ?? []
      #expect(arguments.map { interpolated(known($0)) }.contains("/model/m-\(name).gguf"), "\(target)")
      let variables = container["env"]?.sequence?.filter { $0["name"]?.string == "WORD" } ?? []
      #expect(variables.map { interpolated($0["value"]?.string) } == [name])
    }
  }

  /// An argument without the variables that are meant to be put in: those of LeaderWorkerSet's pods.
  private func known(_ argument: String?) -> String? {
    argument?.replacing("$(LWS_LEADER_ADDRESS)", with: "leader").replacing("$(LWS_WORKER_INDEX)", with: "1")
  }

  @Test(arguments: names) func propertyListsHandThemOn(name: String) throws {
    let data = Data(try text(.launchd, name).utf8)
    let list = try PropertyListSerialization.propertyList(from: data, format: nil) as? [String: Any]
    #expect((list?["ProgramArguments"] as? [String])?.contains("/models/\(name)/m-\(name).gguf") == true)
    #expect((list?["EnvironmentVariables"] as? [String: String])?["NOTE"] == name)
  }

  /// As systemd.syntax and systemd.service describe quoting, specifiers and variables.
  private func words(systemd line: Substring, isCommand: Bool) -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    var rest = line[...]
    while let character = rest.popFirst() {
      switch character {
      case "\"": (isQuoted, word) = (!isQuoted, word ?? "")
      case "\\": word = (word ?? "") + String(rest.popFirst() ?? " ")
      case " " where !isQuoted:
        if let whole = word { words.append(whole) }
        word = nil
      case "%":
        #expect(rest.first == "%", "a specifier in \(line)")
        word = (word ?? "") + String(rest.popFirst() ?? " ")
      case "$" where isCommand:
        #expect(rest.first == "$", "a variable in \(line)")
        word = (word ?? "") + String(rest.popFirst() ?? " ")
      default: word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }

  private func values(_ key: String, in text: String) -> [Substring] {
    text.split(separator: "\n").filter { $0.hasPrefix("\(key)=") }.map { $0.dropFirst(key.count + 1) }
  }

  @Test(arguments: names) func unitsHandThemOn(name: String) throws {
    let unit = try text(.systemd, name)
    let command = try #require(values("ExecStart", in: unit).first)
    #expect(words(systemd: command, isCommand: true).contains("/models/\(name)/m-\(name).gguf"))
    #expect(values("Environment", in: unit).flatMap { words(systemd: $0, isCommand: false) }.contains("NOTE=\(name)"))

    // Podman's generator makes a command of systemd's of all of these.
    let quadlet = try text(.quadlet, name)
    let inner = try #require(values("Exec", in: quadlet).first)
    #expect(words(systemd: inner, isCommand: true).contains("/model/m-\(name).gguf"))
    let mounts = values("Mount", in: quadlet).flatMap { words(systemd: $0, isCommand: true) }.map { fields(csv: $0)[1] }
    #expect(mounts == ["source=/models/\(name)", "source=/adapters/\(name)"])
    #expect(
      values("Environment", in: quadlet).flatMap { words(systemd: $0, isCommand: true) }.contains("WORD=\(name)"))
    #expect(quadlet.split(separator: "\n").allSatisfy { !$0.hasPrefix("ExecStartPre") })
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "no systemd-analyze"))
  func systemdAcceptsEachUnit() throws {
    let folder = NSTemporaryDirectory() + "plimsoll-units-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (index, name) in Self.names.enumerated() {
      try Data(try text(.systemd, name).utf8).write(to: URL(fileURLWithPath: "\(folder)/u\(index).service"))
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/systemd-analyze")
    process.arguments = ["verify", "--user"] + Self.names.indices.map { "\(folder)/u\($0).service" }
    process.environment = ["HOME": folder, "XDG_RUNTIME_DIR": folder, "PATH": "/usr/bin:/bin"]
    let output = Pipe()
    process.standardError = output
    try process.run()
    let complaints = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let own = complaints.split(separator: "\n").filter {
      $0.contains("/u") && !$0.contains("Unit configuration has fatal")
    }
    #expect(own.isEmpty, "\(complaints)")
  }

  /// systemd's own reader of units, which dumps what it understood in test mode, and never as root.
  private static let manager: [String]? = {
    let programs = ["/lib/systemd/systemd", "/usr/lib/systemd/systemd"]
    guard let systemd = programs.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { return nil }
    guard geteuid() == 0 else { return [systemd] }
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv") else { return nil }
    return ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", systemd]
  }()

  @Test(.enabled(if: HostileNameTests.manager != nil, "no systemd"))
  func systemdItselfReadsThemBack() throws {
    let manager = try #require(Self.manager)
    let folder = NSTemporaryDirectory() + "plimsoll-systemd-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: "\(folder)/run", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    if geteuid() == 0 { for path in [folder, "\(folder)/run"] { chown(path, 65534, 65534) } }
    let units = Self.names.indices.map { "u\($0).service" }
    for (unit, name) in zip(units, Self.names) {
      try Data(try text(.systemd, name).utf8).write(to: URL(fileURLWithPath: "\(folder)/\(unit)"))
    }
    let all = "[Unit]\nDescription=all\n" + units.map { "Wants=\($0)\n" }.joined()
    try Data(all.utf8).write(to: URL(fileURLWithPath: "\(folder)/all.target"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: manager[0])
    process.arguments = manager.dropFirst() + ["--user", "--test", "--unit=all.target"]
    process.environment = [
      "HOME": folder, "XDG_RUNTIME_DIR": "\(folder)/run", "SYSTEMD_UNIT_PATH": "\(folder):", "PATH": "/usr/bin:/bin",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let dump = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    for (unit, name) in zip(units, Self.names) {
      let start = try #require(dump.firstRange(of: "-> Unit \(unit):"), "\(unit) is not in the dump")
      let lines = dump[start.upperBound...].split(separator: "\n")
        .prefix { !$0.contains("-> Unit ") || $0.contains(unit) }.map { $0.drop { $0 == "\t" } }
      #expect(lines.contains("Environment: NOTE=\(name)"), "\(unit)")
      let command = try #require(lines.first { $0.hasPrefix("Command Line: ") }).dropFirst(14)
      // It writes words as a shell reads them; two dollars become one when the server is started.
      let words = try words(
        of: String(command.replacing("/usr/bin/true", with: "words", maxReplacements: 1)), givenTo: "words")
      let plain = words.map { $0.replacing("$$", with: "\u{1}") }
      #expect(plain.allSatisfy { !$0.contains("$") })
      #expect(plain.map { $0.replacing("\u{1}", with: "$") }.contains("/models/\(name)/m-\(name).gguf"), "\(command)")
    }
  }

  @Test(arguments: [
    "a\nExecStartPre=/bin/sh", "a\tb", "a\u{1B}[2Jb", "a\u{0}b", "a\u{85}b", "a\rb", "a\u{7F}b", "a\u{202E}b",
    "a\u{2028}b",
  ])
  func controlCharactersAreRefusedByEveryTarget(name: String) {
    for kind in TargetKind.allCases where kind != .process && kind != .leaderWorkerSet {
      let error = #expect(throws: DeploymentError.self) { try kind.files(request(name)) }
      #expect(["unsafe-name", "one-node-engine"].contains(error?.reason.code.rawValue))
    }
  }
}
