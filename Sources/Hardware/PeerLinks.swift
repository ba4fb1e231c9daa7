import Units

extension Machine {
  /// Links the accelerators of a range, all of one kind, as what they say of their own link joins them: bridges join the
  /// cards that are next to each other, boards all of theirs.
  public mutating func linkPeers(_ range: Range<Int>) {
    guard range.count > 1, let first = range.first, accelerators.indices.contains(first),
      let rate = accelerators[first].interconnectGigabytesPerSecond
    else { return }
    let bridged = max(1, accelerators[first].interconnectDevices?.value ?? accelerators.count)
    for a in range {
      for b in range where b > a && (a - first) / bridged == (b - first) / bridged {
        links.append(
          Link(
            kind: accelerators[a].vendor.value.facts.scaleUpLink, a: "gpu\(a)", b: "gpu\(b)",
            gigabytesPerSecond: rate))
      }
    }
  }
}
