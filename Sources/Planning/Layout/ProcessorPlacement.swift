import Engines
import Hardware
import Units

/// Places servers on processors alone: on which NUMA nodes, how many, and with whose memory.
///
/// One stream is fastest where threads and pages are on one node. Requests at once go to a server on each node, each with
/// its own copy of the weights; whether several on a node are faster still is asked of the speed model. A model that is
/// larger than a node's memory is spread over all of them.
struct ProcessorPlacement {
  let machine: Machine
  let abilities: LayoutAbilities
  /// Requests in flight.
  let streams: Int
  /// Copies that were asked for; nil leaves the number to the search.
  var replicas: Int?
  /// True where the memory of each server's place holds it.
  let holds: (Placement) -> Bool
  /// Output tokens a second of all streams; nil where the speed is not known.
  let rate: (Placement) -> Double?

  /// Returns the placement and why; nil where no placement holds the model.
  func found() -> (placement: Placement, why: Reason)? {
    if let replicas {
      if replicas > 1 {
        let copies = copies(replicas)
        return holds(copies) ? (copies, Self.reason(asked: replicas, of: nodes.count)) : nil
      }
      return single()
    }
    return several() ?? single()
  }

  private var nodes: [ProcessorNode] { machine.processorNodes }

  private func copies(_ count: Int) -> Placement {
    var placement = Placement()
    placement.replicas = count
    return placement
  }

  /// Every way to fill the processors with servers: one where it holds the model, one on each node, several on each.
  func all() -> [(placement: Placement, why: Reason)] {
    var found = single().map { [$0] } ?? []
    let counts =
      [nodes.count] + (abilities.sharesNode ? Self.perNode.filter { isWide(for: $0) } : []).map { $0 * nodes.count }
    for count in counts where count > 1 {
      found.append((copies(count), Self.reason(asked: count, of: nodes.count)))
    }
    return found
  }

  /// True where a node has the cores for so many servers.
  private func isWide(for each: Int) -> Bool {
    coresOfNode >= Self.leastCoresOfNode && coresOfNode / each >= Self.leastCores
  }

  // MARK: - One server

  private func single() -> (placement: Placement, why: Reason)? {
    let plain = Placement()
    guard nodes.count > 1 else {
      return holds(plain)
        ? (plain, Reason(.oneNode, "one server (single NUMA node)")) : nil
    }
    var bound = plain
    bound.numaNode = nodes.first?.id
    var spread = plain
    spread.interleave = true
    // Some servers bind their processes themselves.
    guard !abilities.bindsItself, holds(bound) else {
      guard holds(spread) else { return nil }
      return (
        spread,
        abilities.bindsItself
          ? Reason(.interleave, "one server, with memory spread over all NUMA nodes")
          : Reason(.interleave, "the model is larger than one NUMA node: memory is spread over all nodes")
      )
    }
    if let alone = rate(bound), let all = rate(spread), all > alone * crossingMargin, holds(spread) {
      return (
        spread,
        Reason(
          .interleave,
          "one server over all \(nodes.count) NUMA nodes: \(all.formatted(significant: 3)) tok/s predicted, "
            + "\(alone.formatted(significant: 3)) on one node",
          remedy: "at least half of the reads cross between nodes, which predictions ignore: measure both"
        )
      )
    }
    return (
      bound, Reason(.bindToNode, "one server on one NUMA node, where one stream is fastest")
    )
  }

  /// How much faster a server over all nodes must be expected to be: reads over the link between them are not in the
  /// speed model. With two nodes every second read of a single stream is one; the arithmetic of many streams crosses less.
  private var crossingMargin: Double { streams > 1 ? 1.25 : 2 }

  // MARK: - Copies

  private func several() -> (placement: Placement, why: Reason)? {
    guard streams > 1 else { return nil }
    var best: (count: Int, rate: Double?)?
    if nodes.count > 1, streams >= nodes.count, holds(copies(nodes.count)) {
      best = (nodes.count, rate(copies(nodes.count)))
    }
    let first = best?.rate ?? (nodes.count == 1 ? rate(Placement()) : nil)
    if let first, abilities.sharesNode {
      var most = first
      for each in Self.perNode {
        let count = each * nodes.count
        guard count <= streams, isWide(for: each) else { break }
        guard holds(copies(count)), let rate = rate(copies(count)), rate > most * Self.gain else { continue }
        (most, best) = (rate, (count, rate))
      }
      if let best, best.count > nodes.count {
        return (copies(best.count), severalOnNode(best.count, rate: most, insteadOf: first))
      }
    }
    guard let best else { return nil }
    return (
      copies(best.count),
      Reason(
        .oneServerPerNode,
        "\(best.count) servers, each on its own NUMA node with a copy of the model")
    )
  }

  /// Servers on one node that are asked about, the least cores of each, and of a node with several: what was measured of
  /// several processes (Ampere's published runs on 80 and 128 cores, 8 threads each and more). A desktop keeps one address.
  private static let perNode = [2, 3, 4, 5, 8, 10]
  private static let leastCores = 8
  private static let leastCoresOfNode = 32
  /// What another copy of the weights must bring.
  private static let gain = 1.1

  private var coresOfNode: Int { nodes.compactMap(\.cores).min() ?? 0 }

  private func severalOnNode(_ count: Int, rate: Double, insteadOf single: Double) -> Reason {
    let each = count / nodes.count
    let place = nodes.count > 1 ? "\(each) on each of \(nodes.count) NUMA nodes" : "sharing the cores"
    return Reason(
      .severalServersPerNode,
      "\(count) servers, \(place), each with a copy of the model: \(rate.formatted(significant: 3)) tok/s predicted, "
        + "\(single.formatted(significant: 3)) with one\(nodes.count > 1 ? " per node" : "")")
  }

  private static func reason(asked count: Int, of nodes: Int) -> Reason {
    let place = nodes > 1 ? ", bound to the NUMA nodes in turn" : ""
    return Reason(.copiesAsked, "\(count) servers, as asked, each with a copy of the model\(place)")
  }
}
