import ArgumentParser

/// Whether the answer is printed for other programs.
struct JSONOption: ParsableArguments {
  @Flag(help: "Print JSON.") var json = false
}
