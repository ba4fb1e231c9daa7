import Benchmarking
import Engines
import Fixtures
import Planning
import Platform
import Records
import Testing
import Units

@testable import Deployment
@testable import Reporting

/// The usual answers on a terminal of 80 columns and 24 lines.
@Suite struct ScreenTests {
  private func screen(_ render: () -> String) -> [Substring] {
    TextTable.$terminalWidth.withValue(80) { render() }.split(separator: "\n", omittingEmptySubsequences: false)
  }

  @Test func aPlanAnswersFirstAndFits() {
    let lines = screen { PlanScreen(PlanBuilder.plan(), deployWords: ["model.gguf"]).rendered() }
    #expect(lines.first?.contains("run Q4_1 with llama.cpp") == true)
    #expect(lines.count <= 24)
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.contains("Next: plimsoll deploy model.gguf"))
  }

  /// A long plan shows the chosen option and its neighbours, and says how many more there are.
  @Test func aLongPlanStillFits() throws {
    var plan = PlanBuilder.plan()
    let option = try #require(plan.options.last)
    plan.options += (0..<40).map { number in
      var copy = option
      copy.quantization = "Q\(number)"
      return copy
    }
    let lines = screen { PlanScreen(plan).rendered() }
    #expect(lines.count <= 24)
    #expect(lines.contains { $0.contains(/3\d more with --verbose/) })
    #expect(lines.contains { $0.hasPrefix(">") })
  }

  /// What loses more on the same engine without being faster or smaller is not worth a row.
  @Test func whereRowsAreFewTheyAreThoseThatSomebodyWouldTake() throws {
    var plan = PlanBuilder.plan()
    let option = try #require(plan.options.last)
    plan.options = (0..<24).map { number in
      var copy = option
      copy.quantization = "Q\(number)"
      copy.scoreLost = Figure(number < 3 ? 0.01 : 0.02, .computed, "a test")
      return copy
    }
    plan.chosen = 12
    let lines = screen { PlanScreen(plan).rendered() }
    for name in ["Q0 ", "Q1 ", "Q2 ", "Q12 "] { #expect(lines.contains { $0.contains(name) }, "\(lines)") }
  }

  /// Why a plan is tight is a line of the screen: that requests wait is more than a word in a table.
  @Test func aTightPlanSaysWhy() {
    var plan = PlanBuilder.plan()
    let words = "its cache holds 2 requests at once, fewer than the 4 planned"
    plan.options[0].reason = Reason(.tightFit, words)
    func isSaid() -> Bool { screen { PlanScreen(plan).rendered() }.contains { $0.hasPrefix("Its cache holds 2") } }
    #expect(!isSaid())
    plan.options[0].verdict = .tight
    #expect(isSaid())
  }

  /// What is dead has no process and runs no longer.
  @Test func aFailedDeploymentHasNoUptime() {
    var deployment = Deployment(
      name: "x", engine: .llamaCpp, engineBuild: nil, modelPath: "/m/x.gguf", address: ServerAddress(port: 1),
      command: [], environment: [:], startedAt: 0, log: "/nonexistent")
    deployment.process = ProcessIdentity(pid: 29_163, startTicks: 1)
    func shown() -> String {
      DeploymentListing([.init(deployment: deployment)]).rendered(at: 600, home: "/home/user")
    }
    #expect(shown().contains("29163") && shown().contains("10 min"))
    deployment.fail(Reason(.engineEnded, "it ended"), at: 300)
    #expect(shown().contains("failed") && !shown().contains("29163") && !shown().contains("10 min"))
  }

  @Test func sizesOnMoreGPUsOrFewerSayHowMany() {
    var plan = PlanBuilder.plan()
    for index in plan.options.indices { plan.options[index].placement.devices = [0] }
    let alike = screen { PlanScreen(plan).rendered() }
    #expect(!alike.contains { $0.contains("GPUs") })
    plan.options[1].placement.devices = [0, 1]
    let others = screen { PlanScreen(plan).rendered() }
    #expect(others.contains { $0.contains(/memory +GPUs/) }, "\(others)")
  }

  @Test func aSmallerFormThatNeedsMoreMemorySaysWhy() throws {
    var plan = PlanBuilder.plan()
    func isSaid() -> Bool { screen { PlanScreen(plan).rendered() }.contains { $0.hasPrefix("Q4_1: more memory than") } }
    #expect(!isSaid())
    plan.options[0].memory?.highBytes = .gibibytes(2)
    #expect(isSaid())
    // On a GPU nothing is copied.
    for index in plan.options.indices { plan.options[index].placement.devices = [0] }
    #expect(!isSaid())
  }

  @Test func whereNothingFitsThatIsTheHeadline() {
    var plan = PlanBuilder.plan()
    plan.chosen = nil
    for index in plan.options.indices { plan.options[index].verdict = .doesNotFit }
    let lines = screen { PlanScreen(plan).rendered() }
    #expect(lines.first?.hasPrefix("Nothing fits:") == true)
    #expect(lines.contains { $0.contains("does not fit") })
  }

  @Test func aBenchmarkHasARowForEachLoad() {
    var builder = RunBuilder()
    builder.requestsPerStage = 40
    let run = builder.archive().run
    let lines = screen { BenchScreen(run).rendered() }
    #expect(lines.count <= 24)
    #expect(lines.allSatisfy { $0.count <= 80 })
    for stage in run.stages { #expect(lines.contains { $0.hasPrefix(stage.name) }) }
    #expect(lines.contains { $0.contains("plimsoll report \(run.id)") })
  }

  /// A band says its unit once, where it is one.
  @Test(arguments: [
    ("115 tok/s", "73.5 tok/s", "181 tok/s", "115 tok/s (73.5–181)"),
    ("290 ms", "74.4 ms", "1.13 s", "290 ms (74.4 ms–1.13 s)"), ("12%", "9%", "15%", "12% (9%–15%)"),
  ])
  func aBandSaysItsUnitOnce(_ expected: String, _ low: String, _ high: String, _ words: String) {
    #expect(ReportFigure.banded(expected, low: low, high: high) == words)
  }

  /// What was asked for is repeated as it was said, not with more digits.
  @Test(arguments: [
    (2.0, "2 s"), (0.066, "66 ms"), (1.5, "1.5 s"), (30.0, "30 s"), (100.0, "100 s"), (200.0, "3 min 20 s"),
  ])
  func aStatedSpanHasNoMoreDigits(_ seconds: Double, _ words: String) {
    #expect(statedSeconds(seconds) == words)
  }

  @Test func writtenReportsAreNamedInOneLine() {
    #expect(ReportWriter.sentence(["r/run-1.md", "r/run-1.html"]) == "Report: r/run-1.html (also .md)")
    #expect(ReportWriter.sentence(["r/run-1.md"]) == "Report: r/run-1.md")
    #expect(ReportWriter.sentence([]).isEmpty)
  }

  /// Two runs of three loads each have to fit, with the line that names the report.
  @Test func twoRunsBesideEachOtherFit() throws {
    func run(_ parameters: Int) -> Run {
      var run = RunBuilder().archive().run
      run.model?.parameters?.value = parameters
      run.model?.headerDigest = "digest \(parameters)"
      if let stage = run.stages.first { run.stages = [stage, stage, stage] }
      return run
    }
    let pair = try #require(SideBySide(run(1_000_000_000), run(8_000_000_000), []))
    let lines = screen { pair.rendered() }
    #expect(lines.count <= 22)
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test func thisMachineTakesThreeLines() {
    let lines = screen { Welcome(MachineBuilder.smallServer()).rendered() }
    #expect(lines.count <= 24)
    #expect(lines.prefix(3).map { String($0.prefix { $0 != " " }) } == ["Processor", "Memory", "GPU"])
  }

  /// Colour is only there where it is asked for, and never changes what is read.
  @Test func styleChangesNoWord() {
    func rendered() -> String { PlanScreen(PlanBuilder.plan()).rendered() }
    let plain = rendered()
    let styled = TextStyle.$isOn.withValue(true) { rendered() }
    #expect(!plain.contains("\u{1B}"))
    #expect(styled.contains("\u{1B}[32m"))
    #expect(styled.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
  }

  @Test func tablesStayStraightUnderStyles() {
    var table = TextTable(["name", ">value", "word"])
    table.add(["a", "1", "fits"], styles: [0: .strong, 1: .bad, 2: .good])
    table.add(["longer", "1234", ""], styles: [1: .bad])
    let styled = TextStyle.$isOn.withValue(true) { table.rendered() }
    #expect(styled.replacing(/\u{1B}\[[0-9]+m/, with: "") == table.rendered())
  }

  @Test func proseBreaksBetweenWords() {
    let text = "one two three four five six seven eight nine ten eleven twelve"
    let lines = Prose.wrapped(text, to: 30, indent: 2).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 30 })
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ") })
    #expect(lines.joined(separator: " ").split(separator: " ").joined(separator: " ") == text)
    let path = "/" + String(repeating: "x", count: 60)
    #expect(Prose.wrapped("see \(path) now", to: 30).contains(path))
  }

  /// Columns that are set with blanks stay straight; only the blanks where a line breaks are gone.
  @Test func columnsStayStraightInProse() {
    #expect(Prose.wrapped("Memory   23.5 GiB", to: 40, indent: 9) == "Memory   23.5 GiB")
    #expect(Prose.wrapped("Memory   one two three four", to: 20, indent: 9) == "Memory   one two\n         three four")
  }

  @Test func machinesAreCountedByKindAndMaker() {
    let rows = [("machines", "a1", "Apple"), ("machines", "a2", "Apple"), ("machines", "d1", "Dell")].map {
      MachineListing.Row(kind: $0.0, name: $0.1, maker: $0.2)
    }
    let lines = screen { MachineListing(rows).counts() }
    #expect(lines == ["Computers, servers and cloud instances (3)", "  Apple 2, Dell 1"])
  }
}
