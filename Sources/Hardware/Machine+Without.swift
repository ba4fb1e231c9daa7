extension Machine {
  /// Returns the machine without some of its accelerators; the others keep their numbers with the driver.
  public func without(accelerators excluded: Set<Int>) -> Machine {
    guard !excluded.isEmpty else { return self }
    var rest = self
    let kept = accelerators.indices.filter { !excluded.contains($0) }
    rest.accelerators = kept.map { index in
      var accelerator = accelerators[index]
      accelerator.driverIndex = ordinal(of: index)
      return accelerator
    }
    let names = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ("gpu\($1)", "gpu\($0)") })
    let gone = Set(excluded.map { "gpu\($0)" })
    rest.links = links.filter { !gone.contains($0.a) && !gone.contains($0.b) }.map { link in
      var link = link
      (link.a, link.b) = (names[link.a] ?? link.a, names[link.b] ?? link.b)
      return link
    }
    return rest
  }
}
