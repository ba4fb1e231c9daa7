import ArgumentParser
import Foundation
import Hardware
import Platform
import Units

/// Starts a program bound to CPUs and memory nodes; what `deploy` puts before a server's command in place of `numactl`.
struct Bind: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bind", abstract: "Start a program on some CPUs and memory nodes, as numactl does.",
    discussion: "Example: plimsoll bind --membind=1 --cpunodebind=1 -- llama-server -m model.gguf", shouldDisplay: false
  )
  @Option(help: "CPUs by their numbers, such as 0-3,8.") var physcpubind: String?
  @Option(help: "Use CPUs of these nodes.") var cpunodebind: String?
  @Option(help: "Use memory of these nodes only.") var membind: String?
  @Option(help: "Nodes over which pages are spread: a list, or all.") var interleave: String?
  @Argument(parsing: .captureForPassthrough, help: "The program and its arguments.") var command: [String]

  func run() throws {
    var binding = ProcessBinding()
    binding.cpus = physcpubind
    binding.cpuNodes = cpunodebind
    binding.memoryNodes = membind
    binding.interleavedNodes = interleave
    let words = command.first == "--" ? Array(command.dropFirst()) : command
    guard let program = words.first else { throw ValidationError("a program to start is missing") }
    try binding.apply()
    throw replaceProcess(by: program, Array(words.dropFirst()))
  }
}
