import ArgumentParser
import Hub
import Models
import Platform
import Reporting
import Units

/// What a model is, from its headers alone.
struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a model is: architecture, layers, tensors, context, companions, warnings.",
    discussion: """
      Example: plimsoll inspect hf:bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Q4_K_M
      reads the header of that file by a few ranged requests, and says how many.

      MODEL is a GGUF file, a safetensors or PyTorch file, a folder, a config.json, hf:org/name[@revision][:file], or
      an https:// address. Nothing in the model is ever executed.
      """)

  @Argument(help: "The model.") var model: String
  @Flag(help: "List every tensor with its type, shape and bytes.") var tensors = false
  @Flag(help: "Print JSON (plimsoll.model/1).") var json = false

  func run() async throws {
    let found = try await ModelSource(model, context: CommandContext()).read()
    if json {
      var model = found.model
      if !tensors { model.tensors = [] }
      return try JSONOutput.print(
        InspectDocument(model: model, typeBytes: found.model.typeBytes, fetched: found.fetched))
    }
    Terminal.result(ModelSummary(found.model, listsTensors: tensors).rendered().map(printable).joined(separator: "\n"))
    if let fetched = found.fetched {
      Terminal.note("read by \(counted(fetched.requests, "request")), \(fetched.bytes)")
    }
  }
}
