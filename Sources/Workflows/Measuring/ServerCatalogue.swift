public import Benchmarking
import Foundation
import Hub
import Platform
import Units

/// What a server says of itself.
public struct ServerCatalogue: Sendable {
  private let target: BenchmarkTarget

  public init(_ target: BenchmarkTarget) { self.target = target }

  private struct Listing: Decodable {
    struct Entry: Decodable { var id: String }
    var data: [Entry]
  }

  /// Returns the name of the first model that the server lists.
  public func firstModel() async throws -> String {
    var headers: [String: String] = [:]
    if let key = target.apiKey { headers["Authorization"] = "Bearer \(key)" }
    let url = target.root + "/v1/models"
    let answer: HTTPResponse
    do {
      answer = try await CurlTransport().send(
        HTTPRequest("GET", url, headers: headers, timeout: .seconds(10), bodyLimit: 1 << 20))
    } catch {
      throw Failure(
        .failed, .serverUnreachable, "the server did not answer: \(error)", remedy: "check that it runs: curl \(url)")
    }
    guard answer.status == 200, let listing = try? JSONDecoder().decode(Listing.self, from: Data(answer.body)),
      let first = listing.data.first
    else {
      throw Failure(
        .refusedInput, .noModelListed, "the server lists no model (it answered \(answer.status))",
        remedy: "name it with --model")
    }
    return first.id
  }
}
