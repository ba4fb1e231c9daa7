import Engines
import Fixtures
import Foundation
import Testing

@testable import Fitting
@testable import Planning

@Suite struct RobustFitTests {
  /// Rows of an invented device whose decoding reaches a known share of its bandwidth, one of them far off.
  private func cases(share: Double) -> [ReferenceCase] {
    (0..<12).map { index in
      let device = SpeedDevice(
        slug: "card-\(index / 3)", family: "card-\(index / 3)", deviceClass: .nvidiaGeForce,
        bandwidth: Double(400 + 100 * (index / 3)) * 1e9, peak: 100e12, memory: 24e9)
      let traits = ModelTraits(ordinaryWith: 8e9, active: 8e9)
      let one = SpeedCase(
        device: device, model: traits, weightBytes: Double(4 + index % 3) * 1e9, quantKind: .k4, precision: .gguf,
        stack: .local, engine: "llama.cpp", backend: .cuda)
      let question = SpeedQuestion(one, .decode, .decode(lengths: [64], streams: 1))
      var known = Efficiencies()
      known.logarithms["local.weightBandwidth.base."] = naturalLog(share)
      let rate = question.answer(known.quantities(for: one))
      return ReferenceCase(question: question, measured: index == 5 ? rate * 8 : rate, family: device.family, weight: 1)
    }
  }

  @Test func findsTheShareDespiteAnOutlier() {
    let rows = cases(share: 0.5)
    let fitted = RobustFit().fit(rows) { $0.hasPrefix("local.weightBandwidth") }
    let efficiencies = Efficiencies(logarithms: fitted)
    let prediction = DefaultsFit.prediction(of: rows[0], by: efficiencies)
    #expect(prediction.percent < 8)
  }

  @Test func staysAtThePriorWithoutData() {
    let fitted = RobustFit().fit([]) { _ in true }
    #expect(fitted.isEmpty)
  }

  @Test func readsSizesOutOfNames() {
    #expect(ReferenceShapes.sizes(in: "qwen3-30b-a3b-instruct") == (30, 3))
    #expect(ReferenceShapes.sizes(in: "mistral-7b-v0.3") == (7, nil))
    #expect(ReferenceShapes.sizes(in: "exaone-3.5-7.8b") == (7.8, nil))
    #expect(ReferenceShapes.sizes(in: "muse-glimmer") == (nil, nil))
  }
}
