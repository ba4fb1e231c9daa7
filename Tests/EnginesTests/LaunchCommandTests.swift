import Foundation
import Testing

@testable import Engines

@Suite struct LaunchCommandTests {
  @Test func theCommandIsQuotedForAShellWithAllThatItNeeds() throws {
    let launch = LaunchConfiguration(
      program: "llama-server", flags: [LaunchFlag("-m", "/models/it's here.gguf", reason: "the model")],
      environment: ["B": "x y", "A": "1"], wrapper: LaunchFlag("numactl", "--membind=1", reason: "its node"))
    let command = #"A=1 B='x y' numactl --membind=1 llama-server -m '/models/it'\''s here.gguf'"#
    #expect(launch.command == command)
    let written = try JSONEncoder().encode(launch)
    #expect(try JSONDecoder().decode([String: Either].self, from: written)["command"] == .text(command))
    #expect(try JSONDecoder().decode(LaunchConfiguration.self, from: written).command == command)
  }

  @Test func cacheTypesAreThoseOfTheMemoryRules() {
    let taken = KVCacheType.names.filter { CacheRow.named($0) != nil }
    #expect(Set(LlamaCpp().planning.cacheTypes) == Set(taken))
    for kind in EngineKind.allCases {
      #expect(kind.planning.cacheTypes.allSatisfy { KVCacheType.names.contains($0) })
    }
  }

  private enum Either: Decodable, Equatable {
    case text(String)
    case other

    init(from decoder: any Decoder) throws {
      self = (try? decoder.singleValueContainer().decode(String.self)).map { .text($0) } ?? .other
    }
  }
}
