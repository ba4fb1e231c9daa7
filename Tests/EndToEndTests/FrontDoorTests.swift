import Foundation
import Testing

/// What a person meets first: the screen without arguments, help, versions, mistyped words, output that goes nowhere.
@Suite(.enabled(if: Program.isBuilt)) struct FrontDoorTests {
  private static let commands = [
    "models", "inspect", "plan", "fit", "choose", "size", "run", "deploy", "ps", "logs", "stop", "restart", "engines",
    "bench", "runs", "report", "compare", "calibrate", "probe", "machines", "doctor", "ray",
  ]

  private func run(_ words: [String], through wrapper: [String] = []) throws -> Program.Outcome {
    let program = try Program()
    defer { program.remove() }
    return try program.run(words, through: wrapper)
  }

  @Test func withoutArgumentsItSaysWhatThisMachineIsAndWhatToTry() throws {
    let outcome = try run([])
    #expect(outcome.exitCode == 0)
    for fact in ["Processor", "Memory", "GPU"] { #expect(outcome.output.contains(fact)) }
    #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("  plimsoll ") } == 3)
    #expect(outcome.output.split(separator: "\n", omittingEmptySubsequences: false).count <= 24)
  }

  @Test func helpHasEveryCommandInItsGroupOnOneScreen() throws {
    let outcome = try run(["--help"])
    #expect(outcome.exitCode == 0)
    for group in ["Find", "Plan", "Run", "Measure", "Machine", "Cluster"] {
      #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix("\(group) ") }, "\(group)")
    }
    for command in Self.commands { #expect(outcome.output.contains(command), "\(command)") }
    #expect(outcome.output.split(separator: "\n", omittingEmptySubsequences: false).count <= 25)
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test(arguments: commands) func eachCommandOpensWithASentenceAndHasTwoExamples(_ command: String) throws {
    let outcome = try run([command, "--help"])
    #expect(outcome.exitCode == 0)
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first?.hasSuffix(".") == true)
    let start = try #require(lines.firstIndex { $0.hasPrefix("Examples:") })
    #expect(lines[(start + 1)...].prefix { !$0.isEmpty }.count { $0.contains("plimsoll ") } >= 2)
    #expect(lines.contains { $0.hasPrefix("Usage: plimsoll \(command)") })
  }

  @Test func rareOptionsAreShownOnlyWithAll() throws {
    let usual = try run(["bench", "--help"]).output
    let all = try run(["bench", "--help-all"]).output
    #expect(!usual.contains("--rate-ramp"))
    #expect(all.contains("--rate-ramp"))
  }

  /// Options stand in groups; what hardly anybody needs is behind --help-all.
  @Test(arguments: ["plan", "fit", "choose", "size", "deploy"]) func optionsStandInGroups(_ command: String) throws {
    let lines = try run([command, "--help"]).output.split(separator: "\n")
    let titles = lines.filter { !$0.hasPrefix(" ") }.joined(separator: ", ").lowercased()
    for title in ["model", "workload", "machine", "output"] { #expect(titles.contains(title), "\(title)") }
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.last?.contains("more options: plimsoll \(command) --help-all") == true)
    #expect(!lines.contains { $0.contains("--ubatch") || $0.contains("--profiles") })
    let all = try run([command, "--help-all"]).output
    for title in ["Model", "Workload", "Machine", "Output"] { #expect(all.contains("\n\(title)\n"), "\(title)") }
    #expect(all.contains("--profiles"))
    if command != "size" { #expect(all.contains("--ubatch")) }
  }

  /// Two screens of 24 lines are the most that anybody reads of a help; what is meant to be shown in it is there.
  @Test(arguments: commands) func helpIsTwoScreensAtMost(_ command: String) throws {
    let usual = try run([command, "--help"]).output
    #expect(usual.split(separator: "\n", omittingEmptySubsequences: false).count <= 48, "\(usual)")
    let all = try run([command, "--help-all"]).output
    for option in usual.matches(of: /(?m)^  (--[a-z0-9-]+)/) { #expect(all.contains(option.1), "\(option.1)") }
  }

  /// The list of usual options names only what there is.
  @Test(arguments: ["plan", "fit", "choose", "size", "deploy", "bench"])
  func usualOptionsAreShown(_ command: String) throws {
    let source = try String(
      contentsOfFile: "\(Program.checkout)/Sources/plimsoll/CommandLine/UsualOptions.swift", encoding: .utf8)
    let entry = try #require(source.components(separatedBy: "\"plimsoll \(command)\":").last)
    let end = entry.range(of: "\"plimsoll ")?.lowerBound ?? entry.endIndex
    let named = entry[..<end].matches(of: /"(--[a-z0-9-]+)"/).map { String($0.1) }
    let usual = try run([command, "--help"]).output
    #expect(!named.isEmpty)
    for option in named { #expect(usual.contains("  \(option)"), "\(option)") }
  }

  @Test func aListThatIsWatchedNeedsATerminal() throws {
    let outcome = try run(["ps", "--watch"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("--watch needs a terminal"))
  }

  /// What every option has to say fits beside its name, or below it in two lines at most.
  @Test(arguments: commands) func anOptionTakesFewLines(_ command: String) throws {
    let lines = try run([command, "--help"]).output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.count <= 80 })
    var run = 0
    for line in lines {
      run = line.hasPrefix("          ") ? run + 1 : 0
      #expect(run <= 2, "\(line)")
    }
  }

  /// An example that is broken over lines cannot be pasted.
  @Test(arguments: commands) func examplesFitTheirLines(_ command: String) throws {
    let lines = try run([command, "--help"]).output.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.hasPrefix("Examples:") })
    for line in lines[(start + 1)...].prefix(while: { !$0.isEmpty }) {
      #expect(line.hasPrefix("  plimsoll ") && line.count <= 80, "\(line)")
    }
  }

  /// What a shell asks while somebody types.
  @Test(arguments: [
    (["plan", "--", "positional@0", "2", "8", "plimsoll", "plan", "qwen3-8"], "qwen3-8b"),
    (["plan", "--", "--on", "3", "7", "plimsoll", "plan", "--on", "rtx-409"], "rtx-4090"),
    (["report", "--", "positional@0", "2", "2", "plimsoll", "report", "la"], "last"),
  ])
  func shellsAreOfferedNames(_ words: [String], _ name: String) throws {
    let outcome = try run(["---completion"] + words)
    #expect(outcome.output.split(separator: "\n").contains(Substring(name)), "\(outcome)")
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func everyShellAsksForNames(_ shell: String) throws {
    let script = try run(["--generate-completion-script", shell]).output
    #expect(script.contains("---completion"))
  }

  @Test func theVersionNamesItsBuild() throws {
    let output = try run(["--version"]).output
    #expect(
      output.wholeMatch(of: /plimsoll \d+\.\d+\.\d+( \((commit [0-9a-f]{7}, )?built \d{4}-\d\d-\d\d\))?\n/) != nil)
  }

  @Test(arguments: [("plna", "plimsoll plan"), ("modles", "plimsoll models"), ("benhc", "plimsoll bench")])
  func aMistypedCommandIsToldTheNearest(_ word: String, _ meant: String) throws {
    let outcome = try run([word, "--json"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("unknown-command"))
    #expect(outcome.errors.contains(meant))
  }

  @Test func aMistypedOptionIsToldTheNearest() throws {
    let outcome = try run(["bench", "http://127.0.0.1:1", "--concurency", "4"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("--concurrency"))
  }

  /// A full disk is no success.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")), arguments: [["--help"], ["machines", "list"]])
  func outputThatCannotBeWrittenIsAnError(_ words: [String]) throws {
    let outcome = try run(words, through: ["/bin/sh", "-c", "exec \"$@\" > /dev/full", "sh"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("output-not-written"))
  }

  /// Whoever reads no further has what they wanted.
  @Test func aClosedPipeIsSilent() throws {
    let wrapper = ["/bin/bash", "-c", "\"$@\" | head -1 > /dev/null; exit ${PIPESTATUS[0]}", "bash"]
    let outcome = try run(["machines", "list"], through: wrapper)
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.isEmpty)
  }

  /// Names from files reach no terminal with their escapes, and no reader in another order.
  @Test(arguments: [[], ["--yaml"], ["--json"]]) func whatComesFromOutsideSteersNothing(_ form: [String]) throws {
    let program = try Program()
    defer { program.remove() }
    let profile = """
      schema: plimsoll.machine/1
      name: "evil\\e]0;owned\\a\\u202Egnp.exe"
      memory: {totalBytes: {value: 68719476736, source: {kind: user, detail: by hand}}}
      """
    let path = "\(program.home)/evil.yaml"
    try Data(profile.utf8).write(to: URL(filePath: path))
    let outcome = try program.run(["machines", "show", path] + form)
    #expect(outcome.exitCode == 0)
    let steering = outcome.output.unicodeScalars.filter { ($0.value < 0x20 && $0 != "\n") || $0.value == 0x202E }
    #expect(steering.isEmpty)
  }
}
