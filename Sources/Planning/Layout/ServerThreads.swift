import Engines
import Hardware
public import Units

/// The threads that one server computes with, and why so many.
public struct ServerThreads: Hashable, Sendable, Codable {
  /// For tokens, one step at a time: llama.cpp's `-t`.
  public var decode: Int
  /// For prompts: llama.cpp's `-tb`. Engines with one count take that for tokens.
  public var prompt: Int
  public var reason: Reason

  /// The threads in a few words: `48 threads, 180 for prompts`.
  public var words: String {
    decode == prompt ? counted(decode, "thread") : "\(counted(decode, "thread")), \(prompt) for prompts"
  }
}

/// Finds a server's threads by asking the speed model about a ladder of counts, up to the cores of its place.
struct ThreadLadder {
  let estimator: SpeedEstimator?

  /// Returns the counts with which the model expects most of each; nil where the cores are not known. What was asked for
  /// is taken as it is.
  func threads(for request: Question) -> ServerThreads? {
    if let asked = request.threads {
      return ServerThreads(
        decode: asked, prompt: asked, reason: Reason(.threadsAsked, "\(counted(asked, "thread")), as asked"))
    }
    guard let most = ThreadChoice(on: request.machine, for: request.placement) else { return nil }
    let all = ServerThreads(
      decode: most.threads, prompt: most.threads, reason: Reason(.threadsOfPlace, most.reason))
    guard let estimator, request.placement.devices.isEmpty, request.engine.planning.layouts.sharesNode, most.threads > 1
    else {
      return all
    }
    // Of all that the case says, threads alone differ from one rung to the next.
    guard var one = request.speedCase().speedCase else { return all }
    let counts = Self.counts(upTo: most.threads)
    let prompt = best(of: counts) { count in
      (one.threads, one.promptThreads) = (Double(count), Double(count))
      return estimator.promptRate(one, request.workload)
    }
    one.promptThreads = Double(prompt?.count ?? most.threads)
    let decode = best(of: counts) { count in
      one.threads = Double(count)
      return estimator.outputRate(one, request)
    }
    guard let prompt, let decode else { return all }
    (one.threads, one.promptThreads) = (Double(most.threads), Double(most.threads))
    let whole = estimator.outputRate(one, request)
    guard decode.count < most.threads || prompt.count < most.threads else {
      return ServerThreads(
        decode: most.threads, prompt: most.threads,
        reason: Reason(.threadsOfPlace, "\(most.reason); fewer would be slower"))
    }
    return ServerThreads(decode: decode.count, prompt: prompt.count, reason: Self.reason(decode, whole, most))
  }

  private static func reason(_ decode: (count: Int, rate: Double), _ whole: Double, _ most: ThreadChoice) -> Reason {
    guard decode.count < most.threads else {
      return Reason(.threadsOfPlace, "\(most.reason); prompts are read fastest by fewer")
    }
    return Reason(
      .fewerThreadsAreFaster,
      "\(decode.rate.formatted(significant: 3)) tok/s are predicted, \(whole.formatted(significant: 3)) on "
        + "\(counted(most.threads, "thread")) (\(most.reason)): more threads wait longer for each other at every layer")
  }

  /// 1 to 8, then four steps to each doubling, and the limit itself.
  static func counts(upTo limit: Int) -> [Int] {
    // No machine has more, whatever a file says.
    let limit = min(limit, 65_536)
    var counts: [Int] = []
    var next = 1
    while next < limit {
      counts.append(next)
      var octave = 1
      while octave * 2 <= next { octave *= 2 }
      next += max(1, octave / 4)
    }
    return counts + [max(1, limit)]
  }

  /// The count with the highest rate; the largest where the rate does not depend on it.
  private func best(of counts: [Int], _ rate: (Int) -> Double) -> (count: Int, rate: Double)? {
    let rated = counts.map { (count: $0, rate: rate($0)) }
    guard let most = rated.max(by: { $0.rate < $1.rate }), let last = rated.last else { return nil }
    return last.rate >= most.rate * 0.999 ? last : most
  }
}

extension SpeedEstimator {
  /// Output tokens a second of all streams, as `prediction` expects them; nil where the speed is not known.
  func outputRate(_ request: Question, room: Int? = nil) -> Double? {
    request.speedCase(room: room).speedCase.map { outputRate($0, request) }
  }

  /// Input tokens a second of one prompt.
  func promptRate(_ one: SpeedCase, _ workload: Workload) -> Double {
    let input = Double(max(1, workload.inputTokens))
    return input / one.promptTime(quantities(for: one), tokens: input).total
  }

  /// Output tokens a second of all streams.
  func outputRate(_ one: SpeedCase, _ request: Question) -> Double {
    let q = quantities(for: one)
    let inFlight = Double(max(1, request.workload.concurrency))
    let load = load(request, one)
    guard inFlight > 1 else { return 1 / load.parts(q, streams: 1).step }
    return load.throughput(load.steady(q, inFlight: max(1, inFlight / one.replicas)), inFlight: inFlight)
  }
}
