import Deployment
public import Engines
import Planning
import Platform
import Profiles
import Units

extension Workspace {
  /// The engines that have a program on this machine, whether or not it turns out to work.
  public var enginesHere: Set<EngineKind> {
    let finder = engineFinder
    return Set(EngineCatalogue.all.filter { finder.isThere($0) }.map(\.kind))
  }

  /// Makes sure that the engine of an option can be used, before anything is fetched for it; one that is not there is
  /// installed, after asking.
  ///
  /// - Parameter isAgreed: true where the user gave `--yes`.
  /// - Throws: `DeploymentError.noEngine` where there is none, `InstallationError` where it could not be installed.
  func makeReady(_ option: PlanOption, isAgreed: Bool) async throws {
    // A program that is there and does not work is for its owner to repair: another beside it would hide it.
    let isThere = engineFinder.isThere(EngineCatalogue.engine(option.engine), program: option.launch?.program)
    if !isThere { try await installEngine(Deployer.installedName(of: option), isAgreed: isAgreed) }
    try await deployer.requireEngine(of: option)
  }

  /// Installs an engine where there is a recipe of it and somebody agrees.
  private func installEngine(_ name: String, isAgreed: Bool) async throws {
    guard let version = EngineInstaller.version(of: name) else { return }
    guard isAgreed || audience.confirm("\(name) is not installed. Install \(version), pinned by hash?") else { return }
    let installer = EngineInstaller(folders: folders, locks: catalogue().locks, note: audience.note)
    for path in try await installer.install(name) { audience.note("installed \(path)") }
  }
}
