import Hardware
import Models
import Planning
import Units

/// Called by libFuzzer with bytes of its choice; whatever header they make, the planner answers.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let model = try? ModelReader.read(bytes, as: .gguf) else { return 0 }
  var machine = Machine(name: "fuzz")
  machine.memory.totalBytes = Figure(.gibibytes(64), .user, "fuzz")
  var card = Accelerator(vendor: Figure(Maker("NVIDIA"), .user, "fuzz"))
  card.memoryBytes = Figure(.gibibytes(24), .user, "fuzz")
  machine.accelerators = [card, card]
  var request = PlanRequest(model: model, machine: machine)
  request.engines = [.llamaCpp, .vllm, .mlx]
  request.quantizations = .named(["Q4_K_M"])
  var checkpoint = model
  checkpoint.format = .safetensors
  for model in [model, checkpoint] {
    request.model = model
    request.siblings = [model]
    request.quantizations = .files
    _ = Planner().plan(request)
  }
  return 0
}
