/// The systems that Plimsoll runs on, for what differs in facts rather than in calls: folders, packages, commands.
public enum OperatingSystem: Hashable, Sendable {
  case linux, macOS

  /// The one that this program was compiled for.
  public static var current: OperatingSystem {
    #if os(macOS)
      .macOS
    #else
      .linux
    #endif
  }
}
