import Engines
import Foundation
import Profiles
import Testing

@testable import Fitting
@testable import Planning

/// Constants are found by name: a renamed case, generation or engine must not leave one of them unread.
@Suite struct ConstantNamesTests {
  private let shipped: Efficiencies

  init() throws { shipped = try Profiles().efficiencies() }

  @Test func quantitiesKeepTheirNames() {
    let names = [
      "weightBandwidth", "cacheBandwidth", "smallBatchCompute", "matrixCompute", "decodeAttention", "layerOverhead",
      "stepOverhead", "streamOverhead", "allReduceLatency", "hostBandwidth", "threadWait", "threadPeak",
      "threadBandwidth", "stepFactor", "prefillCompute", "prefillAttention", "prefillLayerOverhead",
      "prefillStepOverhead", "expertTile", "fillTokens", "prefillThreadScaling", "prefillThreadPeak", "stageOverlap",
      "prefillFactor", "prefillInflation", "burst", "requestOverhead", "limitMargin", "randomWait", "offlineFactor",
      "admissionSteps", "frontEnd",
    ]
    #expect(Set(names).isSubset(of: Quantity.allCases.map(\.name)))
    #expect(Set(Quantity.allCases.map(\.name)).count == Quantity.allCases.count)
  }

  @Test func everyShippedConstantIsReadByACase() {
    let families = shipped.logarithms.keys.filter { $0.contains(".family.") }.compactMap {
      $0.components(separatedBy: ".family.").last
    }
    var read: Set<String> = []
    let sources = shipped.logarithms.keys.compactMap { key in
      key.range(of: ".source.").map { String(key[$0.upperBound...]) }
    }
    let pairs = shipped.logarithms.keys.compactMap { key in
      key.range(of: ".source+engine.").map { String(key[$0.upperBound...]) }
    }
    let loads = pairs.compactMap { pair in
      pair.lastIndex(of: "+").map { end in
        var one = Self.cases(of: [String(pair[..<end])])[1]
        one.engine = String(pair[pair.index(after: end)...])
        return one
      }
    }
    for one in Self.cases(families: Set(families)) + Self.cases(of: Set(sources)) + loads {
      for quantity in Quantity.allCases { read.formUnion(one.effects(of: quantity).map(\.key)) }
    }
    let unread = Set(shipped.logarithms.keys).subtracting(read)
    #expect(unread.isEmpty, "constants that no question reads: \(unread.sorted())")
  }

  @Test func everyShippedErrorIsOfAMeasureAndAClass() {
    let classes = ["*"] + DeviceClass.allCases.map(\.rawValue)
    let names = SpeedMeasure.allCases.flatMap { measure in
      classes.flatMap { name in
        [("", false, false), (".device", true, false), (".source", false, true), (".device+source", true, true)].map {
          suffix, device, source in
          #expect(Efficiencies.Knowledge(device: device, source: source).suffix == suffix)
          return "\(measure.rawValue).\(name)\(suffix)"
        }
      }
    }
    #expect(Set(shipped.errors.keys).subtracting(names) == [])
  }

  @Test func enginesOfTheProductHaveConstants() {
    for engine in EngineKind.allCases {
      #expect(shipped.logarithms.keys.contains { $0.hasSuffix(".engine.\(engine.speedName)") }, "\(engine)")
    }
  }

  /// Cases that together ask for every kind of constant: one fact is varied at a time, pairs where constants are of pairs.
  private static func cases(families: Set<String>) -> [SpeedCase] {
    var cases: [SpeedCase] = []
    for stack in [SpeedCase.Stack.local, .server] {
      for backend in Backend.allCases {
        for (slug, kind) in devices {
          for format in QuantKind.allCases {
            cases.append(speedCase(slug, kind, stack: stack, backend: backend, format: format))
          }
        }
        for engine in engines {
          cases.append(speedCase("rtx-4090", .nvidiaGeForce, stack: stack, backend: backend, engine: engine))
        }
      }
      for family in families {
        cases += [("rtx-4090", DeviceClass.nvidiaGeForce), ("epyc-9754", .cpu)].map { slug, kind in
          var one = speedCase(slug, kind, stack: stack, backend: .cuda)
          one.device.family = family
          return one
        }
      }
      cases += settings(of: stack)
    }
    return cases
  }

  /// Cases of published collections, of one stream and of many.
  private static func cases(of sources: Set<String>) -> [SpeedCase] {
    sources.flatMap { source in
      [SpeedCase.Stack.local, .server].map { stack in
        var one = speedCase("rtx-4090", .nvidiaGeForce, stack: stack, backend: .cuda)
        one.source = source
        return one
      }
    }
  }

  /// One device of each generation, by the name that published measurements give it.
  private static let devices: [(String, DeviceClass)] = [
    ("h100-sxm", .nvidiaDataCentre), ("b200", .nvidiaDataCentre), ("a100-80gb-sxm", .nvidiaDataCentre),
    ("a10", .nvidiaDataCentre), ("l4", .nvidiaDataCentre), ("v100", .nvidiaDataCentre), ("t4", .nvidiaDataCentre),
    ("rtx-a6000", .nvidiaPro), ("rtx-4090", .nvidiaGeForce), ("gtx-1660", .nvidiaOld), ("gtx-1080-ti", .nvidiaOld),
    ("gb10", .nvidiaUnified), ("rx-5700-xt", .amdRDNA), ("rx-6800", .amdRDNA), ("rx-7900-xtx", .amdRDNA),
    ("rx-9070-xt", .amdRDNA),
    ("strix-halo", .amdIntegrated), ("mi210", .amdCDNA), ("mi300x", .amdCDNA), ("mi355x", .amdCDNA),
    ("arc-a770", .intelGPU), ("arc-b580", .intelGPU), ("iris-xe", .intelGPU), ("gaudi3", .gaudi),
    ("apple-m1-max", .apple), ("apple-m2", .apple), ("apple-m3-ultra", .apple), ("apple-m4-pro", .apple),
    ("apple-m5", .appleM5), ("core-ultra-7", .cpu), ("xeon-8480", .cpu), ("epyc-9754", .cpu), ("graviton4", .cpu),
    ("rpi-5", .smallBoard), ("anything", .unknown),
  ]

  /// Engines that published measurements name.
  private static let engines = [
    "ampere-llama.cpp", "deepspeed", "habana", "ik_llama.cpp", "llama.cpp", "llamafile", "lmdeploy", "mlx-lm",
    "mlx-vlm",
    "ollama", "openvino", "sglang", "trtllm", "vllm",
  ]

  private static func speedCase(
    _ slug: String, _ kind: DeviceClass, stack: SpeedCase.Stack, backend: Backend, engine: String = "llama.cpp",
    format: QuantKind = .k4, isSparse: Bool = true
  ) -> SpeedCase {
    let device = SpeedDevice(
      slug: slug, family: slug, deviceClass: kind, bandwidth: 1e12, peak: 1e14, memory: 80e9)
    var traits = ModelTraits(ordinaryWith: 30e9, active: isSparse ? 3e9 : 30e9)
    traits.isLatent = isSparse
    return SpeedCase(
      device: device, model: traits, weightBytes: 17e9, quantKind: format, precision: .gguf, stack: stack,
      engine: engine, backend: backend)
  }

  /// What else a measurement may say of itself.
  private static func settings(of stack: SpeedCase.Stack) -> [SpeedCase] {
    func one(
      _ slug: String = "rtx-4090", backend: Backend = .cuda, engine: String = "vllm", format: QuantKind = .k4,
      _ change: (inout SpeedCase) -> Void
    ) -> SpeedCase {
      var one = speedCase(slug, .nvidiaGeForce, stack: stack, backend: backend, engine: engine, format: format)
      change(&one)
      return one
    }
    return Precision.allCases.map { precision in one { $0.precision = precision } }
      + [
        "Interactive", "Offline", "Server", "offline max throughput", "offline static batch", "all requests at once",
        "first token latency", "guidellm, rate by profile", "open loop", "open loop, constant rate",
      ].map { arrival in
        one { $0.arrival = arrival }
      } + engines.map { engine in one(engine: engine) { $0.isTuned = true } }
      + [QuantKind.f16, .k4].map { format in one(format: format) { $0.isOldBuild = true } }
      + [
        one { $0.flashAttention = true }, one { $0.flashAttention = false }, one { $0.isChat = true },
        one { $0.isHostLimited = true }, one { $0.isDisaggregated = true },
        one { $0.device.hasFastLink = true }, one { $0.device.hasFastLink = false },
        one("gtx-1660", engine: "llamafile") { $0.isChat = false },
        one {
          $0.device.deviceClass = .amdCDNA
          $0.isTuned = true
        },
      ]
  }
}
