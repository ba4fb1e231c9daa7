import Units

/// The tables of `lscpu -e` and `lscpu -p`: one row for each CPU.
enum LscpuTableDump: DumpReader {
  static let kind = "lscpu table"

  static func read(_ dump: DumpText) throws(DumpError) -> Findings? {
    guard dump.xml == nil, dump.json == nil else { return nil }
    for (place, line) in dump.lines.enumerated() {
      guard let titles = titles(line) else { continue }
      let isParsable = line.hasPrefix("#")
      let rows = dump.lines[(place + 1)...].prefix(CPUSet.limit).compactMap { row -> [String: String]? in
        let cells =
          isParsable ? row.split(separator: ",", omittingEmptySubsequences: false) : row.split(separator: " ")
        guard cells.first.flatMap({ Int($0) }) != nil, cells.count >= titles.count else { return nil }
        return Dictionary(zip(titles, cells.map { MachineText.trimmed($0) })) { first, _ in first }
      }
      guard !rows.isEmpty else { continue }
      return findings(rows)
    }
    return nil
  }

  /// `CPU NODE SOCKET CORE L1d:L1i:L2:L3 ONLINE` or `# CPU,Core,Socket,Node,,L1d,L1i,L2,L3`, in capitals.
  private static func titles(_ line: Substring) -> [String]? {
    let names =
      line.hasPrefix("# CPU,")
      ? line.dropFirst(2).split(separator: ",", omittingEmptySubsequences: false)
      : line.hasPrefix("CPU ") ? line.split(separator: " ") : []
    let titles = names.map { MachineText.trimmed($0).uppercased() }
    return titles.first == "CPU" && titles.contains("CORE") ? titles : nil
  }

  private static func findings(_ rows: [[String: String]]) -> Findings {
    let source = Source(.probed, kind)
    var findings = Findings(.tool)
    func number(_ row: [String: String], _ name: String) -> Int? {
      row[name].flatMap { Int($0) }.flatMap { (0..<CPUSet.limit).contains($0) ? $0 : nil }
    }
    let online = rows.filter { row in
      number(row, "CPU") != nil && !["no", "n"].contains(row["ONLINE"]?.lowercased() ?? "yes")
    }
    let threads = CPUSet(online.compactMap { number($0, "CPU") })
    guard !threads.isEmpty else { return findings }
    findings.machine.cpu.threads = Figure(threads.count, source)
    findings.machine.cpu.allowed = Figure(threads.list, source)
    // Cores are numbered within their socket; where that is not told they are one list.
    let cores = Set(online.compactMap { row in number(row, "CORE").map { [number(row, "SOCKET") ?? -1, $0] } })
    if !cores.isEmpty { findings.machine.cpu.cores = Figure(cores.count, source) }
    let sockets = Set(online.compactMap { number($0, "SOCKET") })
    if !sockets.isEmpty { findings.machine.cpu.packages = Figure(sockets.count, source) }
    let clocks = online.compactMap { $0["MAXMHZ"].flatMap { Double($0) } }.filter { (1...1e5).contains($0) }
    findings.machine.cpu.megahertz = clocks.max().map { Figure($0, source) }
    let nodes = Dictionary(grouping: online.filter { number($0, "NODE") != nil }) { number($0, "NODE") ?? 0 }
    findings.machine.numaNodes = nodes.keys.sorted().map { id in
      var node = NUMANode(id: id)
      node.cpus = Figure(CPUSet((nodes[id] ?? []).compactMap { number($0, "CPU") }).list, source)
      return node
    }
    return findings
  }
}
