import Deployment
import Engines
import Platform
import Reporting
import Units
import Workflows

extension API {
  var deploymentEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/deployments", name: "listDeployments", group: "Deployments",
        words: "Deployments of this machine with their state, address and memory.", answer: .document("deployments")
      ) { _ in try .json(await workspace.deploymentListing()) },
      Endpoint(
        method: "POST", path: "/deployments", name: "deploy", group: "Deployments",
        words: "Start a model as a server of this machine. The answer is a job.",
        body: [
          Self.modelField,
          Field("name", .text(most: 64), "What the deployment is called."),
          Field("port", .integer(1024...65535), "Its port; the first free one from 8080 if left out."),
          Field("agree", .flag, "Fetch the model and install the engine where they are missing."),
        ] + Self.planFields, status: 202, answer: .document("job")
      ) { inputs in try await deploy(inputs) },
      Endpoint(
        method: "GET", path: "/deployments/{deployment}", name: "getDeployment", group: "Deployments",
        words: "One deployment.", parameters: [Self.deploymentField], answer: .document("deployments")
      ) { inputs in
        let name = try named(inputs)
        return try .json(
          DeploymentListing(await workspace.deploymentListing().deployments.filter { $0.deployment.name == name }))
      },
      Endpoint(
        method: "DELETE", path: "/deployments/{deployment}", name: "stopDeployment", group: "Deployments",
        words: "Stop a deployment.", parameters: [Self.deploymentField], status: 204, answer: .nothing
      ) { inputs in
        defer { warm.forgetThisMachine() }
        try await workspace.deployer.stop(try named(inputs))
        return WebResponse(204)
      },
      Endpoint(
        method: "POST", path: "/deployments/{deployment}/restart", name: "restartDeployment", group: "Deployments",
        words: "Restart a deployment at the same address. The answer is a job.", parameters: [Self.deploymentField],
        status: 202, answer: .document("job")
      ) { inputs in try restart(inputs) },
      Endpoint(
        method: "GET", path: "/deployments/{deployment}/log", name: "getLog", group: "Deployments",
        words: "The last lines of a deployment's log.",
        parameters: [
          Self.deploymentField, Field("lines", .integer(1...10_000), "How many; 200 if left out."),
        ], answer: .text(type: "text/plain; charset=utf-8")
      ) { inputs in
        var log = try DeploymentLog(
          of: try named(inputs), by: workspace.deployer, lines: inputs.integer("lines") ?? 200)
        return .text(printableLines(log.next() ?? ""))
      },
      Endpoint(
        method: "GET", path: "/deployments/{deployment}/log/events", name: "followLog", group: "Deployments",
        words: "New lines of a deployment's log as events, until it is stopped.", parameters: [Self.deploymentField],
        answer: .events
      ) { inputs in
        let log = try DeploymentLog(of: try named(inputs), by: workspace.deployer, lines: 200)
        return .events { send in
          var log = log
          while let text = log.next() {
            if text.isEmpty {
              try await Task.sleep(for: .milliseconds(300))
            } else {
              try await send("lines", ["text": .text(printableLines(text))])
            }
          }
        }
      },
      Endpoint(
        method: "POST", path: "/deployments/{deployment}/chat", name: "chat", group: "Deployments",
        words: "Ask a deployment; the answer comes as events named text and thought, and one named answer at its end.",
        parameters: [Self.deploymentField],
        body: [
          Field("prompt", .text(most: 200_000), "The question.", required: true),
          Field("history", .texts(most: 400, length: 200_000), "What was said before: question and answer in turn."),
          Field("system", .text(most: 20_000), "What the model is told before the conversation."),
          Field("maxTokens", .integer(1...1_000_000), "The most tokens of the answer; 4096 if left out."),
        ], answer: .events
      ) { inputs in try await chat(inputs) },
    ]
  }

  private func chat(_ inputs: Inputs) async throws -> WebResponse {
    let target = try await workspace.target(try named(inputs))
    var session = ChatSession(
      with: target, system: inputs.text("system"),
      mostTokens: inputs.integer("maxTokens") ?? ChatSession.usualMostTokens)
    session.takesInterrupts = false
    session.take(said: inputs.texts("history"))
    let asked = session
    return .events { send in
      // Pieces come on the transport's thread: they wait for the client here.
      let (parts, hand) = AsyncStream<ChatSession.Part>.makeStream()
      let answer = try await withThrowingTaskGroup(of: ChatSession.Answer?.self) { group in
        group.addTask {
          defer { hand.finish() }
          var session = asked
          return try await session.ask(inputs.text("prompt") ?? "") { hand.yield($0) }
        }
        group.addTask {
          for await part in parts {
            switch part {
            case .text(let words): try await send("text", ["text": .text(words)])
            case .thought(let words): try await send("thought", ["text": .text(words)])
            }
          }
          return nil
        }
        return try await group.reduce(into: ChatSession.Answer?.none) { found, answer in
          if let answer { found = answer }
        }
      }
      guard let answer else { return }
      try await send(
        "answer",
        [
          "pieces": .integer(answer.pieces), "isCut": .flag(answer.isCut),
          "tokensPerSecond": answer.rate.map { .number($0) } ?? .null,
        ])
    }
  }

  private func restart(_ inputs: Inputs) throws -> WebResponse {
    let name = try named(inputs)
    return try begun(
      jobs.start("restart", name) { reporter in
        let place = workspace.heard(by: reporter.audience(agrees: false))
        let deployment = try await place.deployer.restart(name, onEvent: place.audience.loading)
        if deployment.restart == .onFailure { _ = try place.deployer.supervise(deployment, by: program) }
        return Self.path("deployments", name)
      })
  }

  private static let deploymentField = Field(
    "deployment", .text(most: 64), "A deployment's name.", required: true)

  /// The name of a deployment that there is.
  ///
  /// - Throws: `DeploymentError.unknown`.
  func named(_ inputs: Inputs) throws -> String {
    let name = inputs.text("deployment") ?? ""
    guard DeploymentStore.isName(name) else { throw DeploymentError.unknown(name: name, nearest: []) }
    guard try workspace.deployer.named(name).contains(name) else {
      throw DeploymentError.unknown(name: name, nearest: [])
    }
    return name
  }

  /// Begins a deployment; what can be refused at once is.
  private func deploy(_ inputs: Inputs) async throws -> WebResponse {
    var wishes = DeployWishes()
    wishes.settings.name = inputs.text("name")
    if let name = wishes.settings.name, !DeploymentStore.isName(name) {
      throw WebFault(400, "name takes letters, digits, - _ . and begins with a letter or digit")
    }
    wishes.settings.port = inputs.integer("port") ?? 0
    if wishes.settings.port == 0 { wishes.settings.usualPorts = DeploymentSettings.stablePorts }
    wishes.isFetchAgreed = inputs.flag("agree")
    let bounds = ModelBounds(in: workspace)
    let model = try bounds.name(inputs.text("model") ?? "")
    for path in inputs.texts("lora") { _ = try bounds.path(path) }
    let draft = try inputs.text("draft").map { try bounds.name($0) }
    let asked = wishes
    let job = try jobs.start("deploy", inputs.text("model") ?? "") { reporter in
      let place = workspace.heard(by: reporter.audience(agrees: asked.isFetchAgreed))
      let job = try DeployJob(asked, in: place, printsOnly: false)
      reporter.note("planning")
      // What is planned is started: it has to fit into what is free at this moment.
      warm.forgetThisMachine()
      defer { warm.forgetThisMachine() }
      if let draft { try await place.requireFiles(ofDraft: draft) }
      let prepared = try await job.prepared(model, saved: nil) { found, replicas in
        let quantizations = found.deployedQuantizations(asked: inputs.text("quantizations") ?? "usual")
        return try await plan(found, inputs, quantizations: quantizations, replicas: replicas)
      }
      let made = try await job.started(prepared, program: program)
      return made.first.map { Self.path("deployments", $0.name) }
    }
    return try begun(job)
  }
}
