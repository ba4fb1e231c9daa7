import Deployment
import Hardware
import Hub
import Profiles
import Reporting
import Units
import Workflows

extension API {
  var machineEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/machine", name: "getMachine", group: "Machines",
        words: "This machine, as probe shows it.",
        answer: .document("machine")
      ) { _ in try .json(await watch.machine()) },
      Endpoint(
        method: "GET", path: "/machine/drawing", name: "drawMachine", group: "Machines",
        words: "This machine's topology as a picture.", answer: .text(type: "image/svg+xml")
      ) { _ in
        .text(MachineDrawing(await watch.machine()).svg(), type: "image/svg+xml")
      },
      Endpoint(
        method: "GET", path: "/machine/facts", name: "getMachineFacts", group: "Machines",
        words: "This machine in words, row by row, and what is not known of it.", answer: .document("facts")
      ) { _ in try .json(MachineFacts(await watch.machine())) },
      Endpoint(
        method: "GET", path: "/machine/use", name: "getMachineUse", group: "Machines",
        words: "How much of this machine is in use now. What cannot be read is null.", answer: .document("use")
      ) { _ in try .json(await watch.use()) },
      Endpoint(
        method: "GET", path: "/machine/use/events", name: "followMachineUse", group: "Machines",
        words: "The same every two seconds as events named use, for as long as somebody listens.", answer: .events
      ) { _ in
        .events { send in
          while true {
            try await send(event: "use", data: JSONOutput.line(await watch.use()))
            try await Task.sleep(for: .seconds(2))
          }
        }
      },
      Endpoint(
        method: "GET", path: "/engines", name: "listEngines", group: "Machines",
        words: "The engines of this machine, and what each kind can be asked for.", answer: .document("engines")
      ) { _ in try .json(EngineTable(found: await workspace.engineFinder.all())) },
      Endpoint(
        method: "GET", path: "/doctor", name: "runDoctor", group: "Machines",
        words: "What would stop a deployment on this machine, and what to do.", answer: .document("doctor")
      ) { _ in
        let doctor = Doctor(deployer: workspace.deployer, hubCache: workspace.hub.cache)
        return try .json(FindingTable(await doctor.examine(await watch.machine())))
      },
      Endpoint(
        method: "GET", path: "/catalogue", name: "listCatalogue", group: "Machines",
        words: "Names of machines with kind and maker, without their figures.", parameters: Self.catalogueFields,
        answer: .document("machine-names")
      ) { inputs in
        var question = Self.catalogueQuestion(inputs)
        question.isNamesOnly = true
        let asked = question
        return try await aside { try .json(MachineListing(try workspace.machines(asked).rows)) }
      },
      Endpoint(
        method: "GET", path: "/machines", name: "listMachines", group: "Machines",
        words: "Machines of the catalogue and your own profiles.",
        parameters: Self.catalogueFields, answer: .document("machines")
      ) { inputs in
        let question = Self.catalogueQuestion(inputs)
        return try await aside { try .json(try workspace.machines(question).table) }
      },
      Endpoint(
        method: "GET", path: "/machines/{machine}", name: "getCatalogueMachine", group: "Machines",
        words: "One machine of the catalogue, by a name or a line of parts.",
        parameters: [Self.namedMachineField], answer: .document("machine")
      ) { inputs in try .json(try await warm.place(inputs.text("machine") ?? "").machine) },
      Endpoint(
        method: "GET", path: "/machines/{machine}/facts", name: "getCatalogueMachineFacts", group: "Machines",
        words: "One machine of the catalogue, or one that was sent, in words.",
        parameters: [Self.namedMachineField], answer: .document("facts")
      ) { inputs in try .json(MachineFacts(try await warm.place(inputs.text("machine") ?? "").machine)) },
      Endpoint(
        method: "POST", path: "/machines", name: "readMachine", group: "Machines",
        words: "The machine that a dump or a profile describes. Location names it for plan and recommend.",
        body: [
          Field(
            "content", .text(most: MachineProfile.sizeLimit),
            "The text of a profile, or what nvidia-smi, lstopo, lscpu and others print.", required: true,
            example: "MemTotal: 65536000 kB"),
          Field("name", .text(most: 100), "What the file is called."),
        ], status: 201, answer: .document("machine")
      ) { inputs in try await readMachine(inputs) },
    ]
  }

  private static let namedMachineField = Field(
    "machine", .text(most: 300), "A name, or a line such as 2x rtx-4090, 128 GiB.", required: true)

  private static let catalogueFields = [
    Field("text", .text(most: 100), "Only names that contain this.", example: "rtx"),
    Field("kind", .choice(Profiles.Shelf.allCases.map(\.rawValue)), "Only of this kind."),
    Field("maker", .text(most: 100), "Only of this maker or provider."),
  ]

  private static func catalogueQuestion(_ inputs: Inputs) -> CatalogueQuestion {
    CatalogueQuestion(text: inputs.text("text"), kind: inputs.choice("kind"), maker: inputs.text("maker"))
  }

  private func readMachine(_ inputs: Inputs) async throws -> WebResponse {
    // A browser names a file alone; what looks like a path is a name too.
    let name = printable(inputs.text("name")?.split { "/\\".contains($0) }.last.map { String($0) } ?? "upload")
    let content = inputs.text("content") ?? ""
    let machine = try await aside { try workspace.machine(describedBy: content, name: name) }
    var response = try WebResponse.json(machine, status: 201)
    response.headers["Location"] = Self.path("machines", warm.keep(machine))
    return response
  }
}
