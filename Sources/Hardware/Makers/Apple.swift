import Units

extension Maker {
  public static let apple = Maker(canonical: "Apple")
}

/// What Apple's GPUs need: nothing but their processor, since no container and no cluster reaches them.
enum Apple {
  static let facts: MakerFacts = {
    var facts = MakerFacts(.apple, aliases: ["Apple"])
    facts.implementer = "apple"
    facts.memoryCommand = "system_profiler SPDisplaysDataType"
    facts.sharedMemoryRemedy = { wanted in
      "sudo sysctl iogpu.wired_limit_mb=\((wanted.bytes >> 20) + 1) lets the GPU use that much, until the next start"
    }
    return facts
  }()
}
