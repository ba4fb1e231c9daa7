import Foundation
import Platform
import Reporting
import Units
public import Workflows

/// The workbench: its pages and its API behind one gate.
public struct WebApp: Sendable {
  private let gate: Gate
  let api: API
  private let endpoints: [Endpoint]
  private let openAPI: [UInt8]
  private let pages: Pages?

  /// - Parameters:
  ///   - program: this program, which a deployment's supervisor is.
  ///   - schemas: texts of the JSON schemas of the commands' output, by name.
  ///   - hasPages: false for the API alone.
  /// - Throws: `RecordError` where the database cannot be opened.
  public init(
    _ workspace: Workspace, gate: Gate, program: String, schemas: [String: String], hasPages: Bool
  ) throws {
    self.gate = gate
    api = try API(workspace, program: program)
    endpoints = api.endpoints + (hasPages ? [gate.linkEndpoint] : [])
    openAPI = Array(try JSONOutput.text(OpenAPI(endpoints, schemas: schemas).document).utf8)
    pages = hasPages ? Pages() : nil
  }

  /// The most bytes of a request's body: conversations and machines are longer than others, and only those of the user.
  func bodyLimit(_ request: WebRequest) -> Int {
    let usual = 65_536
    guard request.path.starts(with: API.root), gate.knows(request) else { return usual }
    if request.path.elementsEqual(API.root + ["machines"]) { return 4 << 20 }
    return request.path.last == "chat" ? 1 << 20 : usual
  }

  /// Answers one request.
  public func answer(_ request: WebRequest) async -> WebResponse {
    if let refusal = gate.refusal(of: request) { return refusal }
    do {
      if request.path.starts(with: API.root) { return try await answer(request, request.path.dropFirst(2)) }
      if let page = pages?.answer(request) { return page }
      throw WebFault(404, "there is nothing at \(printable(request.place))")
    } catch {
      let problem = Problem(error)
      return .problem(problem.status, problem.reason)
    }
  }

  private func answer(_ request: WebRequest, _ path: ArraySlice<String>) async throws -> WebResponse {
    let method = request.method == "HEAD" ? "GET" : request.method
    if path.elementsEqual(["openapi.json"]), method == "GET" { return .bytes(openAPI, type: "application/json") }
    let found = endpoints.compactMap { endpoint in endpoint.captures(path).map { (endpoint, $0) } }
    guard !found.isEmpty else { throw WebFault(404, "there is nothing at \(printable(request.place))") }
    guard let (endpoint, captures) = found.first(where: { $0.0.method == method }) else {
      var refusal = WebResponse.problem(WebFault(405, "\(request.method) is not for \(printable(request.place))"))
      refusal.headers["Allow"] = Set(found.map(\.0.method)).sorted().joined(separator: ", ")
      return refusal
    }
    guard endpoint.body != nil || request.body.isEmpty else { throw WebFault(400, "this request takes no body") }
    return try await endpoint.handle(try endpoint.inputs(request, captures: captures))
  }

  /// Gives memory back that nobody uses, while no job is kept waiting by it or measures.
  func rest() {
    if api.jobs.isIdle { returnFreedMemory() }
  }

  /// Ends what runs for somebody, and leaves nothing behind.
  public func end() async { await api.jobs.endAll() }
}
