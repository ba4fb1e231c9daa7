import Hub
import Reporting
import Workflows

extension API {
  var hubEndpoints: [Endpoint] {
    [
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
        parameters: [
          Field(
            "model", .text(most: 512), "hf:org/name[@revision][:QUANT or file].", required: true,
            example: "hf:Qwen/Qwen3-8B-GGUF:Q4_K_M")
        ], answer: .document("pull-preview")
      ) { inputs in
        let reference = try HubReference(parsing: inputs.text("model") ?? "")
        try requireOnline("\(reference)")
        let pull = ModelPull(reference, takesAll: false, loadsPickles: false, in: workspace)
        return try .json(PullPreview(try await pull.found().files))
      },
    ]
  }

  /// - Throws: `HubError.offline`.
  private func requireOnline(_ wanted: String) throws {
    if workspace.hub.isOffline { throw HubError.offline(wanted: wanted) }
  }
}
