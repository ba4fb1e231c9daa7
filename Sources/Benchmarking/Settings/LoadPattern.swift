/// How requests come: so many at a time, or at moments of their own.
public enum LoadPattern: Hashable, Sendable, Codable {
  /// Closed loop: a new request as soon as one ends, so many in flight.
  case concurrency(Int)
  /// Closed loop that goes from one number in flight to another, evenly over a span of seconds.
  case concurrencyRamp(from: Int, to: Int, seconds: Double)
  /// Open loop: requests a second, with at most so many in flight where a cap is given.
  case rate(Double, process: ArrivalProcess, cap: Int?)
  /// Open loop whose rate goes from one to another, evenly over a span of seconds.
  case rateRamp(from: Double, to: Double, seconds: Double, process: ArrivalProcess, cap: Int?)
  /// Open loop at the moments of the data set's own times, stretched by a factor: 0.5 is twice as fast.
  case trace(scale: Double, cap: Int?)

  /// True where latency counts from the schedule rather than from the send.
  public var isOpenLoop: Bool {
    switch self {
    case .concurrency, .concurrencyRamp: false
    case .rate, .rateRamp, .trace: true
    }
  }

  /// True where each request keeps the moment that the data set gives it, so that the stage ends with the data.
  var isReplay: Bool {
    if case .trace = self { true } else { false }
  }
}

extension LoadPattern {
  /// Requests that a closed loop keeps in flight; nil for an open one and for a ramp.
  public var concurrency: Int? {
    if case .concurrency(let count) = self { count } else { nil }
  }

  /// Requests a second that are wanted, where the rate is constant.
  public var requestsPerSecond: Double? {
    if case .rate(let rate, _, _) = self { rate } else { nil }
  }

  /// The most requests in flight that the pattern allows; nil where it has no bound.
  public var mostInFlight: Int? {
    switch self {
    case .concurrency(let count): count
    case .concurrencyRamp(let from, let to, _): max(from, to)
    case .rate(_, _, let cap), .rateRamp(_, _, _, _, let cap), .trace(_, let cap): cap
    }
  }
}

/// How the gaps between arrivals are drawn.
public enum ArrivalProcess: Hashable, Sendable, Codable {
  case constant
  case poisson
  /// Gamma gaps of this shape: 1 is Poisson, below is burstier, above is smoother.
  case gamma(shape: Double)
}

/// When a stage sends no more requests: at the first of its limits.
public struct StopRule: Hashable, Sendable, Codable {
  public var requests: Int?
  public var seconds: Double?
  /// The half-width of the 95% interval of the mean end-to-end latency, relative, at which there is enough.
  public var precision: Double?

  public init(requests: Int? = nil, seconds: Double? = nil, precision: Double? = nil) {
    self.requests = requests
    self.seconds = seconds
    self.precision = precision
  }
}

extension StopRule {
  /// Requests of a stage that nothing else ends: the fewest that state a 95th percentile.
  static let usualRequests = Distribution.leastSamples(for: 0.95)

  /// Returns the rule, with a number of requests where neither it nor the load itself would ever end the stage.
  public func ending(_ load: LoadPattern) -> StopRule {
    self == StopRule() && !load.isReplay ? StopRule(requests: Self.usualRequests) : self
  }
}

/// A part of a run at one load.
public struct Stage: Hashable, Sendable, Codable {
  public var name: String
  public var load: LoadPattern
  public var stop: StopRule

  public init(name: String? = nil, load: LoadPattern, stop: StopRule) {
    self.name = name ?? load.label
    self.load = load
    self.stop = stop
  }
}

extension LoadPattern {
  /// A short name: `concurrency 4`, `2 requests/s (poisson)`.
  public var label: String {
    func text(_ number: Double) -> String { number == number.rounded() ? "\(Int(number))" : "\(number)" }
    switch self {
    case .concurrency(let count): return "concurrency \(count)"
    case .concurrencyRamp(let from, let to, _): return "concurrency \(from) to \(to)"
    case .rate(let rate, let process, let cap):
      return "\(text(rate)) requests/s (\(process.label)\(cap.map { ", at most \($0)" } ?? ""))"
    case .rateRamp(let from, let to, _, let process, _):
      return "\(text(from)) to \(text(to)) requests/s (\(process.label))"
    case .trace(let scale, _): return scale == 1 ? "trace" : "trace at \(text(scale)) of its time"
    }
  }
}

extension ArrivalProcess {
  /// The process as a user names it.
  public var label: String {
    switch self {
    case .constant: "constant"
    case .poisson: "poisson"
    case .gamma(let shape): "gamma \(shape)"
    }
  }
}
