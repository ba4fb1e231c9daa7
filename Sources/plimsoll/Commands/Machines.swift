import ArgumentParser
import Hardware
import Platform
import Profiles
import Reporting
import Units

/// Profiles of machines: probed, from the catalogue, or written by hand.
struct Machines: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, validate and compare machine profiles.",
    discussion: "Example: plimsoll machines compare apple-m4-pro-48gb \"2x rtx-4090, 128 GiB\"",
    subcommands: [List.self, Show.self, Validate.self, Compare.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the catalogue and your own profiles.",
      discussion: """
        Example: plimsoll machines list rtx
        Example: plimsoll machines list --kind machines --maker apple
        """)
    @Argument(help: "Show only names that contain this text.") var text: String?
    @Option(
      help: ArgumentHelp(
        "Show only one kind: \(MachineKind.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "kind"))
    var kind: MachineKind?
    @Option(help: ArgumentHelp("Show only what this maker or provider makes.", valueName: "name")) var maker: String?
    @Flag(name: .customLong("all"), help: "Show the figures of all of them, not only the names.") var showsAll = false
    @OptionGroup var names: CatalogueOption
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let catalogue = names.catalogue(CommandContext())
      let all = catalogue.makers()
      let wanted = all.filter { entry, maker in
        (kind == nil || entry.shelf == kind?.shelf) && (text == nil || entry.name.plain.contains(text?.plain ?? ""))
          && (self.maker == nil || (maker ?? "").plain.contains(self.maker?.plain ?? ""))
      }
      if let text, wanted.isEmpty { throw catalogue.unknown(text) }
      let isNames = text == nil && kind == nil && maker == nil && !showsAll && !json
      // Of names alone, only the user's own profiles are looked into, for they may be wrong.
      let (shown, errors) = catalogue.read(wanted.map(\.entry).filter { !isNames || $0.shelf == .personal })
      for error in errors { Terminal.note("plimsoll: \(error) [\(error.reason.code)]") }
      if json { return try JSONOutput.print(MachineListDocument(machines: shown.map { $0.machine })) }
      if isNames {
        let rows = wanted.map {
          MachineListing.Row(kind: $0.entry.shelf.rawValue, name: $0.entry.name, maker: $0.maker)
        }
        Terminal.result(MachineListing(rows).grouped(width: CommandContext().terminal.width))
        return Terminal.result(
          "\n\(rows.count) profiles. With figures: plimsoll machines list rtx-50, --kind processors, --maker apple, --all"
        )
      }
      Terminal.result(machineTable(shown).rendered())
      Terminal.result(
        """

        \(shown.count) of \(all.count) profiles; GiB, GB/s, FP16 and W are of one GPU, else of the processors
        ? marks a figure that no checked source states
        """)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one profile, each figure with its source.",
      discussion: "Example: plimsoll machines show h100-sxm")
    @Argument(help: "A profile's name or file, or a line such as \"2x rtx-4090, 128 GiB\".") var name: String
    @OptionGroup var names: CatalogueOption
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let found = try names.resolve(name, CommandContext())
      if json { return try JSONOutput.print(found) }
      Terminal.result(try MachineProfile.text(found))
    }
  }

  struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check profile files; exits with 4 where one is wrong.",
      discussion: "Example: plimsoll machines validate my-server.yaml")
    @Argument(help: "Profile files.") var files: [String]
    @Flag(help: "Print JSON (plimsoll.machine-validation/1).") var json = false

    func run() async throws {
      let verdicts = files.map { ProfileVerdict(file: $0) }
      if json {
        try JSONOutput.print(ProfileVerdictDocument(files: verdicts))
      } else {
        for verdict in verdicts { Terminal.result(verdict.words) }
      }
      let wrong = verdicts.count { !$0.isValid }
      guard wrong > 0 else { return }
      throw Failure(
        .refusedInput, .invalidProfile,
        "\(wrong) of \(files.count) \(files.count == 1 ? "profile" : "profiles") wrong",
        remedy: ProfileError.example)
    }
  }

  struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what changes from one machine to another.",
      discussion: "Example: plimsoll machines compare rtx-4090 rtx-5090")
    @Argument(help: ArgumentHelp("Two or more names, files or lines.", valueName: "machines")) var machines: [String]
    @OptionGroup var names: CatalogueOption
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
      if machines.count < 2 { throw ValidationError("name two machines or more") }
    }

    func run() async throws {
      let context = CommandContext()
      let comparison = MachineComparison(try machines.map { try names.resolve($0, context) })
      if json { return try JSONOutput.print(comparison) }
      var table = TextTable([""] + comparison.machines.map { ">\($0)" } + [">ratio", "unit"])
      for row in comparison.rows {
        let cells = zip(row.values, row.sources).map { value, source in
          value.map { $0.formatted(significant: 4) + (source?.unverified == true ? "?" : "") } ?? "unknown"
        }
        table.add([row.name] + cells + [row.ratio.map { "x\($0.formatted(decimals: 2))" } ?? "", row.unit])
      }
      Terminal.result(table.rendered())
    }
  }
}

/// The kinds of profiles, as `--kind` names them.
enum MachineKind: String, ExpressibleByArgument, CaseIterable {
  case personal, machines, accelerators, processors

  var shelf: Profiles.Shelf {
    switch self {
    case .personal: .personal
    case .machines: .machines
    case .accelerators: .accelerators
    case .processors: .processors
    }
  }
}

/// What `machines validate` says of one file.
private struct ProfileVerdict: Encodable {
  var file: String
  var isValid: Bool
  /// The machine's name, where the profile is one.
  var name: String?
  /// What is wrong with it, where it is not.
  var error: String?

  init(file: String) {
    self.file = file
    do {
      name = try MachineProfile.read(file: file).name
      isValid = true
    } catch {
      self.error = (error as? any ExplainedError)?.reason.message ?? "\(error)"
      isValid = false
    }
  }

  var words: String {
    error.map { printable($0) } ?? "\(file): \(name ?? "") is a valid \(Machine.schema) profile"
  }
}

private struct ProfileVerdictDocument: Encodable {
  var schema = "plimsoll.machine-validation/1"
  var files: [ProfileVerdict]
}

/// Machines as `machines list --json` prints them.
private struct MachineListDocument: Encodable {
  var schema = "plimsoll.machines/1"
  var machines: [Machine]
}

/// The catalogue at a glance; a figure that is not verified has a question mark.
private func machineTable(_ machines: [(entry: Profiles.Entry, machine: Machine)]) -> TextTable {
  func text(_ figure: Figure<Double>?, scale: Double = 1) -> String {
    guard let figure else { return "" }
    return (figure.value / scale).formatted(significant: 4) + (figure.source.unverified == true ? "?" : "")
  }
  var table = TextTable(["name", "kind", ">GPUs", ">GiB", ">GB/s", ">FP16 TFLOPS", ">W"])
  for (entry, machine) in machines {
    let gpu = machine.accelerators.first
    let memory = gpu?.memoryBytes ?? machine.memory.totalBytes
    table.add([
      entry.name, entry.shelf.rawValue, machine.accelerators.isEmpty ? "" : "\(machine.accelerators.count)",
      text(memory.map { $0.map { $0.gibibytes } }), text(gpu?.bandwidth ?? machine.memory.bandwidth, scale: 1e9),
      text(gpu?.teraOperationsPerSecond?["fp16"]), text(gpu?.watts ?? machine.watts ?? machine.cpu.watts),
    ])
  }
  return table
}
