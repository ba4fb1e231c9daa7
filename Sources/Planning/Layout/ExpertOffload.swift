public import Units
import Engines
import Models

/// What a mixture of experts would need and do with the experts of so many layers in the host's memory.
public struct ExpertOffload: Hashable, Sendable, Codable {
  /// Layers whose experts are on the CPU: llama.cpp's `--n-cpu-moe`.
  public var layers: Int
  public var verdict: Verdict
  /// At most on all devices together, and on the host.
  public var deviceBytes: ByteCount
  public var hostBytes: ByteCount
  /// Output tokens a second of one stream, and input tokens a second of one prompt; nil where they cannot be predicted.
  public var decode: Band?
  public var prefill: Band?
  public var isChosen: Bool
}

extension LayoutSearch {
  /// A handful of counts from the fewest that fit to all, where the search put experts on the CPU; nil where it did not.
  func offload(_ fit: Fit) -> [ExpertOffload]? {
    let chosen = fit.settings.cpuMoeLayers
    let layers = layerCount
    guard chosen > 0, question.settings.cpuMoeLayers == 0, chosen <= layers else { return nil }
    let steps = 5
    let counts = Set((0...steps).map { chosen + (layers - chosen) * $0 / steps })
    // Each count deals the layers out anew.
    var whole = fit.placement
    whole.tensorSplit = []
    return counts.sorted().map { count in
      var settings = fit.settings
      settings.cpuMoeLayers = count
      let judged = balanced(fit.question.with(settings).with(whole))
      let devices = judged.estimate?.devices ?? []
      func most(_ isHost: Bool) -> ByteCount {
        devices.filter { $0.isHost == isHost }.reduce(.zero) { $0 + $1.highBytes }
      }
      var row = ExpertOffload(
        layers: count, verdict: judged.verdict, deviceBytes: most(false), hostBytes: most(true),
        isChosen: count == chosen)
      if let speed {
        let prediction = speed.prediction(judged.question, room: judged.room)
        (row.decode, row.prefill) = (prediction.decode, prediction.prefill)
      }
      return row
    }
  }
}
