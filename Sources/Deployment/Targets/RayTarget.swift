import Platform
import Engines
import Units

/// A server as a job of an existing Ray cluster: tensor parallel inside a node, pipeline parallel across.
struct RayTarget: Sendable {
  let request: TargetRequest

  /// The request's body for `POST /api/jobs/`.
  func job() throws(DeploymentError) -> RayJob {
    guard let nodes = request.serving.nodes else {
      throw .notLaunchable(
        Reason(
          .oneNodeEngine, "\(request.engine.rawValue) does not run on Ray", remedy: TargetRequest.spanningRemedy))
    }
    let names = EngineCatalogue.engine(request.engine).operation.address
    var launch = request.launch.addressed(
      to: ServerAddress(host: request.host, port: request.port, alias: request.name), by: names)
    // On CPUs one worker is all there is, and builds for CPUs come without Ray.
    if !request.devices.isEmpty || request.nodes > 1 {
      launch.flags.append(nodes.ray)
    }
    let words = [launch.program] + launch.arguments
    // Which devices are its own, and its address, are each node's business: Ray's workers are told by Ray.
    let bound = Set(DeviceSelection.variables + DeviceSelection.fixedVariables + nodes.ownVariables)
    return RayJob(
      entrypoint: key + words.map { shellQuoted($0) }.joined(separator: " "),
      submission_id: "plimsoll-\(request.name)", metadata: ["plimsoll.deployment": request.name],
      runtime_env: .init(env_vars: launch.environment.filter { !bound.contains($0.key) }))
  }

  /// Reads the key on the node, where other machines reach the server: whoever sees the cluster's jobs sees their words and
  /// variables, so the key is in neither.
  private var key: String {
    guard !request.isLoopback, let variable = request.serving.keyVariable else { return "" }
    let file = "\"$HOME/.config/plimsoll/\(request.name).key\""
    return "\(variable)=\"$(cat \(file))\" && export \(variable) && test -n \"$\(variable)\" && exec "
  }

  func file() throws(DeploymentError) -> TargetFile {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let job = try job()
    guard let data = try? encoder.encode(job) else { throw .unwritable(cause: "the job cannot be written") }
    let keyFile =
      request.isLoopback ? "" : "; each node needs ~/.config/plimsoll/\(request.name).key, readable by Ray's user alone"
    return TargetFile(
      name: "\(request.name).ray.json", text: String(decoding: data, as: UTF8.self) + "\n",
      usage: "plimsoll deploy MODEL --target ray --address http://HEAD:8265 --apply" + keyFile)
  }
}

/// A job as Ray's HTTP interface takes it; its names are Ray's.
struct RayJob: Hashable, Sendable, Codable {
  struct Environment: Hashable, Sendable, Codable { var env_vars: [String: String] }
  var entrypoint: String
  var submission_id: String
  var entrypoint_num_cpus = 1.0
  /// Custom resources that a node must have for the job to start there; nil is any node.
  var entrypoint_resources: [String: Double]?
  var metadata: [String: String]
  var runtime_env: Environment

  init(
    entrypoint: String, submission_id: String, metadata: [String: String], runtime_env: Environment,
    entrypoint_resources: [String: Double]? = nil
  ) {
    self.entrypoint = entrypoint
    self.submission_id = submission_id
    self.metadata = metadata
    self.runtime_env = runtime_env
    self.entrypoint_resources = entrypoint_resources
  }
}
