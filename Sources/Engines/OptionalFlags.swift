extension LaunchConfiguration {
  /// Returns the same command without the optional flags that a build's help text does not mention.
  public func understood(byHelp help: String) -> LaunchConfiguration {
    var copy = self
    copy.flags.removeAll { flag in
      guard flag.isOptional == true, let name = flag.words.first else { return false }
      return !help.contains(name)
    }
    return copy
  }

  /// Returns the command for a build of which no help text is at hand: optional flags are said by variables where the
  /// engine has them, and left out where it has none.
  public func understoodByAnyBuild(of operation: EngineOperation) -> LaunchConfiguration {
    var copy = self
    for flag in flags where flag.isOptional == true {
      guard let name = flag.words.first, let variable = operation.flagVariables[name] else { continue }
      copy.environment[variable] = flag.words.count > 1 ? flag.words[1] : "1"
    }
    copy.flags.removeAll { $0.isOptional == true }
    return copy
  }
}
