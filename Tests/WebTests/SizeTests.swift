import Engines
import Foundation
import Planning
import Profiles
import Testing
import Units
import Workflows

@testable import Web

/// What `size` is asked over the API, and how its answers are kept.
@Suite struct SizeTests {
  private static let small = #""model": "qwen3-0.6b", "machines": ["rtx-4090"], "quantizations": ["FP8"]"#

  private func asked(_ test: (WebAppFixture) async throws -> Void) async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    try await test(fixture)
  }

  private func sizing(_ text: String) throws -> Sizing { try JSONDecoder().decode(Sizing.self, from: Data(text.utf8)) }

  @Test func anAnswerIsKeptForItsReport() async throws {
    try await asked { fixture in
      let answer = await fixture.ask("POST", ["size"], "{\(Self.small), \"amount\": 1, \"study\": true}")
      #expect(answer.status == 200, "\(answer.text.prefix(300))")
      let place = try #require(answer.headers["Location"]).split(separator: "/").map(String.init)
      #expect(place.dropLast() == ["api", "v1", "sizings"])
      let name = try #require(place.last)
      #expect(await fixture.ask("GET", ["sizings", name]).text == answer.text)
      let report = await fixture.ask("GET", ["sizings", name, "report"])
      #expect(report.text.hasPrefix("<!DOCTYPE html>") && report.text.contains("Cost against confidence"))
      #expect(report.headers["Content-Security-Policy"] == WebResponse.reportPolicy)
      #expect(report.headers["Content-Disposition"] == nil)
      for (format, words) in [("md", "# Capacity"), ("csv", "machine,boxes"), ("json", "plimsoll.sizing/1")] {
        let file = await fixture.ask(
          "GET", ["sizings", name, "report"], query: ["format": format, "download": "true"])
        #expect(file.text.contains(words), "\(file.text.prefix(300))")
        #expect(file.headers["Content-Disposition"]?.hasSuffix(".\(format)\"") == true)
      }
    }
  }

  @Test func theOldestAnswerGoesFirst() throws {
    let kept = KeptSizings()
    let one = try sizing(
      #"{"schema": "plimsoll.sizing/1", "model": "m", "workload": {"name": "", "inputTokens": 1, "outputTokens": 1, "concurrency": 1}, "demand": {"kind": "concurrency", "amount": 1}, "growth": 1, "isPessimistic": false, "confidence": 0.8, "prefixHit": 0, "task": "generation", "costs": {"prices": {}, "hourlyPrices": {}, "isElectricityAssumed": false, "powerUsageEffectiveness": 1, "idleShare": 0.3, "kilowattsPerRack": 15, "hosts": [], "years": 3, "utilization": 1, "currency": "USD", "scale": 1}, "options": [], "failures": [], "notices": []}"#
    )
    let names = (0...KeptSizings.most).map { _ in kept.keep(one) }
    #expect(throws: WebFault.self) { try kept.sizing(names[0]) }
    #expect(try kept.sizing(names[1]) == one)
    for name in ["", "0", "-1", "999", "../1"] { #expect(throws: WebFault.self) { try kept.sizing(name) } }
  }

  @Test func theQuestionIsThatOfTheCommand() async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    let api = try API(fixture.workspace, program: "")
    let endpoint = try #require(api.endpoints.first { $0.name == "size" })
    let profile = try #require(try fixture.workspace.catalogue().workloads().first { $0.name == "chat" })
    func wishes(_ body: String) throws -> SizingWishes {
      let request = WebRequest(
        "POST", ["api", "v1", "size"], headers: [:], body: Array("{\"model\": \"m\", \(body)}".utf8))
      return try API.wishes(try endpoint.inputs(request, captures: [:]), profile)
    }
    let hours = (0..<24).map { $0 < 12 ? "1" : "3" }.joined(separator: ",")
    let own = try wishes("\"hours\": [\(hours)], \"daysPerWeek\": 3.5, \"outputTokenPercentile\": \"p99\"")
    #expect(own.day?.hours.first == 1.0 / 3 && own.day?.hours.last == 1 && own.day?.daysPerWeek == 3.5)
    #expect(own.outputTokenPercentile == 0.99 && own.firstTokenPercentile == nil)
    #expect(try wishes(#""day": "office""#).day == .office)
    let costs = try wishes(
      #""currency": "eur", "dollarsPerUnit": 1.1, "pue": 1.2, "rack": 150, "licencePerGPU": 4500, "host": 9000, "network": 1000, "utilization": 0.3, "breakEven": 0.5, "breakEvenInput": 0.1"#
    ).costs
    #expect(costs.currency == "EUR" && costs.dollarsPerUnit == 1.1 && costs.powerUsageEffectiveness == 1.2)
    #expect(costs.rackPerKilowattMonth == 150 && costs.licencePerAcceleratorYear == 4500)
    #expect(costs.host == 9000 && costs.network == 1000 && costs.utilization == 0.3)
    #expect(costs.pricePerMillionTokens == 0.5 && costs.pricePerMillionInputTokens == 0.1)
    let margin = try wishes(
      #""growthPerYear": 0.3, "years": 2, "peak": 1.5, "spare": 1, "pessimistic": true, "counts": ["8", "4", "8"], "nodes": 2"#
    )
    #expect(margin.growth == LoadGrowth(perYear: 0.3, years: 2) && margin.peak == 1.5 && margin.spareBoxes == 1)
    #expect(margin.isPessimistic && margin.counts == [4, 8] && margin.nodes == 2)
    let batch = try wishes(#""load": "documents", "amount": 1000, "within": 3600"#)
    #expect(batch.demand == .batch(1000, within: 3600) && !batch.workload.hasTargets)
    for refused in [
      #""hours": [\#(hours)], "day": "office""#, #""hours": [1, 2]"#,
      #""hours": [\#((0..<24).map { _ in "0" }.joined(separator: ","))]"#, #""currency": "E1""#,
      #""dollarsPerUnit": 1.1"#,
      #""breakEvenInput": 1"#, #""growth": 2, "growthPerYear": 0.1"#, #""mtp": true, "draft": "m""#,
      #""draftAcceptance": 0.5"#, #""counts": ["0"]"#, #""nodes": 2, "promptsApart": true"#,
    ] {
      #expect(throws: WebFault.self, "\(refused)") { try wishes(refused) }
    }
  }

  @Test func machinesThatWereSentAreSized() async throws {
    try await asked { fixture in
      let text = "GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-5e1b0c9a-0000-0000-0000-000000000000)\n"
      let sent = await fixture.ask("POST", ["machines"], #"{"content": "\#(text.replacing("\n", with: ""))"}"#)
      let name = try #require(sent.headers["Location"]?.split(separator: "/").last.map(String.init))
      let answer = await fixture.ask(
        "POST", ["size"],
        #"{"model": "qwen3-0.6b", "machines": ["\#(name)"], "amount": 1, "hourlyPrices": {"upload": 2}}"#)
      #expect(answer.status == 200, "\(answer.text.prefix(300))")
      #expect(try sizing(answer.text).options.isEmpty == false)
    }
  }

  @Test func whoeverGoesEndsTheSearch() async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    let api = try API(fixture.workspace, program: "")
    let endpoint = try #require(api.endpoints.first { $0.name == "size" })
    let inputs = Inputs(["model": "llama-3.1-70b", "load": "users", "amount": .number(200), "study": true])
    let work = Task { try await endpoint.handle(inputs) }
    work.cancel()
    await #expect(throws: CancellationError.self) { try await work.value }
    // Work aside is part of the task that asked.
    let seen = Task { try await aside { Task.isCancelled } }
    seen.cancel()
    #expect(try await seen.value)
  }

  @Test func kindsOfUseAndDaysAreTold() async throws {
    try await asked { fixture in
      let answer = await fixture.ask("GET", ["workloads"])
      let table = try JSONDecoder().decode(JSON.self, from: Data(answer.text.utf8))
      guard case .list(let workloads)? = table["workloads"], case .list(let days)? = table["days"] else {
        Issue.record("\(answer.text.prefix(300))")
        return
      }
      #expect(Set(workloads.compactMap { $0["name"] }) == Set(API.workloadNames.map { .text($0) }))
      #expect(days.compactMap { $0["name"] } == ["office", "global"])
    }
  }
}
