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
      ) { _ in try .json(await workspace.thisMachine()) },
      Endpoint(
        method: "GET", path: "/machine/drawing", name: "drawMachine", group: "Machines",
        words: "This machine's topology as a picture.", answer: .text(type: "image/svg+xml")
      ) { _ in
        .text(MachineDrawing(await workspace.thisMachine()).svg(), type: "image/svg+xml")
      },
      Endpoint(
        method: "GET", path: "/doctor", name: "runDoctor", group: "Machines",
        words: "What would stop a deployment on this machine, and what to do.", answer: .document("doctor")
      ) { _ in
        let doctor = Doctor(deployer: workspace.deployer, hubCache: workspace.hub.cache)
        return try .json(FindingTable(await doctor.examine(await workspace.thisMachine())))
      },
      Endpoint(
        method: "GET", path: "/machines", name: "listMachines", group: "Machines",
        words: "Machines of the catalogue and your own profiles.",
        parameters: [
          Field("text", .text(most: 100), "Only names that contain this.", example: "rtx"),
          Field("kind", .choice(Profiles.Shelf.allCases.map(\.rawValue)), "Only of this kind."),
          Field("maker", .text(most: 100), "Only of this maker or provider."),
        ], answer: .document("machines")
      ) { inputs in
        let question = CatalogueQuestion(
          text: inputs.text("text"), kind: inputs.choice("kind"), maker: inputs.text("maker"))
        return try await aside { try .json(try workspace.machines(question).table) }
      },
      Endpoint(
        method: "GET", path: "/machines/{machine}", name: "getCatalogueMachine", group: "Machines",
        words: "One machine of the catalogue, by a name or a line of parts.",
        parameters: [
          Field("machine", .text(most: 300), "A name, or a line such as 2x rtx-4090, 128 GiB.", required: true)
        ],
        answer: .document("machine")
      ) { inputs in try .json(try await warm.place(inputs.text("machine") ?? "").machine) },
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
