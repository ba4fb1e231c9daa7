import Deployment
import Engines
import Fixtures
import Planning
import Testing
import Units

@testable import Workflows

/// What a deployment refuses before anything is planned, fetched or started.
@Suite struct DeployJobTests {
  private func refusal(_ change: (inout DeployWishes) -> Void, printsOnly: Bool = false) throws -> Reason? {
    let fixture = try WorkspaceFixture()
    defer { fixture.remove() }
    var wishes = DeployWishes()
    change(&wishes)
    do {
      _ = try DeployJob(wishes, in: fixture.workspace, printsOnly: printsOnly)
      return nil
    } catch let failure as Failure {
      #expect(failure.outcome == .usage)
      return failure.reason
    }
  }

  @Test func aServerIsNotStartedOnAnotherMachine() throws {
    #expect(try refusal { $0.elsewhere = "rtx-4090" }?.code == .notThisMachine)
    #expect(try refusal({ $0.elsewhere = "rtx-4090" }, printsOnly: true) == nil)
    let inContainer = try refusal {
      $0.elsewhere = "rtx-4090"
      $0.target.kind = .docker
    }
    #expect(inContainer == nil)
  }

  @Test func onlySomeTargetsSpanMachines() throws {
    #expect(try refusal { $0.nodes = 2 }?.code == .oneNodeTarget)
    let onRay = try refusal {
      $0.nodes = 2
      $0.target.kind = .ray
    }
    #expect(onRay == nil)
  }

  @Test(arguments: [TargetKind.kubernetes, .kserve, .leaderWorkerSet])
  func aClusterHasItsOwnPorts(_ kind: TargetKind) throws {
    let reason = try refusal {
      $0.target.kind = kind
      $0.settings.port = 8080
    }
    #expect(reason?.message.contains("--port") == true)
  }
}

/// What can be started of a plan.
@Suite struct DeployableTests {
  @Test func theReasonOfARefusalIsNeverASuccess() throws {
    var plan = PlanBuilder.plan()
    for index in plan.options.indices { plan.options[index].launch = nil }
    let failure = #expect(throws: Failure.self) { try plan.deployable() }
    #expect(failure?.outcome == .doesNotFit)
    #expect(failure?.reason.code != .fits)
  }
}
