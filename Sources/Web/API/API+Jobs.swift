import Records
import Reporting
import Units

/// The latest jobs.
struct JobTable: Encodable {
  var schema = "plimsoll.jobs/1"
  var jobs: [Job]
}

extension API {
  var jobEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/jobs", name: "listJobs", group: "Jobs", words: "Jobs, the latest first.",
        parameters: [Field("limit", .integer(1...1000), "The most to list; 50 if left out.")], answer: .document("jobs")
      ) { inputs in try .json(JobTable(jobs: try jobs.list(limit: inputs.integer("limit") ?? 50))) },
      Endpoint(
        method: "GET", path: "/jobs/{job}", name: "getJob", group: "Jobs", words: "One job as it is now.",
        parameters: [Self.jobField], answer: .document("job")
      ) { inputs in try .json(try job(inputs)) },
      Endpoint(
        method: "GET", path: "/jobs/{job}/events", name: "followJob", group: "Jobs",
        words:
          "A job as it is now and after each change, as events named job, until it has ended. Of one that measures, an event named history comes first.",
        parameters: [Self.jobField], answer: .events
      ) { inputs in
        let id = try job(inputs).id
        return .events { send in
          guard let changes = try jobs.changes(of: id) else { return }
          let history = jobs.history(of: id)
          if !history.points.isEmpty { try await send(event: "history", data: JSONOutput.line(history)) }
          for await job in changes { try await send(event: "job", data: JSONOutput.line(job)) }
        }
      },
      Endpoint(
        method: "DELETE", path: "/jobs/{job}", name: "cancelJob", group: "Jobs",
        words: "Cancel a job. One that has ended stays as it is.", parameters: [Self.jobField], status: 202,
        answer: .document("job")
      ) { inputs in
        let job = try job(inputs)
        jobs.cancel(job.id)
        return try .json(job, status: 202)
      },
    ]
  }

  private static let jobField = Field("job", .text(most: 64), "A job's identifier.", required: true)

  /// The answer to whoever began a job.
  func begun(_ job: Job) throws -> WebResponse {
    var response = try WebResponse.json(job, status: 202)
    response.headers["Location"] = Self.path("jobs", job.id)
    return response
  }

  private func job(_ inputs: Inputs) throws -> Job {
    let id = inputs.text("job") ?? ""
    guard let job = try jobs.job(id) else { throw WebFault(404, "there is no job \(printable(id))") }
    return job
  }
}
