import Benchmarking
public import Deployment
public import Hardware
import Platform
import Reporting
public import Units

/// What of this machine is in use at a moment. What cannot be read is null in the JSON, never 0.
public struct MachineUse: Encodable, Sendable {
  public struct Accelerator: Sendable {
    public var name: String
    public var memoryBytes: ByteCount?
    public var usedBytes: ByteCount?
    /// 0 to 1.
    public var utilization: Double?
  }

  /// A server that runs, with the memory that it holds.
  public struct Server: Sendable {
    public var name: String
    public var state: DeploymentState
    public var residentBytes: ByteCount?
    public var acceleratorBytes: ByteCount?
  }

  /// Seconds since 1970.
  public var time: Double
  public var memoryBytes: ByteCount?
  public var availableBytes: ByteCount?
  /// The share of all processors' time since the reading before, 0 to 1.
  public var cpuShare: Double?
  public var accelerators: [Accelerator]
  public var deployments: [Server]

  private enum Key: String, CodingKey {
    case schema, time, memory, cpu, accelerators, deployments
    case name, state, totalBytes, availableBytes, usedBytes, utilization, residentBytes, acceleratorBytes
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode("plimsoll.use/1", forKey: .schema)
    try container.encode(time, forKey: .time)
    var memory = container.nestedContainer(keyedBy: Key.self, forKey: .memory)
    try memory.encode(memoryBytes, forKey: .totalBytes)
    try memory.encode(availableBytes, forKey: .availableBytes)
    var cpu = container.nestedContainer(keyedBy: Key.self, forKey: .cpu)
    try cpu.encode(cpuShare, forKey: .utilization)
    var list = container.nestedUnkeyedContainer(forKey: .accelerators)
    for one in accelerators {
      var item = list.nestedContainer(keyedBy: Key.self)
      try item.encode(one.name, forKey: .name)
      try item.encode(one.memoryBytes, forKey: .totalBytes)
      try item.encode(one.usedBytes, forKey: .usedBytes)
      try item.encode(one.utilization, forKey: .utilization)
    }
    var servers = container.nestedUnkeyedContainer(forKey: .deployments)
    for one in deployments {
      var item = servers.nestedContainer(keyedBy: Key.self)
      try item.encode(one.name, forKey: .name)
      try item.encode(one.state, forKey: .state)
      try item.encode(one.residentBytes, forKey: .residentBytes)
      try item.encode(one.acceleratorBytes, forKey: .acceleratorBytes)
    }
  }
}

/// Reads this machine, and what of it is in use; whoever asks soon after another has the same reading.
public actor MachineWatch {
  private let workspace: Workspace
  private var sampler = ServerSampler(processes: [])
  private let accelerators = AcceleratorWatch()
  /// What the machine is, or is found to be, and until when that is said again.
  private var probe: (task: Task<Machine, Never>, until: Int64?)?
  private var sampledAt: Int64?
  private var latest: (use: MachineUse, at: Int64)?
  private var isReading = false

  private static let fresh: Int64 = 1_000_000_000
  /// A page asks for the machine's figures, its words and its drawing at once.
  private static let kept: Int64 = 2_000_000_000
  /// A share of time over a longer span says little of now.
  private static let longest: Int64 = 10_000_000_000

  public init(of workspace: Workspace) { self.workspace = workspace }

  /// The machine as it was found at most two seconds ago.
  public func machine() async -> Machine {
    if let probe, probe.until.map({ workspace.clock.now() < $0 }) ?? true { return await probe.task.value }
    let task = Task { [workspace] in await workspace.thisMachine() }
    probe = (task, nil)
    let machine = await task.value
    probe = (task, workspace.clock.now() + Self.kept)
    return machine
  }

  /// The reading of this moment; the first waits a fifth of a second, for a share of time needs two.
  public func use() async throws -> MachineUse {
    if let latest, isReading || workspace.clock.now() - latest.at < Self.fresh { return latest.use }
    isReading = true
    defer { isReading = false }
    // What it has does not change from one moment to the next.
    let machine = if let probe { await probe.task.value } else { await machine() }
    if sampledAt.map({ workspace.clock.now() - $0 > Self.longest }) ?? true {
      _ = sampler.sample(at: workspace.clock.now())
      try await Task.sleep(for: .milliseconds(200))
    }
    let listing = await workspace.deploymentListing()
    let now = workspace.clock.now()
    let sample = sampler.sample(at: now)
    sampledAt = now
    let activities = accelerators.reading(of: machine.accelerators)
    let use = MachineUse(
      time: workspace.clock.wallSeconds(), memoryBytes: machine.memory.totalBytes?.value,
      availableBytes: sample.availableBytes.map { ByteCount($0) }, cpuShare: sample.machineCPU,
      accelerators: zip(machine.accelerators, activities).map { accelerator, activity in
        .init(
          name: accelerator.model?.value ?? "\(accelerator.vendor.value)", memoryBytes: accelerator.memoryBytes?.value,
          usedBytes: activity.usedBytes, utilization: activity.utilization)
      },
      deployments: listing.deployments.map { row in
        .init(
          name: row.deployment.name, state: row.deployment.state, residentBytes: row.usage?.residentBytes,
          acceleratorBytes: row.usage?.acceleratorBytes)
      })
    latest = (use, now)
    return use
  }
}
