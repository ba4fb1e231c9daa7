import Deployment
import Engines
import Planning
import Units

/// What to say of an engine that a plan chose and that is not on the machine.
struct MissingEngine {
  private let words: String
  /// The command that installs it; nil where there is no recipe of it.
  private let command: String?

  /// Nil where the engine is there, or it is not known whether.
  init?(_ option: PlanOption, of plan: Plan) {
    guard plan.lacks(option.engine) else { return nil }
    self.init(Deployer.installedName(of: option))
  }

  /// - Parameter name: as `engines install` takes it.
  init(_ name: String) {
    command = EngineInstaller.version(of: name) == nil ? nil : "plimsoll engines install \(name)"
    words = "\(name) is not installed here"
  }

  /// One sentence.
  var sentence: String {
    command.map { "\(words): \($0)" } ?? "\(words); plimsoll engines shows where it is looked for."
  }
}
