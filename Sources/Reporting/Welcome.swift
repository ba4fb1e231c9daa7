public import Hardware
import Platform
import Units

/// What `plimsoll` alone prints: this machine in three lines, and three commands to try next.
public struct Welcome: Sendable {
  private let machine: Machine

  public init(_ machine: Machine) { self.machine = machine }

  public func rendered() -> String {
    let facts = [("Processor", processor), ("Memory", memory), ("GPU", accelerators)]
    let steps = [
      ("plimsoll recommend", "which models run well here"),
      ("plimsoll run MODEL", "fetch, start, measure, report"),
      ("plimsoll size 8b --workload chat", "which machines would carry it"),
    ]
    return
      (facts.map { "\(TextStyle.strong($0.0.padded(to: 11)))\($0.1)" } + ["", TextStyle.strong("Try next")]
      + steps.map { "  \($0.0.padded(to: 34))\(TextStyle.quiet($0.1))" }
      + ["", "plimsoll --help lists all commands; plimsoll probe shows more of this machine."])
      .map { Prose.wrapped($0, indent: 11) }.joined(separator: "\n")
  }

  private var processor: String {
    let cpu = machine.cpu
    let cores = cpu.cores.map { counted($0.value, "core") } ?? cpu.threads.map { counted($0.value, "thread") }
    return [cpu.model.map { printable($0.value) }, cores].compactMap { $0 }.joined(separator: ", ").orUnknown
  }

  private var memory: String {
    let memory = machine.memory
    let rate = memory.bandwidth.map {
      "\(($0.value / 1e9).formatted(significant: 3)) GB/s (\($0.source.kind.rawValue))"
    }
    let words = [memory.totalBytes.map { "\($0.value)" }, rate ?? "bandwidth not measured (plimsoll probe --measure)"]
    return words.compactMap { $0 }.joined(separator: ", ")
  }

  private var accelerators: String {
    guard !machine.accelerators.isEmpty else { return "none found; models run on the processor" }
    let names = machine.accelerators.map { gpu in
      [printable(gpu.fullName), gpu.memoryBytes.map { "\($0.value)" }].compactMap { $0 }.joined(separator: ", ")
    }
    var counts: [(name: String, count: Int)] = []
    for name in names {
      if let place = counts.firstIndex(where: { $0.name == name }) {
        counts[place].count += 1
      } else {
        counts.append((name, 1))
      }
    }
    return counts.map { $0.count > 1 ? "\($0.count)x \($0.name)" : $0.name }.joined(separator: "; ")
  }
}

extension String {
  fileprivate var orUnknown: String { isEmpty ? "unknown" : self }

  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
