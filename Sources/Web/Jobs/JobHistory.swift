import Records

/// The figures of a job over its time: so many at most, closer together where it is short.
struct JobHistory: Hashable, Sendable, Encodable {
  /// The figures of one moment; `seconds` among them is the time since the job began.
  struct Point: Hashable, Sendable, Encodable {
    var step: String
    var figures: [String: Double]
  }

  static let most = 600
  private(set) var points: [Point] = []
  /// Seconds between two points; twice as many each time that there are too many.
  private var spacing = 0.2

  private enum CodingKeys: CodingKey { case points }

  /// Takes the figures of a job that is at a step.
  mutating func add(_ job: Job) {
    guard let step = job.step, let figures = job.figures, let seconds = figures["seconds"] else { return }
    if let last = points.last, last.step == step, seconds - (last.figures["seconds"] ?? 0) < spacing { return }
    points.append(Point(step: step, figures: figures))
    guard points.count >= Self.most else { return }
    spacing *= 2
    points = stride(from: 0, to: points.count, by: 2).map { points[$0] }
  }
}
