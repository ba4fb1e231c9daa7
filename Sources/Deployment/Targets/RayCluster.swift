public import Platform
import Units

/// An existing Ray cluster, spoken to over its HTTP interface; no Python is needed here.
public struct RayCluster: Sendable {
  private let address: String
  private let token: String?
  private let transport: any HTTPTransport

  /// - Parameter token: sent to this address only, and never printed.
  public init(address: String, token: String?, transport: any HTTPTransport) {
    var plain = address
    while plain.hasSuffix("/") { plain.removeLast() }
    self.address = plain
    self.token = token
    self.transport = transport
  }

  /// What a cluster says of one job.
  public struct Status: Hashable, Sendable, Codable {
    public var status: String
    public var message: String?
    public var driver_exit_code: Int?
  }

  /// Asks for the version, which also shows whether the token is right.
  public func version() async throws(DeploymentError) -> String {
    struct Answer: Decodable { var ray_version: String }
    return try decoded(Answer.self, try await send("GET", "/api/version")).ray_version
  }

  /// Submits a deployment as a job and returns the job's name.
  public func submit(_ request: TargetRequest) async throws(DeploymentError) -> String {
    let job = try RayTarget(request: request).job()
    guard let body = try? JSONEncoder().encode(job) else { throw .unwritable(cause: "the job cannot be written") }
    _ = try await send("POST", "/api/jobs/", Array(body))
    return job.submission_id
  }

  /// Submits any command as a job, such as one shard of a benchmark, and returns the job's name.
  ///
  /// - Parameters:
  ///   - words: the program and its arguments, as they are on the nodes.
  ///   - resources: custom resources by which one node is chosen.
  public func submit(
    _ words: [String], name: String, resources: [String: Double], environment: [String: String]
  ) async throws(DeploymentError) -> String {
    let job = RayJob(
      entrypoint: words.map { shellQuoted($0) }.joined(separator: " "), submission_id: name,
      metadata: ["plimsoll.job": name], runtime_env: .init(env_vars: environment),
      entrypoint_resources: resources.isEmpty ? nil : resources)
    guard let body = try? JSONEncoder().encode(job) else { throw .unwritable(cause: "the job cannot be written") }
    _ = try await send("POST", "/api/jobs/", Array(body))
    return name
  }

  /// One machine of the cluster.
  public struct Node: Hashable, Sendable, Codable {
    public var name: String
    /// `ALIVE` or `DEAD`, in Ray's words.
    public var state: String
    public var isHead: Bool
    /// What it offers: `CPU`, `GPU`, and custom resources.
    public var resources: [String: Double]
  }

  /// Lists the cluster's machines.
  public func nodes() async throws(DeploymentError) -> [Node] {
    struct Answer: Decodable {
      struct Data: Decodable { var summary: [Summary] }
      struct Summary: Decodable {
        var hostname: String
        var raylet: Raylet
      }
      struct Raylet: Decodable {
        var state: String?
        var isHeadNode: Bool?
        var resourcesTotal: [String: Double]?
      }
      var data: Data
    }
    return try decoded(Answer.self, try await send("GET", "/nodes?view=summary")).data.summary.map {
      Node(
        name: $0.hostname, state: $0.raylet.state ?? "unknown", isHead: $0.raylet.isHeadNode ?? false,
        resources: $0.raylet.resourcesTotal ?? [:])
    }
  }

  public func status(_ job: String) async throws(DeploymentError) -> Status {
    try decoded(Status.self, try await send("GET", "/api/jobs/\(job)"))
  }

  public func logs(_ job: String) async throws(DeploymentError) -> String {
    struct Answer: Decodable { var logs: String }
    return try decoded(Answer.self, try await send("GET", "/api/jobs/\(job)/logs")).logs
  }

  public func stop(_ job: String) async throws(DeploymentError) {
    _ = try await send("POST", "/api/jobs/\(job)/stop")
  }

  private func decoded<Value: Decodable>(_ type: Value.Type, _ response: HTTPResponse) throws(DeploymentError) -> Value
  {
    guard let value = try? JSONDecoder().decode(type, from: Data(response.body)) else {
      throw .cluster(Reason(.notARayCluster, "\(address) does not answer as Ray does"))
    }
    return value
  }

  private func send(_ method: String, _ path: String, _ body: [UInt8]? = nil) async throws(DeploymentError)
    -> HTTPResponse
  {
    var headers = ["Accept": "application/json"]
    if body != nil { headers["Content-Type"] = "application/json" }
    if let token { headers["Authorization"] = "Bearer \(token)" }
    let response: HTTPResponse
    do {
      response = try await transport.send(HTTPRequest(method, address + path, headers: headers, body: body))
    } catch {
      throw .cluster(Reason(.clusterUnreachable, "\(error)", remedy: "check --address"))
    }
    switch response.status {
    case 200..<300: return response
    case 401, 403:
      throw .cluster(
        Reason(
          .tokenRefused, "the Ray cluster refuses the token", remedy: "set RAY_AUTH_TOKEN to the cluster's token"))
    case 404: throw .unknown(name: path.split(separator: "/").dropFirst(2).first.map { String($0) } ?? path)
    default:
      let words = FailureSorting.cleaned(response.text.prefix(300))
      throw .cluster(Reason(.clusterRefused, "the Ray cluster answered \(response.status): \(words)"))
    }
  }
}
