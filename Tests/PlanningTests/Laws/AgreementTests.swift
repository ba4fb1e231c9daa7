import Engines
import Hardware
import Models
import Profiles
import Testing
import Units

@testable import Planning

/// One question has one answer, whichever command asks.
@Suite struct AgreementTests {
  @Test func theGridIsThere() {
    #expect(LawGrid.models.count == LawGrid.names.count)
    #expect(LawGrid.entries.count > 500)
  }

  @Test("choose says what plan says", arguments: LawGrid.cells(every: 997))
  func choose(_ cell: LawGrid.Cell) throws {
    let planner = try LawGrid.planner()
    let request = LawGrid.request(cell)
    let plan = planner.plan(request)
    let chosen = EngineChoice(request, planner: planner).chosen
    let first = plan.chosen.map { plan.options[$0] }
    #expect(chosen?.engine == first?.engine)
    #expect(chosen?.quantization == first?.quantization)
    #expect(chosen?.placing?.placement == first?.placement)
    #expect(chosen?.threads == first?.threads)
    #expect(chosen?.speed == first?.speed)
  }

  @Test("size says what plan says", arguments: LawGrid.cells(every: 659, from: 13))
  func size(_ cell: LawGrid.Cell) throws {
    let planner = try LawGrid.planner()
    let estimator = try #require(planner.speed)
    // A processor that is bought comes with memory, which the catalogue's entry leaves open.
    var bought = cell
    bought.machine = try #require(SizingBox.boxes(of: cell.machine, counts: [1]).first).machine
    for form in ["as-is", "Q4_K_M"] {
      let plan = planner.plan(LawGrid.request(bought, [form]))
      var asked = try SizingRequest(
        model: cell.model, quantizations: [form], workload: LawGrid.workload, candidates: [cell.machine])
      asked.counts = [1]
      let sizing = Sizing(asked, estimator: estimator)
      let usable = plan.options.filter { ($0.verdict == .fits || $0.verdict == .tight) && $0.speed?.decode != nil }
      guard let row = sizing.options.first else {
        // Nothing is bought for a kernel that its engine does not list.
        let code = sizing.failures.first?.reason.code
        #expect(usable.isEmpty || code == .unlistedKernel, "\(form): \(String(describing: sizing.failures.first))")
        continue
      }
      let option = try #require(usable.first { $0.engine.speedName == row.engine }, "\(form) on \(row.engine)")
      #expect(row.boxes == 1)
      #expect(row.tensorParallel == max(1, option.placement.tensorParallel))
      #expect(row.layersOnDevices == option.placement.gpuLayers)
      #expect(row.timeToFirstToken == option.speed?.timeToFirstToken)
      #expect(row.timePerOutputToken == option.speed?.timePerOutputToken)
    }
  }
}

extension AgreementTests {
  /// A form that cannot be made is refused for just that, whichever command asks.
  @Test func aFormThatCannotBeMadeIsNamed() throws {
    let model = try Profiles().modelCatalogue().model(named: "deepseek-r1")
    let machine = try Profiles().machine(composedOf: MachineExpression("8x b200, 2 TiB"))
    let plan = try LawGrid.planner().plan(LawGrid.request(LawGrid.Cell(machine: machine, model: model), ["NVFP4"]))
    let sizing = Sizing(
      try SizingRequest(
        model: model, quantizations: ["NVFP4"], workload: LawGrid.workload, candidates: [machine]),
      estimator: SpeedEstimator(Efficiencies()))
    let reason = try #require(sizing.failures.first?.reason)
    #expect(reason.code == .nothingToPlan && reason.message.contains("NVFP4 cannot be made"))
    #expect(plan.options.isEmpty && plan.reasons.contains(reason))
  }
}
