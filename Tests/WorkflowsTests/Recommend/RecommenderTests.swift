import Engines
import Foundation
import Hardware
import Models
import Planning
import Profiles
import Testing
import Units

@testable import Reporting
@testable import Workflows

/// Filters, the scale of published scores, and the screen.
@Suite struct RecommenderTests {
  private func entries() throws -> [ModelEntry] {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    return try fixture.workspace.catalogue().modelCatalogue().entries()
  }

  @Test func nothingRanksAbovePublishedResultsOnNothing() throws {
    let all = try entries()
    let index = PublishedIndex(all, for: .chat)
    func value(_ name: String) throws -> PublishedQualityOfModel {
      let entry = try #require(all.first { $0.name == name })
      return try #require(index.quality(of: entry))
    }
    // A later, larger and published model is above its predecessor; a fine-tune without scores is not above its base.
    #expect(try value("qwen3-32b").index > value("qwen3-8b").index)
    #expect(try value("qwen3-8b").index > value("qwen3-0.6b").index)
    #expect(try value("gpt-oss-safeguard-20b").index < value("gpt-oss-20b").index)
    #expect(try value("gpt-oss-safeguard-20b").isEstimated)
    let best = try value("qwen3-32b")
    #expect(!best.isEstimated && !best.scores.isEmpty && best.latest != nil)
    #expect(best.scores.allSatisfy { !$0.source.isEmpty })
  }

  /// The order of the entries and of their scores changes nothing.
  @Test func theScaleIsOfTheWholeCatalogue() throws {
    let all = try entries()
    let forward = PublishedIndex(all, for: .code)
    let backward = PublishedIndex(all.reversed(), for: .code)
    for entry in all {
      guard let one = forward.quality(of: entry)?.index, let other = backward.quality(of: entry)?.index else {
        continue
      }
      #expect(abs(one - other) < 0.2, "\(entry.name)")
    }
  }

  @Test func filtersKeepWhatIsAskedFor() throws {
    let all = try entries()
    var filter = RecommendationFilter()
    (filter.license, filter.maker, filter.since) = ("apache", "alibaba", "2025-04")
    (filter.leastParameters, filter.mostParameters) = (1e9, 10e9)
    filter.callsTools = true
    let kept = all.filter(filter.admits)
    #expect(!kept.isEmpty)
    for entry in kept {
      #expect(entry.license == "Apache-2.0" && entry.maker == "Alibaba")
      #expect((1_000_000_000...10_000_000_000).contains(entry.parameters) && (entry.released ?? "") >= "2025-04")
      #expect(entry.uses.contains(.toolUse) && entry.uses.contains(.chat))
    }
    filter.use = .embedding
    #expect(all.filter(filter.admits).allSatisfy { $0.uses.contains(.embedding) })
    filter = RecommendationFilter()
    filter.leastContext = 1_000_000
    #expect(all.filter(filter.admits).allSatisfy { max($0.contextLength ?? 0, $0.contextExtended ?? 0) >= 1_000_000 })
  }

  @Test func quantizedCopiesAreNotListedBesideTheirModels() throws {
    let all = try entries()
    let copy = try #require(all.first { $0.name == "qwen3-32b-fp8" })
    #expect(all.contains { copy.isQuantizedCopy(of: $0) })
    let original = try #require(all.first { $0.name == "gpt-oss-20b" })
    #expect(!all.contains { original.isQuantizedCopy(of: $0) })
  }

  /// The usual list is one screen of 80 columns, and its last line starts the first.
  @Test func theListIsOneScreen() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let recommender = Recommender(
      for: try fixture.workspace.machine("rtx-4090, 64 GiB"), use: .chat, in: fixture.workspace)
    let document = try recommender.recommended()
    let first = try #require(document.models.first)
    #expect(document.models.count == 10)
    #expect(document.models.allSatisfy { $0.standing == .good })
    #expect(Set(document.models.map(\.name)).count == 10)
    let lines = TextTable.$terminalWidth.withValue(80) { RecommendationScreen(document).rendered() }
      .split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 24, "\(lines.count)")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.first?.contains(first.name) == true)
    #expect(lines.contains { $0.hasPrefix("Next: plimsoll run \(first.name)") })
    let csv = document.csv().split(separator: "\r\n")
    #expect(csv.count == 11 && csv[1].hasPrefix("1,\(first.name),"))
    let left = document.leftOut
    #expect(left.filtered + left.doNotFit + left.unknownShape + left.belowTheList + 10 == document.total)
  }

  /// What is listed is what `fit` chooses.
  @Test func theFormIsThatOfThePlan() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let machine = try fixture.workspace.machine("apple-m4-max-40core-128gb")
    var recommender = Recommender(for: machine, use: .chat, in: fixture.workspace)
    recommender.limit = 3
    for row in try recommender.recommended().models {
      let entry = try fixture.workspace.catalogue().modelCatalogue().entry(named: row.name)
      var request = PlanRequest(model: try entry.model(), machine: machine)
      request.published = entry.published
      let plan = fixture.workspace.planner(for: machine).plan(request)
      let chosen = try #require(plan.chosen.map { plan.options[$0] })
      #expect(chosen.quantization == row.quantization && chosen.engine == row.engine)
      #expect(chosen.speed?.decode?.expected == row.tokensPerSecond?.expected)
      #expect(chosen.largestContext?.value == row.contextLength)
    }
  }

  /// A model with less context than the use needs, or that leaves the system no memory, comes after those that have both.
  @Test(arguments: ["apple-m2-16gb", "apple-m1-8gb", "jetson-orin-nano-8gb", "cpu 8 cores, 16 GiB, 51 GB/s"])
  func crampedModelsComeAfterOthers(_ name: String) throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let machine = try fixture.workspace.machine(name)
    var recommender = Recommender(for: machine, use: .chat, in: fixture.workspace)
    recommender.limit = 12
    let rows = try recommender.recommended().models
    #expect(rows.map(\.standing) == rows.map(\.standing).sorted())
    let total = try #require(machine.memory.totalBytes).value
    for row in rows where row.standing == .good {
      #expect((row.contextLength ?? 0) >= 4096, "\(row.name)")
      let memory = try #require(row.memoryHighBytes)
      #expect(total - memory >= ByteCount(min(2 << 30, total.bytes / 4)), "\(row.name) \(memory)")
    }
  }

  /// Where experts lie on the host, more of them there make room for context: a layout for the least of it says nothing.
  @Test func aMixtureBesideTheCardHasTheContextThatCanBeHad() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let machine = try fixture.workspace.machine("rtx-4090, 64 GiB")
    var recommender = Recommender(for: machine, use: .chat, in: fixture.workspace)
    recommender.filter.leastParameters = 30e9
    recommender.filter.mostParameters = 40e9
    recommender.limit = 3
    let row = try #require(try recommender.recommended().models.first { $0.name == "qwen3.6-35b-a3b" })
    #expect((row.contextLength ?? 0) >= 16_384, "\(row.contextLength ?? 0)")
  }

  /// An embedder writes nothing: its speed is that of reading, on every engine.
  @Test func embeddersAreComparedByTheSpeedOfReading() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let machine = try fixture.workspace.machine("rtx-4090, 64 GiB")
    let rows = try Recommender(for: machine, use: .embedding, in: fixture.workspace).recommended().models
    #expect(rows.count == 10)
    for row in rows { #expect((row.tokensPerSecond?.expected ?? 0) > 5000, "\(row.name)") }
  }

  /// What has no scores for a use, and good ones in general, is listed beside what was made for the use, marked as estimated.
  @Test func generalScoresStandInForMissingOnes() throws {
    let all = try entries()
    let index = PublishedIndex(all, for: .code)
    let general = try #require(all.first { $0.name == "qwen3.5-9b" })
    let small = try #require(all.first { $0.name == "exaone-4.0-1.2b" })
    let quality = try #require(index.quality(of: general))
    #expect(quality.isEstimated)
    #expect(quality.index > index.quality(of: small)?.index ?? 100)
    var filter = RecommendationFilter()
    filter.use = .code
    #expect(filter.admits(general))
  }

  @Test func aFilterThatNothingMeetsIsRefusedWithWhatThereIs() throws {
    let all = try entries()
    var filter = RecommendationFilter()
    filter.license = "nonsense"
    let failure = #expect(throws: Failure.self) { try filter.check(all) }
    #expect(failure?.outcome == .usage)
    #expect(failure?.reason.remedy?.contains("Apache-2.0") == true)
    (filter.license, filter.maker) = ("apache", "alibaba")
    try filter.check(all)
    filter.task = .vision
    #expect(all.filter(filter.admits).allSatisfy { $0.uses.contains(.vision) })
  }

  /// The fastest first, the least memory first: what an objective asks for is what counts.
  @Test func anObjectiveDecidesWhatCounts() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let machine = try fixture.workspace.machine("rtx-4090, 64 GiB")
    func first(_ kind: Objective.Kind) throws -> Recommendation {
      var recommender = Recommender(for: machine, use: .chat, in: fixture.workspace)
      recommender.objective = Objective(kind)
      recommender.limit = 1
      return try #require(try recommender.recommended().models.first)
    }
    let (usual, fast, small) = (try first(.interactive), try first(.speed), try first(.memory))
    #expect((fast.tokensPerSecond?.expected ?? 0) > 2 * (usual.tokensPerSecond?.expected ?? 0))
    #expect((small.memoryHighBytes ?? .zero) < (usual.memoryHighBytes ?? .zero))
    #expect(try first(.quality).quality.index >= usual.quality.index)
  }

  /// A model that is too slow or too large is answered with one that is neither.
  @Test func whatIsTooSlowIsAnsweredWithWhatIsNot() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let machine = try fixture.workspace.machine("rtx-4090, 64 GiB")
    let entry = try fixture.workspace.catalogue().modelCatalogue().entry(named: "llama-3.3-70b-instruct")
    var request = PlanRequest(model: try entry.model(), machine: machine)
    request.published = entry.published
    request.enginesHere = []
    let plan = fixture.workspace.planner(for: machine).plan(request)
    let instead = try #require(fixture.workspace.alternative(to: plan, for: nil))
    #expect(instead.missingTokensPerSecond == nil)
    let screen = TextTable.$terminalWidth.withValue(80) {
      FitScreen(plan, runName: "llama-3.3-70b-instruct", instead: instead).rendered()
    }
    let words = screen.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("runs \(instead.name) well"))
    // Spoilt forms are no advice.
    #expect(!screen.contains("Q2_K"))
    #expect(screen.contains("on the host"))
    #expect(screen.contains("is not installed here: plimsoll engines install"))
    #expect(screen.split(separator: "\n", omittingEmptySubsequences: false).count <= 24)
    #expect(PlanScreen(plan).rendered().contains("is not installed here: plimsoll engines install"))
    #expect(plan.enginesHere == [])
  }

  @Test func enginesOfThePathAreHere() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    let path = try fixture.write("#!/bin/sh\n", to: "bin/llama-server")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    let workspace = Workspace(environment: ["PLIMSOLL_HOME": fixture.folder, "PATH": "\(fixture.folder)/bin"])
    #expect(workspace.enginesHere.contains(.llamaCpp))
    #expect(!workspace.enginesHere.contains(.vllm))
  }

  @Test func enginesThatAreNotHereAreNamedWithTheirInstallation() throws {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    var recommender = Recommender(
      for: try fixture.workspace.machine("cpu 8 cores, 16 GiB, 51 GB/s"), use: .chat, in: fixture.workspace)
    recommender.limit = 3
    recommender.enginesHere = []
    let missing = RecommendationScreen(try recommender.recommended()).rendered()
    #expect(missing.contains("llama.cpp is not installed here: plimsoll engines install llama.cpp"))
    recommender.enginesHere = [.llamaCpp]
    #expect(!RecommendationScreen(try recommender.recommended()).rendered().contains("not installed"))
  }
}
