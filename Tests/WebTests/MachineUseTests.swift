import Deployment
import Engines
import Foundation
import Hardware
import Platform
import Reporting
import Synchronization
import Testing
import Units

@testable import Web
@testable import Workflows

/// What the page of a machine and that of a plan ask beside the commands' documents.
@Suite struct MachineUseTests {
  private func asked(_ test: (WebAppFixture) async throws -> Void) async throws {
    let fixture = try WebAppFixture()
    defer { fixture.remove() }
    try await test(fixture)
  }

  private func document(_ text: String) throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }

  @Test func whatIsInUseIsReadAndWhatCannotBeIsNull() async throws {
    try await asked { fixture in
      let answer = await fixture.ask("GET", ["machine", "use"])
      #expect(answer.status == 200, "\(answer.text)")
      let use = try document(answer.text)
      #expect(use["schema"] == "plimsoll.use/1" && use["deployments"] == [])
      // Each member is there, whatever the system tells.
      for (part, members) in [("memory", ["totalBytes", "availableBytes"]), ("cpu", ["utilization"])] {
        for member in members { #expect(use[part]?[member] != nil) }
      }
      if FileManager.default.fileExists(atPath: "/proc/stat") {
        guard case .number(let share)? = use["cpu"]?["utilization"].map(Self.number),
          case .number(let free)? = use["memory"]?["availableBytes"].map(Self.number)
        else {
          Issue.record("the kernel's files are not read: \(answer.text)")
          return
        }
        #expect((0...1).contains(share) && free > 0)
      }
    }
  }

  private static func number(_ value: JSON) -> JSON {
    if case .integer(let whole) = value { .number(Double(whole)) } else { value }
  }

  @Test func whatAnAcceleratorDoesNotTellIsNullNotNothing() throws {
    let use = MachineUse(
      time: 1, memoryBytes: nil, availableBytes: nil, cpuShare: nil,
      accelerators: [.init(name: "a", memoryBytes: .gibibytes(8), usedBytes: nil, utilization: nil)],
      deployments: [.init(name: "b", state: .loading, residentBytes: nil, acceleratorBytes: nil)])
    let document = try document(String(decoding: JSONEncoder().encode(use), as: UTF8.self))
    #expect(document["memory"] == ["totalBytes": .null, "availableBytes": .null])
    #expect(document["cpu"] == ["utilization": .null])
    #expect(
      document["accelerators"] == [
        ["name": "a", "totalBytes": .integer(8 << 30), "usedBytes": .null, "utilization": .null]
      ])
    #expect(
      document["deployments"] == [
        ["name": "b", "state": "loading", "residentBytes": .null, "acceleratorBytes": .null]
      ])
  }

  @Test func readingsGoOnUntilTheClientGoes() async throws {
    try await asked { fixture in
      let api = try API(fixture.workspace, program: "")
      let endpoint = try #require(api.endpoints.first { $0.name == "followMachineUse" })
      let answer = try await endpoint.handle(Inputs([:]))
      guard case .stream(let body) = answer.body else {
        Issue.record("no stream")
        return
      }
      let (chunks, hand) = AsyncStream<String>.makeStream()
      let reading = Task {
        defer { hand.finish() }
        try await body { hand.yield(String(decoding: $0, as: UTF8.self)) }
      }
      var events = 0
      for await chunk in chunks where chunk.hasPrefix("event: use\ndata: {") {
        events += 1
        // The server cancels the task whose client has gone.
        reading.cancel()
      }
      #expect(events == 1)
      await #expect(throws: CancellationError.self) { try await reading.value }
    }
  }

  @Test func aMachineIsToldInTheWordsOfProbe() async throws {
    try await asked { fixture in
      let own = try document(await fixture.ask("GET", ["machine", "facts"]).text)
      #expect(own["schema"] == "plimsoll.facts/1")
      let known = await fixture.ask("GET", ["machines", "2x rtx-4090, 128 GiB", "facts"])
      let facts = try document(known.text)
      guard case .text(let headline)? = facts["headline"], case .list(let unknowns)? = facts["unknowns"] else {
        Issue.record("\(known.text)")
        return
      }
      #expect(headline.contains("128 GiB") && headline.contains("2x") && headline.contains("4090"))
      #expect(unknowns.allSatisfy { $0["fact"] != nil && $0["name"] != nil && $0["reason"] != nil })
      #expect(await fixture.ask("GET", ["machines", "no-such-card", "facts"]).status == 404)
    }
  }

  @Test func rowsThatStandAloneHaveFullNames() {
    var machine = Machine(name: "box")
    machine.os = Figure("Debian 12", .assumed, "test")
    machine.unknowns = [
      UnknownFact("memory.bandwidth", reason: "not measured yet", command: "plimsoll probe --measure"),
      UnknownFact("accelerators[0-1].memoryBytes", reason: "not readable"),
    ]
    let facts = MachineFacts(machine)
    #expect(facts.facts.contains { $0.name == "Operating system" && $0.text == "Debian 12" })
    #expect(facts.unknowns.map(\.name) == ["Memory bandwidth", "GPU memory"])
  }

  @Test func theCatalogueIsListedWithoutItsFigures() async throws {
    try await asked { fixture in
      let answer = await fixture.ask("GET", ["catalogue"], query: ["kind": "accelerators"])
      guard case .list(let rows)? = try document(answer.text)["rows"] else {
        Issue.record("\(answer.text.prefix(300))")
        return
      }
      #expect(try document(answer.text)["schema"] == "plimsoll.machine-names/1")
      #expect(rows.contains(["kind": "accelerators", "name": "rtx-4090", "maker": "NVIDIA"]))
      #expect(rows.allSatisfy { $0["kind"] == "accelerators" })
      #expect(answer.text.utf8.count < 100_000)
      #expect(await fixture.ask("GET", ["catalogue"], query: ["kind": "x"]).status == 400)
    }
  }

  @Test func enginesSayWhatTheyTake() async throws {
    try await asked { fixture in
      let engines = try document(await fixture.ask("GET", ["engines"]).text)
      #expect(engines["schema"] == "plimsoll.engines/1")
      for kind in EngineKind.allCases {
        guard case .list(let types)? = engines["cacheTypes"]?[kind.rawValue] else {
          Issue.record("\(kind) says nothing")
          continue
        }
        for case .text(let type) in types {
          // A plan with each of them is answered, and no engine of that kind refuses the type.
          let body = ["model": "qwen3-0.6b", "machine": "rtx-4090, 64 GiB", "engine": kind.rawValue, "kvType": type]
          let plan = await fixture.ask(
            "POST", ["plan"], String(decoding: try JSONEncoder().encode(body), as: UTF8.self))
          #expect(plan.status == 200 && !plan.text.contains("\"unsupported-kv-type\""), "\(kind) \(type)")
        }
      }
      #expect(
        engines["contextCounts"]?["llama.cpp"] == "all-slots" && engines["contextCounts"]?["vllm"] == "one-request")
    }
  }
}
