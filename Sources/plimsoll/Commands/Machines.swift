import ArgumentParser
import Hardware
import Platform
import Profiles
import Reporting
import Units
import Workflows

/// Profiles of machines: probed, from the catalogue, or written by hand.
struct Machines: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, check and compare machine profiles.",
    discussion: """
      Examples:
        plimsoll machines list rtx
        plimsoll machines compare apple-m4-pro-48gb "2x rtx-4090, 128 GiB"
      """,
    subcommands: [List.self, Show.self, Validate.self, Compare.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the catalogue and your own profiles.",
      usage: "plimsoll machines list [TEXT] [OPTIONS]",
      discussion: """
        Examples:
          plimsoll machines list rtx
          plimsoll machines list --kind machines --maker apple
        """)
    @Argument(help: "Show only names that contain this text.") var text: String?
    @Option(
      help: ArgumentHelp(
        "Show only one kind: \(MachineKind.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "kind"))
    var kind: MachineKind?
    @Option(help: ArgumentHelp("Show only what this maker or provider makes.", valueName: "name")) var maker: String?
    @Flag(help: "Show every name.") var verbose = false
    @Flag(name: .customLong("all"), help: "Show the figures of all of them.") var showsAll = false
    @OptionGroup var names: CatalogueOption
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let workspace = names.workspace()
      let catalogue = workspace.catalogue()
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
      let table = MachineTable(shown.map { ($0.entry.name, $0.entry.shelf.rawValue, $0.machine) })
      if json { return try JSONOutput.print(table) }
      if isNames {
        let rows = wanted.map {
          MachineListing.Row(kind: $0.entry.shelf.rawValue, name: $0.entry.name, maker: $0.maker)
        }
        let listing = MachineListing(rows)
        Terminal.result(verbose ? listing.grouped(width: workspace.terminal.width) : listing.counts())
        let more = verbose ? "" : " --verbose lists their names."
        return Terminal.result(
          "\n\(rows.count) profiles.\(more) With figures: plimsoll machines list rtx-50")
      }
      Terminal.result(table.rendered())
      Terminal.result(
        """

        \(shown.count) of \(all.count) profiles; GiB, GB/s, FP16 and W are of one GPU, else of the processors
        ? marks a figure that no checked source states
        """)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a machine, each figure with its source.",
      usage: "plimsoll machines show MACHINE [OPTIONS]",
      discussion: """
        Examples:
          plimsoll machines show h100-sxm
          plimsoll machines show "2x rtx-4090, 128 GiB" --json
          plimsoll machines show dgx-h100 --draw-svg dgx.svg
        """)
    @Argument(
      help: "A profile's name or file, or a line such as \"2x rtx-4090, 128 GiB\".", completion: Completion.machines)
    var name: String
    @OptionGroup var names: CatalogueOption
    @Flag(help: "Draw it in the terminal.") var draw = false
    @Option(name: .customLong("draw-svg"), help: ArgumentHelp("Write the drawing as SVG.", valueName: "file"))
    var drawSVG: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let workspace = names.workspace()
      let found = try workspace.machine(name)
      if let drawSVG { try workspace.writeDrawing(of: found, to: drawSVG) }
      if draw { return Terminal.result(MachineDrawing(found).text(width: workspace.terminal.width)) }
      if drawSVG != nil, !json { return }
      if json { return try JSONOutput.print(found) }
      Terminal.result(try MachineProfile.text(found))
    }
  }

  struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check profile files; exit code 4 where one is wrong.",
      usage: "plimsoll machines validate FILE... [--json]",
      discussion: """
        Examples:
          plimsoll machines validate my-server.yaml
          plimsoll machines validate profiles/*.yaml --json
        """)
    @Argument(help: "Profile files.", completion: .file(extensions: ["yaml", "yml"])) var files: [String]
    @Flag(help: "Print JSON (plimsoll.machine-validation/1).") var json = false

    func run() async throws {
      let verdicts = files.map { ProfileVerdict(file: $0) }
      if json {
        try JSONOutput.print(ProfileVerdicts(files: verdicts))
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
      abstract: "Compare machines, figure by figure.",
      usage: "plimsoll machines compare MACHINE MACHINE... [OPTIONS]",
      discussion: """
        Examples:
          plimsoll machines compare rtx-4090 rtx-5090
          plimsoll machines compare h100-sxm "2x a100-sxm4-80gb"
        """)
    @Argument(
      help: ArgumentHelp("Two or more names, files or lines.", valueName: "machines"), completion: Completion.machines)
    var machines: [String]
    @OptionGroup var names: CatalogueOption
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
      if machines.count < 2 { throw ValidationError("name two machines or more") }
    }

    func run() async throws {
      let context = names.workspace()
      let comparison = MachineComparison(try machines.map { try context.machine($0) })
      if json { return try JSONOutput.print(comparison) }
      Terminal.result(comparison.rendered())
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
