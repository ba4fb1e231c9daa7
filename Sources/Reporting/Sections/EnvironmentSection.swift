import Engines
import Hardware
import Planning
import Records
import Units

/// Machine, model, engine and the exact command, so that the run can be made again.
func environmentSection(_ subjects: [ReportSubject]) -> ReportSection {
  var section = ReportSection("environment", "Machine, model and engine")
  for subject in subjects {
    let rows =
      machineRows(subject.run.machine) + modelRows(subject.run.model) + engineRows(subject.run)
      + [fact("Measured by", subject.run.plimsoll)]
    section.tables.append(
      ReportTable("\(subject.label), environment", [.text("Fact"), .text("Value"), .text("Source")], rows))
    if let launch = subject.option?.launch { section.tables.append(launchTable(launch, subject)) }
  }
  return section
}

private func fact<Value>(_ name: String, _ figure: Figure<Value>?, _ text: (Value) -> String) -> [ReportCell] {
  guard let figure else { return [.text(name), .missing("unknown"), .text("")] }
  return [.text(name), .text(text(figure.value)), .text("\(figure.source)")]
}

private func fact(_ name: String, _ version: ProgramVersion?) -> [ReportCell] {
  [.text(name), version.map { .text("Plimsoll \($0)") } ?? .missing("unknown"), .text("")]
}

private func machineRows(_ machine: Machine?) -> [[ReportCell]] {
  guard let machine else { return [[.text("Machine"), .missing("not recorded"), .text("")]] }
  var rows: [[ReportCell]] = [
    [.text("Machine"), .text(machine.name), .text("")],
    fact("Processor", machine.cpu.model) { $0 },
    fact("Cores", machine.cpu.cores) { "\($0)" },
    fact("Threads", machine.cpu.threads) { "\($0)" },
    fact("Memory", machine.memory.totalBytes) { "\($0)" },
    fact("Memory bandwidth", machine.memory.bandwidth) { ReportUnit.bytesPerSecond.text($0) },
    fact("Operating system", machine.os) { $0 },
  ]
  if machine.virtualMachine != nil {
    rows.append(fact("Virtual machine", machine.virtualMachine) { $0 ? "yes" : "no" })
  }
  for (index, gpu) in machine.accelerators.enumerated() {
    rows.append(fact("Accelerator \(index)", gpu.model ?? gpu.vendor.map(\.name)) { $0 })
    if gpu.memoryBytes != nil { rows.append(fact("Accelerator \(index), memory", gpu.memoryBytes) { "\($0)" }) }
  }
  return rows
}

private func modelRows(_ model: ModelSummary?) -> [[ReportCell]] {
  guard let model else { return [[.text("Model"), .missing("not recorded"), .text("")]] }
  let file = model.path.split(separator: "/").last.map { String($0) } ?? model.path
  return [
    [.text("Model"), .text(model.name), .text("header: \(file)")],
    [.text("Architecture"), .text("\(model.architecture), \(model.layerCount) layers"), .text("header: \(file)")],
    [.text("Quantization"), model.quantization.map { .text($0) } ?? .missing("unknown"), .text("header: \(file)")],
    fact("Parameters", model.parameters) { $0.grouped },
    fact("Tensors", model.tensorBytes) { "\($0)" },
    [
      .text("Identity"), model.headerDigest.map { .text(String($0.prefix(16))) } ?? .missing("unknown"),
      .text("SHA-256 of the header"),
    ],
  ]
}

private func engineRows(_ run: Run) -> [[ReportCell]] {
  [
    [.text("Engine"), run.engine.map { .text($0) } ?? .missing("unknown"), .text("")],
    [.text("Engine's build"), run.engineBuild.map { .text($0) } ?? .missing("unknown"), .text("told by the server")],
  ]
}

private func launchTable(_ launch: LaunchConfiguration, _ subject: ReportSubject) -> ReportTable {
  ReportTable(
    subject.letter.isEmpty ? "How it was started" : "How \(subject.letter) was started",
    [.text("Words"), .text("Why")],
    [[.text(launch.program), .text("the engine")]]
      + launch.flags.map { [.text($0.words.joined(separator: " ")), .text($0.reason)] }
      + launch.environment.sorted { $0.key < $1.key }.map { [.text("\($0.key)=\($0.value)"), .text("environment")] })
}
