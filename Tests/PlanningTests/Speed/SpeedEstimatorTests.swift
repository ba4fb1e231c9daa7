@testable import Engines
import Fixtures
import Foundation
import Hardware
import Models
@testable import Planning
import Profiles
import Testing
import Units

@Suite struct SpeedEstimatorTests {
  private func request(
    _ machine: String, _ size: String, _ quantization: String, engine: EngineKind = .llamaCpp, streams: Int = 1,
    input: Int = 512
  ) throws -> Question {
    let format: ModelFormat = engine == .vllm ? .safetensors : .gguf
    let (model, bytes) = try #require(ChoiceModels.model(size, format, quantization))
    let found = ChoiceMachines.machine(machine)
    var placement = Placement()
    placement.devices = found.accelerators.isEmpty ? [] : [0]
    return Question(
      machine: found, form: ModelForm(name: quantization, model: model, tensors: [], weightBytes: bytes),
      engine: engine,
      placement: placement,
      workload: Workload(name: "test", inputTokens: input, outputTokens: 128, concurrency: streams))
  }

  private let estimator = SpeedEstimator(Efficiencies())

  @Test func moreBandwidthIsNeverSlower() throws {
    let slow = try #require(estimator.prediction(request("1x rtx-3090", "8b", "Q4_K_M")).decode)
    let fast = try #require(estimator.prediction(request("1x rtx-5090", "8b", "Q4_K_M")).decode)
    #expect(fast.expected > slow.expected)
    #expect(slow.low < slow.expected && slow.expected < slow.high)
  }

  /// A slice of a processor has a bandwidth out of all proportion to its cores; its prompts are no slower by it.
  @Test func moreBandwidthNeverSlowsPrompts() throws {
    let shipped = SpeedEstimator(try Profiles().efficiencies())
    func prompts(_ bandwidth: Double) throws -> Double {
      var asked = try request("cpu, 64", "8b", "Q4_K_M")
      asked.machine.memory.bandwidth = Figure(bandwidth * 1e9, .user, "test")
      return try #require(shipped.prediction(asked).prefill).expected
    }
    #expect(try prompts(800) >= prompts(50))
  }

  @Test func decodingStaysUnderTheRoof() throws {
    let asked = try request("1x rtx-4090", "8b", "Q4_K_M")
    let decode = try #require(estimator.prediction(asked).decode)
    #expect(decode.expected < 1008e9 / Double(asked.form.weightBytes.bytes))
    #expect(decode.expected > 0.2 * 1008e9 / Double(asked.form.weightBytes.bytes))
  }

  /// Layers on two devices are computed in turn: one works while the other waits.
  @Test func energyIsThatOfTheDeviceThatWorks() throws {
    func joules(_ machine: String, devices: Int, tensor: Int = 1) throws -> Band {
      var asked = try request(machine, "8b", "Q4_K_M", engine: tensor > 1 ? .vllm : .llamaCpp)
      for index in asked.machine.accelerators.indices {
        asked.machine.accelerators[index].watts = Figure(350, .user, "test")
      }
      asked.placement.devices = Array(0..<devices)
      asked.placement.tensorParallel = tensor
      return try #require(estimator.prediction(asked).joulesPerToken)
    }
    let one = try joules("1x rtx-3090", devices: 1)
    let two = try joules("2x rtx-3090", devices: 2)
    #expect(two.expected < 1.2 * one.expected)
    #expect(two.source?.detail.contains("one device at a time") == true)
    let cut = try joules("2x rtx-3090", devices: 2, tensor: 2)
    #expect(cut.source?.detail.hasPrefix("700 W") == true)
  }

  @Test func anEncoderGeneratesNothing() throws {
    var asked = try request("1x rtx-3090", "8b", "BF16", engine: .vllm)
    var model = asked.model
    model.shape.isEncoderOnly = true
    asked.form = ModelForm(name: "BF16", model: model, tensors: [], weightBytes: asked.form.weightBytes)
    let speed = estimator.prediction(asked)
    #expect(speed.decode == nil && speed.timePerOutputToken == nil && speed.joulesPerToken == nil)
    #expect(speed.prefill != nil)
  }

  @Test func longerContextIsNeverFaster() throws {
    let short = try #require(estimator.prediction(request("1x rtx-4090", "8b", "Q4_K_M")).decode)
    let long = try #require(estimator.prediction(request("1x rtx-4090", "8b", "Q4_K_M", input: 60_000)).decode)
    #expect(long.expected < short.expected)
  }

  @Test func expertsOfFewTokensAreFast() throws {
    let sparse = try #require(estimator.prediction(request("1x h100", "30b-a3b", "Q4_K_M")).decode)
    let dense = try #require(estimator.prediction(request("1x h100", "32b", "Q4_K_M")).decode)
    #expect(sparse.expected > 2.5 * dense.expected)
  }

  @Test func manyStreamsGiveMoreTogetherAndLessEach() throws {
    let one = estimator.prediction(try request("1x h100", "8b", "FP8", engine: .vllm))
    let many = estimator.prediction(try request("1x h100", "8b", "FP8", engine: .vllm, streams: 32))
    let alone = try #require(one.decodeAggregate)
    let together = try #require(many.decodeAggregate)
    #expect(together.expected > 5 * alone.expected)
    #expect(try #require(many.timePerOutputToken).expected > (try #require(one.timePerOutputToken)).expected)
  }

  @Test func aLayerSplitGivesNoSpeed() throws {
    var split = try request("2x rtx-4090", "32b", "Q4_K_M")
    let one = try #require(estimator.prediction(split).decode)
    split.placement.devices = [0, 1]
    let two = try #require(estimator.prediction(split).decode)
    #expect(abs(two.expected / one.expected - 1) < 0.05)
  }

  @Test func weightsOnTheHostAreRead() throws {
    var partly = try request("1x rtx-4090", "70b", "Q4_K_M")
    partly.placement.gpuLayers = 40
    let prediction = estimator.prediction(partly)
    let decode = try #require(prediction.decode)
    #expect(decode.expected < 10)
    #expect(prediction.bounds.contains { $0.code == "bound-by-host-memory" })
  }

  @Test func unknownBandwidthIsSaid() throws {
    var asked = try request("1x rtx-4090", "8b", "Q4_K_M")
    asked.machine.accelerators[0].bandwidth = nil
    asked.machine.memory.bandwidth = nil
    let prediction = estimator.prediction(asked)
    #expect(prediction.decode == nil)
    #expect(prediction.bounds.first?.code == "unknown-bandwidth")
  }

  @Test func termsAddUpToTheStep() throws {
    let prediction = estimator.prediction(try request("1x rtx-4090", "8b", "Q4_K_M"))
    let decode = try #require(prediction.decode)
    let terms = prediction.terms.filter { $0.name.hasPrefix("decode") }.map(\.seconds).reduce(0, +)
    #expect(terms >= 0.95 / decode.expected)
  }

  @Test func calibrationMovesAndNarrows() throws {
    let asked = try request("cpu, 64", "8b", "Q4_K_M")
    let before = try #require(estimator.prediction(asked).decode)
    let sample = SpeedCalibration.Sample(
      measure: .decode, engine: "llama.cpp", quantKind: .k4, threads: 32, predicted: before.expected,
      measured: before.expected * 0.6, source: Source(.measured, "llama-bench"), constants: Efficiencies().fingerprint)
    let calibrated = SpeedEstimator(Efficiencies(), calibration: SpeedCalibration(machine: "test", samples: [sample]))
    let after = try #require(calibrated.prediction(asked).decode)
    #expect(abs(after.expected / before.expected - 0.6) < 0.01)
    #expect(after.high / after.low < before.high / before.low)
  }

  /// What was measured of one file says less of another kind, number of threads and size; the band says how much less.
  @Test func calibrationOfAnotherFileMovesLessAndNarrowsLess() throws {
    let asked = try request("cpu, 64", "8b", "Q4_K_M")
    let before = try #require(estimator.prediction(asked).decode)
    func after(kind: QuantKind, weightBytes: Double, count: Int = 1) throws -> Band {
      let sample = SpeedCalibration.Sample(
        measure: .decode, engine: "llama.cpp", quantKind: kind, threads: nil, weightBytes: weightBytes,
        predicted: before.expected, measured: before.expected * 0.5, source: Source(.measured, "llama-bench"),
        constants: Efficiencies().fingerprint)
      let calibration = SpeedCalibration(machine: "test", samples: Array(repeating: sample, count: count))
      return try #require(SpeedEstimator(Efficiencies(), calibration: calibration).prediction(asked).decode)
    }
    let own = try after(kind: .k4, weightBytes: Double(asked.form.weightBytes.bytes))
    let other = try after(kind: .q8, weightBytes: Double(asked.form.weightBytes.bytes) / 8)
    #expect(other.expected > own.expected)
    #expect(other.high / other.low > 1.3 * own.high / own.low)
    // The same measured again and again tells more of that file, and hardly more of another.
    let often = try after(kind: .q8, weightBytes: Double(asked.form.weightBytes.bytes) / 8, count: 50)
    #expect(often.high / often.low > 0.8 * other.high / other.low)
  }

  /// Samples of older files tell no size; a mixture of both must not make the calibration void.
  @Test func samplesOfUnknownSizeStillCount() throws {
    let asked = try request("cpu, 64", "8b", "Q4_K_M")
    let before = try #require(estimator.prediction(asked).decode)
    func sample(threads: Int?, weightBytes: Double?) -> SpeedCalibration.Sample {
      SpeedCalibration.Sample(
        measure: .decode, engine: "llama.cpp", quantKind: .k4, threads: threads, weightBytes: weightBytes,
        predicted: before.expected, measured: before.expected * 0.5, source: Source(.measured, "test"),
        constants: Efficiencies().fingerprint)
    }
    let samples = [
      sample(threads: 8, weightBytes: nil), sample(threads: 8, weightBytes: 0.3e9),
      sample(threads: 7, weightBytes: 15e9), sample(threads: nil, weightBytes: 4e9),
    ]
    for count in 1...samples.count {
      let calibration = SpeedCalibration(machine: "test", samples: Array(samples.prefix(count)))
      let after = try #require(SpeedEstimator(Efficiencies(), calibration: calibration).prediction(asked).decode)
      #expect(after.expected < 0.7 * before.expected, "\(count) samples")
    }
  }

  /// Waiting for others is no slowness of the steps: a load that was measured moves predictions of loads alone.
  @Test func aMeasuredLoadMovesLoadsAlone() throws {
    var asked = try request("cpu, 64", "8b", "Q4_K_M")
    let alone = try #require(estimator.prediction(asked).decode)
    asked.workload.concurrency = 4
    asked.parallel = 4
    let before = try #require(estimator.prediction(asked).timePerOutputToken)
    func sample(_ constants: String) -> SpeedCalibration.Sample {
      SpeedCalibration.Sample(
        measure: .servingTimePerOutputToken, engine: "llama.cpp", quantKind: .k4, threads: nil, streams: 4,
        predicted: before.expected, measured: before.expected / 3, source: Source(.measured, "test"),
        constants: constants)
    }
    func after(_ constants: String) -> SpeedPrediction {
      let calibration = SpeedCalibration(machine: "test", samples: [sample(constants)])
      return SpeedEstimator(Efficiencies(), calibration: calibration).prediction(asked)
    }
    let own = after(Efficiencies().fingerprint)
    #expect(abs(try #require(own.timePerOutputToken).expected * 3 / before.expected - 1) < 0.02)
    #expect(try #require(own.decode) == alone)
    // What other constants had predicted says nothing beside these.
    #expect(after("other").timePerOutputToken == before)
  }

  /// However prompts and answers interleave, a cycle is the prompts of all and the steps of one.
  @Test(arguments: [2, 4, 16]) func aLoadConservesWork(_ concurrency: Int) throws {
    var asked = try request("cpu, 64", "8b", "Q4_K_M")
    let alone = estimator.prediction(asked)
    asked.workload.concurrency = concurrency
    asked.parallel = concurrency
    let loaded = estimator.prediction(asked)
    let (input, output) = (Double(asked.workload.inputTokens), Double(asked.workload.outputTokens))
    let prompt = input / (try #require(alone.prefill).expected)
    let first = try #require(loaded.timeToFirstToken).expected
    let all = first + output * (try #require(loaded.timePerOutputToken).expected)
    let step = try #require(alone.decode).expected
    // Steps of many streams take no longer than as many steps of one; a server's prompts take a tenth longer.
    #expect(all < 1.15 * Double(concurrency) * (prompt + (output + 1) / step) + 0.1)
    #expect(all > Double(concurrency) * prompt)
  }

  @Test func largestConcurrencyKeepsTheTargets() throws {
    var asked = try request("1x h100", "8b", "FP8", engine: .vllm)
    asked.workload.timePerOutputTokenTarget = 0.03
    asked.workload.timeToFirstTokenTarget = 1
    let most = try #require(estimator.largestConcurrency(asked, room: nil))
    #expect(most > 8)
    asked.workload.concurrency = most
    asked.parallel = most
    let held = try #require(estimator.prediction(asked).timePerOutputToken)
    #expect(held.expected <= 0.0301)
  }
}
