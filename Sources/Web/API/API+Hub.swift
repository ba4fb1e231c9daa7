import Hub
import Models
import Profiles
import Reporting
import Units
import Workflows

extension API {
  var hubEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/catalogue/models", name: "listCatalogueModels", group: "Models",
        words: "The models that are known by name, newest first.",
        parameters: [Field("text", .text(most: 100), "Only names that contain this.", example: "qwen3")],
        answer: .document("catalogue")
      ) { inputs in
        let text = inputs.text("text")?.plain ?? ""
        return try await aside {
          let all = try workspace.catalogue().modelCatalogue().entries()
          let found = all.filter { entry in
            text.isEmpty || entry.name.plain.contains(text) || entry.repository.plain.contains(text)
          }
          let newest = found.sorted { ($1.released ?? "", $0.name) < ($0.released ?? "", $1.name) }
          return try .json(CatalogueDocument(newest, of: all.count))
        }
      },
      Endpoint(
        method: "GET", path: "/hub/models", name: "searchHub", group: "Models",
        words: "Models of the Hub by words of their name, the most fetched first.",
        parameters: [
          Field("text", .text(most: 100), "Words of the name.", required: true, example: "smollm"),
          Field("format", .choice(["gguf", "safetensors", "mlx"]), "Only of this format."),
          Field("files", .flag, "With the quantizations and their sizes."),
          Field("limit", .integer(1...50), "The most to list; 10 if left out."),
        ], answer: .document("search")
      ) { inputs in
        try requireOnline("models of the Hub")
        var search = HubSearch(text: inputs.text("text") ?? "")
        (search.format, search.limit) = (inputs.text("format"), inputs.integer("limit") ?? 10)
        let client = workspace.hubClient()
        var document = SearchDocument(try await client.search(search))
        if inputs.flag("files") {
          let found = try await client.files(of: document.repositories.map(\.repository))
          try await document.add(found, planner: nil)
        }
        return try .json(document)
      },
      Endpoint(
        method: "GET", path: "/hub/files", name: "previewDownload", group: "Models",
        words: "What a download would fetch, with its size.",
        parameters: [Self.fetchedField], answer: .document("pull-preview")
      ) { inputs in
        let reference = try HubReference(parsing: inputs.text("model") ?? "")
        try requireOnline("\(reference)")
        let pull = ModelPull(reference, takesAll: false, loadsPickles: false, in: workspace)
        return try .json(PullPreview(try await pull.found().files))
      },
    ]
  }

  /// - Throws: `HubError.offline`.
  func requireOnline(_ wanted: String) throws {
    if workspace.hub.isOffline { throw HubError.offline(wanted: wanted) }
  }
}
