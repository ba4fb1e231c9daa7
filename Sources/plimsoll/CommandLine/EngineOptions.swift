public import ArgumentParser
public import Engines

/// Which engines are considered, and how they compute.
struct EngineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only this engine; repeatable.", valueName: "name")) var engine: [EngineKind] = []
  @Option(parsing: .unconditional, help: ArgumentHelp("CPU threads.", valueName: "n")) var threads: Int?
  @Flag(help: ArgumentHelp("vLLM: no CUDA graphs.", visibility: .hidden)) var enforceEager = false

  func validate() throws {
    if let threads, !(1...10_000_000).contains(threads) {
      throw ValidationError("--threads is from 1 to 10,000,000")
    }
  }
}

extension EngineKind: ExpressibleByArgument {}
