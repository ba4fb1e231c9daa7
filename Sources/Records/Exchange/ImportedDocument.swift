import Platform
import Benchmarking

/// One JSON document of a file to import, told apart by its members in a single pass.
enum ImportedDocument: Decodable {
  case archive(RunArchive)
  case llamaBench([LlamaBenchRow])
  case serving(VLLMBenchResult)
  case guideLLM(GuideLLMResult)
  case aiPerf(AIPerfResult)
  case request(RequestRecord)
  /// Our own table; it is no JSON, and made by whoever reads the file.
  case table([RequestTable.Row])
  case unknown

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    guard let container = try? decoder.container(keyedBy: Key.self) else {
      let rows = try decoder.singleValueContainer().decode([LlamaBenchRow].self)
      self = rows.contains { $0.avg_ns != nil } ? .llamaBench(rows) : .unknown
      return
    }
    let names = Set(container.allKeys.map(\.stringValue))
    let value = try decoder.singleValueContainer()
    if names.isSuperset(of: ["run", "requests"]) {
      self = .archive(try value.decode(RunArchive.self))
    } else if names.contains("benchmarks") {
      self = .guideLLM(try value.decode(GuideLLMResult.self))
    } else if names.contains("mean_ttft_ms") {
      self = .serving(try value.decode(VLLMBenchResult.self))
    } else if names.contains("avg_ns") {
      self = .llamaBench([try value.decode(LlamaBenchRow.self)])
    } else if names.isSuperset(of: ["outcome", "scheduled", "stage"]) {
      self = .request(try value.decode(RequestRecord.self))
    } else if names.contains("request_latency") || names.contains("records") {
      self = .aiPerf(try value.decode(AIPerfResult.self))
    } else {
      self = .unknown
    }
  }
}
