import Engines
import Testing

@testable import Fitting
@testable import Planning

/// A fit without a source does not use what that source taught it, nor one without a device.
@Suite struct LeavingOutTests {
  /// Four cards, each measured by a careful source and by one whose steps take half as long again.
  private static let cases: [ReferenceCase] = (0..<32).map { index in
    let card = index / 8
    let isSlow = index % 2 == 1
    let device = SpeedDevice(
      slug: "card-\(card)", family: "card-\(card)", deviceClass: .nvidiaGeForce,
      bandwidth: Double(400 + 100 * card) * 1e9, peak: 100e12, memory: 24e9)
    var one = SpeedCase(
      device: device, model: ModelTraits(ordinaryWith: 8e9, active: 8e9), weightBytes: Double(4 + index % 4) * 1e9,
      quantKind: .k4, precision: .gguf, stack: .local, engine: "llama.cpp", backend: .cuda)
    one.source = isSlow ? "slow" : "careful"
    let question = SpeedQuestion(one, .decode, .decode(lengths: [64], streams: 1))
    let rate = question.answer(Efficiencies().quantities(for: one)) / (isSlow ? 1.5 : 1)
    var row = ReferenceCase(question: question, measured: rate, family: device.family, weight: 1)
    row.model = "model-\(index % 4)"
    return row
  }

  private func heldOut(_ way: LeavingOut) -> [HeldOutPrediction] {
    var data = ReferenceData()
    data.cases = Self.cases
    let fit = DefaultsFit(data)
    return fit.heldOut(way, whole: fit.logarithms())
  }

  private func median(_ predictions: [HeldOutPrediction]) -> Double {
    predictions.map(\.error).quantile(0.5) ?? 0
  }

  @Test func aSourceLeftOutIsPredictedAsAnyOther() {
    let slow = heldOut(.source).filter { $0.source == "slow" }
    #expect(slow.count == 16 && slow.allSatisfy { !$0.known.source && $0.known.device })
    #expect(median(slow) > 0.25)
  }

  @Test(arguments: [LeavingOut.device, .model]) func aKnownSourceIsPredictedWithItsHabits(way: LeavingOut) {
    let slow = heldOut(way).filter { $0.source == "slow" }
    #expect(slow.count == 16 && slow.allSatisfy { $0.known.source && $0.known.device == (way == .model) })
    #expect(abs(median(slow)) < 0.1)
  }

  @Test func strangersHaveTheWidestBands() throws {
    let errors = DefaultsFit.withStrangers([
      "decode.*.device": .init(cases: 9, medianPercent: 9, band: 0.4),
      "decode.*.source": .init(cases: 9, medianPercent: 9, band: 0.3),
      "decode.*.device+source": .init(cases: 9, medianPercent: 9, band: 0.2),
    ])
    #expect(abs(try #require(errors["decode.*"]).band - (0.16 + 0.09 - 0.04).squareRoot()) < 1e-9)
  }
}
