import ArgumentParser
import Hub
import Models
import Platform
import Reporting
import Units
import Workflows

/// What a model is, from its headers alone.
struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a model is, from its headers alone.",
    usage: "plimsoll inspect MODEL [OPTIONS]",
    discussion: """
      Examples:
        plimsoll inspect model.gguf --tensors
        plimsoll inspect hf:bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Q4_K_M

      Reads only the header of a remote file, and never runs code from a model.
      """)

  @Argument(help: "A model, as for plimsoll plan.", completion: Completion.models) var model: String
  @Flag(help: "List every tensor with its type, shape and bytes.") var tensors = false
  @Flag(help: "Print JSON (plimsoll.model/1).") var json = false

  func run() async throws {
    let found = try await ModelSource(model, in: Workspace.ofCommand()).read()
    if json {
      return try JSONOutput.print(InspectDocument(found.model, listsTensors: tensors, fetched: found.fetched))
    }
    let lines = ModelDescription(found.model, listsTensors: tensors).rendered()
    // A line's end in a name must not start a line of its own.
    Terminal.result(lines.map { $0.replacing("\n", with: " ") }.joined(separator: "\n"))
    if let fetched = found.fetched {
      Terminal.note("read by \(counted(fetched.requests, "request")), \(fetched.bytes)")
    }
  }
}
