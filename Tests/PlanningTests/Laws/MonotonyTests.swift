import Engines
import Hardware
import Models
import Testing
import Units

@testable import Planning

/// More never makes an answer worse, and what is not known makes nothing fit.
@Suite struct MonotonyTests {
  /// A machine with more of one thing.
  enum More: String, CaseIterable, Sendable {
    case memory, bandwidth, compute

    func applied(to machine: Machine) -> Machine {
      var more = machine
      func doubled(_ bytes: Figure<ByteCount>?) -> Figure<ByteCount>? { bytes.map { Figure($0.value * 2, $0.source) } }
      func doubled(_ rate: Figure<Double>?) -> Figure<Double>? { rate.map { Figure($0.value * 2, $0.source) } }
      switch self {
      case .memory:
        more.memory.totalBytes = doubled(machine.memory.totalBytes)
        more.memory.availableBytes = doubled(machine.memory.availableBytes)
        more.memory.acceleratorBytes = doubled(machine.memory.acceleratorBytes)
        for index in more.accelerators.indices {
          more.accelerators[index].memoryBytes = doubled(machine.accelerators[index].memoryBytes)
          more.accelerators[index].usableBytes = doubled(machine.accelerators[index].usableBytes)
        }
      case .bandwidth:
        more.memory.bandwidth = doubled(machine.memory.bandwidth)
        for index in more.accelerators.indices {
          more.accelerators[index].bandwidth = doubled(machine.accelerators[index].bandwidth)
        }
      case .compute:
        more.cpu.teraOperationsPerSecond = machine.cpu.teraOperationsPerSecond?.mapValues {
          Figure($0.value * 2, $0.source)
        }
        for index in more.accelerators.indices {
          more.accelerators[index].teraOperationsPerSecond = machine.accelerators[index].teraOperationsPerSecond?
            .mapValues { Figure($0.value * 2, $0.source) }
        }
      }
      return more
    }
  }

  @Test("more of a machine is never worse", arguments: LawGrid.cells(every: 1997, from: 29), More.allCases)
  func machines(_ cell: LawGrid.Cell, _ more: More) throws {
    let planner = try LawGrid.planner()
    let before = planner.plan(LawGrid.request(cell))
    var larger = cell
    larger.machine = more.applied(to: cell.machine)
    let after = planner.plan(LawGrid.request(larger))
    #expect(before.chosen == nil || after.chosen != nil)
    for (option, better) in zip(before.options, after.options)
    where option.engine == better.engine && option.quantization == better.quantization
      && option.placement == better.placement && option.threads == better.threads
    {
      #expect(rank(better.verdict) >= rank(option.verdict), "\(option.quantization) on \(option.engine.rawValue)")
      // Rates are compared where the layout is the same: with more memory another one may be chosen for its room.
      let (device, other) = (device(of: cell.machine), device(of: larger.machine))
      guard rank(option.verdict) >= rank(.tight), device?.deviceClass == other?.deviceClass else { continue }
      guard let own = option.speed?.decode?.expected, let rate = better.speed?.decode?.expected else { continue }
      // With other facts it may be another product, whose own measurements differ by some percent.
      #expect(
        rate >= own * (device?.slug == other?.slug ? 0.999 : 0.95),
        "\(option.quantization) on \(option.engine.rawValue)")
    }
  }

  /// What the first device counts as.
  private func device(of machine: Machine) -> SpeedDevice? {
    machine.accelerators.first.flatMap { SpeedDevice($0, of: machine) }
  }

  private func rank(_ verdict: Verdict) -> Int {
    switch verdict {
    case .fits: 4
    case .tight: 3
    case .thrashes: 2
    case .doesNotFit: 1
    case .unsupported: 0
    }
  }

  @Test("longer requests and more of them never need less memory", arguments: LawGrid.cells(every: 2999, from: 7))
  func demand(_ cell: LawGrid.Cell) throws {
    let planner = try LawGrid.planner()
    for kind in [EngineKind.llamaCpp, .vllm, .mlx] {
      var last = ByteCount.zero
      for (length, parallel) in [(2048, 1), (8192, 1), (8192, 4), (32_768, 4)] {
        var request = LawGrid.request(cell, ["as-is"])
        request.engines = [kind]
        var placement = Placement()
        placement.devices = Array(cell.machine.accelerators.indices.prefix(1))
        request.placement = placement
        request.contextLength = length
        request.parallel = parallel
        guard let bytes = planner.plan(request).options.last?.memory?.highBytes else { continue }
        #expect(bytes >= last, "\(kind.rawValue), \(parallel) of \(length) tokens")
        last = bytes
      }
    }
  }

  /// A fact of a machine that is taken away.
  enum Fact: String, CaseIterable, Sendable {
    case hostMemory, deviceMemory, sharing, unified, nodes, cores, bandwidth, deviceBandwidth, links, compute, features,
      architecture, generation, limits

    func taken(from machine: Machine) -> Machine {
      var less = machine
      switch self {
      case .hostMemory: (less.memory.totalBytes, less.memory.availableBytes) = (nil, nil)
      case .deviceMemory:
        less.memory.acceleratorBytes = nil
        for index in less.accelerators.indices {
          less.accelerators[index].memoryBytes = nil
          less.accelerators[index].usableBytes = nil
          less.accelerators[index].freeBytes = nil
        }
      case .sharing: for index in less.accelerators.indices { less.accelerators[index].sharesMemory = nil }
      case .unified: less.unifiedMemory = nil
      case .nodes: less.numaNodes = []
      case .cores: (less.cpu.cores, less.cpu.threads) = (nil, nil)
      case .bandwidth: less.memory.bandwidth = nil
      case .deviceBandwidth: for index in less.accelerators.indices { less.accelerators[index].bandwidth = nil }
      case .links: less.links = []
      case .compute:
        less.cpu.teraOperationsPerSecond = nil
        for index in less.accelerators.indices { less.accelerators[index].teraOperationsPerSecond = nil }
      case .features: less.cpu.features = nil
      case .architecture: less.cpu.architecture = nil
      case .generation: for index in less.accelerators.indices { less.accelerators[index].architecture = nil }
      case .limits: less.memory.limitBytes = nil
      }
      return less
    }
  }

  @Test("what is not known makes nothing fit that did not", arguments: LawGrid.cells(every: 4001, from: 11))
  func unknown(_ cell: LawGrid.Cell) throws {
    let planner = try LawGrid.planner()
    let before = planner.plan(LawGrid.request(cell))
    for fact in Fact.allCases {
      // A limit that is not known is no limit: where one is set, the reader says so or fails.
      guard fact != .limits || cell.machine.memory.limitBytes == nil else { continue }
      var less = cell
      less.machine = fact.taken(from: cell.machine)
      let after = planner.plan(LawGrid.request(less))
      for option in after.options where option.verdict == .fits || option.verdict == .tight {
        let same = before.options.first { $0.engine == option.engine && $0.quantization == option.quantization }
        #expect(
          same?.verdict == .fits || same?.verdict == .tight,
          "\(option.quantization) on \(option.engine.rawValue) without \(fact.rawValue): \(option.reason.message)")
      }
    }
  }
}
