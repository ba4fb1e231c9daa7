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

  /// - Parameters:
  ///   - planned: the upper end of the plan's memory on the host; nil takes the weights and a fifth.
  ///   - weights: the model's files, on each of `nodes` machines its part.
  ///   - devices: accelerators that the server has on one machine; 0 is the CPU.
  public init(
    engine: EngineKind, planned: ByteCount?, weights: ByteCount, devices: Int, nodes: Int, sharesMemory: Bool
  ) {
    let needs = EngineCatalogue.engine(engine).serving.host
    let part = weights.scaled(by: 1 / Double(max(1, nodes)))
    let host =
      planned.map { Figure($0, .computed, "the plan on the host") }
      ?? Figure(
        devices > 0 && needs.keepsWeightsOffHost ? .zero : part.scaled(by: 1.2), .assumed, "the weights and a fifth")
    var requested = [host].filter { $0.value > .zero }
    var spare = [Figure(part, .header, "page cache of the weights' files")]
    requested.append(needs.base)
    let count = max(1, devices)
    let held = needs.eachDevice.scaled(by: Double(count))
    if devices > 0 {
      let words = needs.deviceWords[count == 1 ? 0 : needs.deviceWords.count - 1]
      requested.append(Figure(held, .assumed, "\(count) \(words)"))
    }
    if let words = needs.startWords { spare.append(Figure(held, .assumed, words)) }
    if sharesMemory { spare.append(Figure(Self.sharedMemory, .computed, "/dev/shm, should it fill")) }
    self.requested = requested
    self.spare = spare
  }
}
