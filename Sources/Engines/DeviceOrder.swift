public import Hardware
import Units

extension Machine {
  /// Accelerators by memory and bandwidth; those that are alike as they are listed.
  public func largestFirst(_ devices: [Int]) -> [Int] {
    devices.sorted { left, right in
      let (own, other) = (capacity(of: left), capacity(of: right))
      return own == other ? left < right : own > other
    }
  }

  /// The other way round, for layers in turn: llama.cpp puts the output with the last device.
  public func largestLast(_ devices: [Int]) -> [Int] {
    devices.sorted { left, right in
      let (own, other) = (capacity(of: left), capacity(of: right))
      return own == other ? left < right : own < other
    }
  }

  /// The part with the smallest device, of so many equal ones.
  public func weakestPart(of devices: [Int], parts: Int) -> [Int] {
    let size = devices.count / max(1, parts)
    guard size > 0 else { return [] }
    let all = stride(from: 0, through: devices.count - size, by: size).map { Array(devices[$0..<$0 + size]) }
    func least(_ part: [Int]) -> Int { part.map { capacity(of: $0).memory }.min() ?? 0 }
    return all.min { least($0) < least($1) } ?? []
  }

  private func capacity(of index: Int) -> (memory: Int, bandwidth: Double) {
    guard accelerators.indices.contains(index) else { return (0, 0) }
    return (accelerators[index].memoryBytes?.value.bytes ?? 0, accelerators[index].bandwidth?.value ?? 0)
  }
}
