import Units

/// A new address of the pages.
private struct LinkDocument: Encodable {
  var schema = "plimsoll.link/1"
  var link: String
}

extension Gate {
  /// Lets the user in again: in another browser, or in one that lost its cookie.
  var linkEndpoint: Endpoint {
    Endpoint(
      method: "POST", path: "/link", name: "newLink", group: "Server",
      words: "A new address of the pages for a browser. It works once; the one before no longer does.",
      answer: .document("link")
    ) { [self] _ in try .json(LinkDocument(link: newLink())) }
  }
}
