public import Engines
public import Units

/// Memory of the host that one server's processes are given where somebody holds them to it: a cluster, a service manager.
///
/// The request is what they are expected to hold; above the limit they are killed, so that it has room for everything that
/// the kernel counts to them: pages of mapped weights, shared memory, and what loading and compiling take for a while.
public struct HostMemory: Hashable, Sendable {
  /// What the request is made of.
  public let requested: [Figure<ByteCount>]
  /// What the limit has on top.
  public let spare: [Figure<ByteCount>]

  public var request: ByteCount { requested.reduce(.zero) { $0 + $1.value } }
  public var limit: ByteCount { spare.reduce(request) { $0 + $1.value } }

  /// `/dev/shm` for the workers of tensor parallelism; 64 MiB, unless said otherwise, are too few for NCCL.
  public static let sharedMemory = ByteCount.gibibytes(16)

  // Guesses on the safe side, never measured on a GPU: each process has PyTorch's libraries, each worker those of CUDA,
  // its context's part on the host and NCCL's page-locked buffers too. The processes of vLLM 0.32's CPU build held 2 GiB
  // beside weights and cache (`reports/engines`). Its engine of today swaps no cache to the host.
  private static let frontEnd = ByteCount.gibibytes(4)
  private static let worker = ByteCount.gibibytes(6)
  /// A driver's context of an accelerator in a process of llama.cpp's.
  private static let context = ByteCount.gibibytes(1)

  /// - Parameters:
  ///   - planned: the upper end of the plan's memory on the host; nil takes the weights and a fifth.
  ///   - weights: the model's files, on each of `nodes` machines its part.
  ///   - devices: accelerators that the server has on one machine; 0 is the CPU.
  public init(
    engine: EngineKind, planned: ByteCount?, weights: ByteCount, devices: Int, nodes: Int, sharesMemory: Bool
  ) {
    let part = weights.scaled(by: 1 / Double(max(1, nodes)))
    let host =
      planned.map { Figure($0, .computed, "the plan on the host") }
      ?? Figure(devices > 0 && engine == .vllm ? .zero : part.scaled(by: 1.2), .assumed, "the weights and a fifth")
    var requested = [host].filter { $0.value > .zero }
    var spare = [Figure(part, .header, "pages of the weights' files while they are read, which count as cache")]
    switch engine {
    case .vllm:
      requested.append(Figure(Self.frontEnd, .assumed, "vLLM's front end and scheduler, Python with PyTorch"))
      let workers = max(1, devices)
      let held = Self.worker.scaled(by: Double(workers))
      let what = "\(workers) worker\(workers == 1 ? "" : "s"), each with its driver's context and page-locked buffers"
      if devices > 0 { requested.append(Figure(held, .assumed, what)) }
      spare.append(Figure(held, .assumed, "compiling kernels and staging weights, as much again for each worker"))
    case .llamaCpp, .ampereLlamaCpp, .mlx:
      requested.append(Figure(.gibibytes(1), .assumed, "room for requests' texts and the log"))
      if devices > 0 {
        let contexts = Self.context.scaled(by: Double(devices))
        requested.append(Figure(contexts, .assumed, "\(devices) driver context\(devices == 1 ? "" : "s")"))
      }
    }
    if sharesMemory { spare.append(Figure(Self.sharedMemory, .computed, "/dev/shm, should it fill")) }
    self.requested = requested
    self.spare = spare
  }
}
