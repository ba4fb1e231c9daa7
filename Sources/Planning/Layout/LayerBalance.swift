import Engines
import Models
import Units

/// How many layers each of several devices takes, so that all are filled alike although the experts of the first layers
/// lie in the host's memory.
///
/// llama.cpp deals layers out by count and in order: with its own shares the first devices would get the layers that
/// were emptied, and the last one all that are whole.
struct LayerBalance {
  private let layers: [Double]
  private let rooms: [Double]

  /// - Parameters:
  ///   - hostExperts: Layers, from the first, whose experts are in the host's memory.
  ///   - fit: What the devices hold with the engine's own shares: their caches and buffers are taken from it.
  init(_ tensors: [Tensor], layerCount: Int, hostExperts: Int, fit: Fit) {
    let devices = (fit.estimate?.devices ?? []).filter { !$0.isHost }
    let cache = devices.reduce(0.0) { sum, device in
      sum + Double((device.components.kvCache.value + device.components.recurrentState.value).bytes)
    }
    var layers = [Double](repeating: cache / Double(max(1, layerCount)), count: layerCount) + [0]
    for tensor in tensors {
      let place = TensorPlacement(tensor.name, layerCount: layerCount)
      guard let index = place.layer, !(place.isExpert && index < hostExperts) else { continue }
      layers[index] += Double(tensor.bytes.bytes)
    }
    self.layers = layers
    rooms = devices.map { device in
      let parts = device.components
      let fixed = [parts.compute, parts.output, parts.overhead].reduce(ByteCount.zero) { $0 + ($1.high ?? $1.value) }
      return max(0, Double(((device.usableBytes?.value ?? .zero) - fixed).bytes))
    }
  }

  /// Layers of each device in order, the output counted as one; empty where there is nothing to balance.
  var shares: [Double] {
    let room = rooms.reduce(0, +)
    let whole = layers.reduce(0, +)
    guard rooms.count > 1, room > 0, whole > 0 else { return [] }
    var shares: [Double] = []
    var (next, held, wanted) = (0, 0.0, 0.0)
    for (device, own) in rooms.enumerated() {
      wanted += whole * own / room
      let start = next
      // A layer goes to the device on whose side more than half of it lies.
      while next < layers.count, device == rooms.count - 1 || held + layers[next] / 2 < wanted {
        held += layers[next]
        next += 1
      }
      shares.append(Double(next - start))
    }
    return shares
  }
}

/// Which layer of a GGUF a tensor counts towards.
private struct TensorPlacement {
  /// The output is one more layer; nil for what stays on the host.
  var layer: Int?
  var isExpert: Bool

  init(_ name: String, layerCount: Int) {
    isExpert = name.contains("_exps.") || name.contains("_chexps.")
    if name.hasPrefix("output") {
      layer = layerCount
    } else if name.hasPrefix("blk."), let index = Int(name.dropFirst(4).prefix { $0 != "." }), index < layerCount {
      layer = max(0, index)
    }
  }
}
