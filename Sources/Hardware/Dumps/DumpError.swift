public import Units

/// Why a dump of a machine was not read.
public enum DumpError: ExplainedError, Hashable {
  case missing(path: String)
  case unreadable(path: String, cause: String)
  case tooLarge(path: String, limit: ByteCount)
  /// A version of a format that is known and not read.
  case unsupported(path: String, what: String, remedy: String)
  case unrecognized(path: String)
  /// Inputs of different machines, where one machine's were asked for.
  case differentMachines(cause: String)

  public var outcome: FailureOutcome { .refusedInput }

  public var reason: Reason {
    switch self {
    case .missing(let path):
      Reason(
        .missingFile, "no such file or folder: \(path)",
        remedy: "name a file (- for standard input) or a folder of dumps; plimsoll probe --help shows how to make one")
    case .unreadable(let path, let cause):
      Reason(
        .unreadableDump, "cannot read \(path): \(cause)",
        remedy: "write the dump anew; plimsoll probe --help shows how")
    case .tooLarge(let path, let limit):
      Reason(
        .dumpTooLarge, "\(path) is larger than \(limit), the most that a dump may have",
        remedy: "give the dump of one machine, without logs")
    case .unsupported(let path, let what, let remedy):
      Reason(.unsupportedDump, "cannot read \(path): \(what)", remedy: remedy)
    case .differentMachines(let cause):
      Reason(
        .differentMachines, cause,
        remedy: "give the dumps of one machine only, and keep each machine as its own profile")
    case .unrecognized(let path):
      Reason(
        .unrecognizedDump, "nothing in \(path) looks like a description of a machine",
        remedy: "known: sysfs trees, lstopo XML, lscpu, nvidia-smi, rocm-smi, amd-smi, dmidecode and others")
    }
  }
}
