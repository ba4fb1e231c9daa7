import Engines
public import Hardware
import Models
public import Planning
import Platform
public import Reporting
public import Units

extension Workspace {
  /// The one planner that every command asks, with the speed model's constants and what this machine was measured at.
  public func planner(for machine: Machine) -> Planner {
    Planner(speed: estimator(for: machine))
  }
}

extension Plan {
  /// Ends a command that asks for one thing that fits.
  ///
  /// - Parameter instead: what the machine runs well in its place; nil where that was not looked for.
  /// - Throws: `Failure` with the nearest thing that would work, where nothing fits.
  public func requireAnswer(instead: Recommendation? = nil) throws {
    guard chosen == nil else { return }
    let reason = reasons.last ?? Reason(.insufficientMemory, "nothing fits")
    throw Failure(
      .doesNotFit, reason.code, "\(printable(model.name)) on \(printable(machine.name)): \(reason.message)",
      remedy: [reason.remedy, instead.map { "or use \($0.name), which runs well there" }].compactMap { $0 }.joined(
        separator: "; "))
  }

  /// The option that can be started now: the chosen one where it is a file, else the best file that fits.
  ///
  /// - Throws: `Failure` with the reason and the nearest thing that would work.
  public func deployable() throws -> PlanOption {
    if let chosen, options.indices.contains(chosen), options[chosen].launch != nil { return options[chosen] }
    let files = options.filter { $0.origin == .file }
    if let usable = files.first(where: { ($0.verdict == .fits || $0.verdict == .tight) && $0.launch != nil }) {
      return usable
    }
    let refused = files.first?.refusal ?? options.first?.refusal ?? reasons.last
    let reason = refused ?? Reason(.nothingToPlan, "there is nothing to deploy")
    let better = chosen.map { "\(options[$0].quantization) would fit: make it with \(options[$0].maker)" }
    throw Failure(.doesNotFit, reason.code, reason.message, remedy: better ?? reason.remedy)
  }
}

extension PlanOption {
  /// Why it is not started. One that fits is held back by having no command, never by fitting.
  public var refusal: Reason {
    guard verdict == .fits || verdict == .tight else { return reason }
    let cause = origin == .file ? "no command is known for it" : "it is not a file yet"
    return Reason(.noLaunch, "\(quantization) fits, but cannot be started: \(cause)", remedy: "make it with \(maker)")
  }

  /// The program that makes such a form.
  public var maker: String {
    EngineCatalogue.engine(engine).serving.quantizer ?? "the engine's own tool"
  }
}
