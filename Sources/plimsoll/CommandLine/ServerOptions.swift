import ArgumentParser
import Benchmarking
import Foundation
import Platform
import Units
import Workflows

/// Which server is measured, and how it is spoken to.
struct ServerOptions: ParsableArguments {
  @Option(help: "The model's name on the server (default: the first).") var model: String?
  @Option(help: ArgumentHelp("chat or completions.", visibility: .hidden)) var api: BenchmarkTarget.API = .chat
  @Option(help: ArgumentHelp("File with the key; only you may be able to read it.", valueName: "file"))
  var apiKeyFile: String?
  @Option(
    help: ArgumentHelp("The server's process, to sample its memory and CPU.", valueName: "pid", visibility: .hidden)
  )
  var serverPid: [Int32] = []
  @Option(help: "The engine's name for the record, such as llama.cpp.") var engine: String?
  @Option(
    help: ArgumentHelp("A header for each request; repeatable.", valueName: "name: value", visibility: .hidden))
  var header: [String] = []
  @Option(
    help: ArgumentHelp(
      "Members for each request's body, such as '{\"top_k\": 1}'; @FILE reads them.", valueName: "json",
      visibility: .hidden))
  var extraBody: String?
  @Option(
    help: ArgumentHelp(
      "The path that requests go to, such as /v1/chat/completions.", valueName: "path", visibility: .hidden))
  var endpoint: String?
  @Option(
    help: ArgumentHelp(
      "Certificates to trust (PEM; default: SSL_CERT_FILE, else the system's).", valueName: "file", visibility: .hidden)
  )
  var caFile: String?
  @Flag(help: ArgumentHelp("Do not check the server's certificate.", visibility: .hidden)) var insecure = false
  @Flag(
    help: ArgumentHelp(
      "Limit answers by max_completion_tokens; tried by itself where max_tokens is refused.", visibility: .hidden))
  var maxCompletionTokens = false
  @Option(
    help: ArgumentHelp(
      "Seconds to wait for a server that is loading (answers 503).", valueName: "seconds", visibility: .hidden))
  var wait = 60.0

  /// True where an option was given that only a server has; the engine's name is not one.
  var isGiven: Bool {
    let texts = [model, apiKeyFile, extraBody, endpoint, caFile]
    return texts.contains { $0 != nil } || api != .chat || !serverPid.isEmpty || !header.isEmpty || insecure
      || maxCompletionTokens || wait != 60
  }

  func validate() throws {
    guard wait >= 0, wait <= 1e6 else { throw ValidationError("--wait must be from 0 to 1e6 seconds") }
    for line in header {
      let name = line.prefix { $0 != ":" }
      guard line.contains(":"), !name.isEmpty, !name.contains(where: \.isWhitespace), line.utf8.allSatisfy({ $0 >= 32 })
      else { throw ValidationError("--header is \"NAME: VALUE\" on one line") }
    }
    if let endpoint, !endpoint.hasPrefix("/") || endpoint.utf8.contains(where: { $0 <= 32 || $0 == 127 }) {
      throw ValidationError("--endpoint is a path that begins with /, such as /v1/chat/completions")
    }
    if let caFile, !FileManager.default.isReadableFile(atPath: caFile) {
      throw ValidationError("--ca-file: cannot read \(caFile)")
    }
    for pid in serverPid where ProcessStatus(pid: pid)?.isAlive != true {
      throw ValidationError("--server-pid \(pid): there is no such process")
    }
  }

  /// What was said of the server.
  ///
  /// - Throws: `Failure` where the members of `--extra-body` cannot be read.
  func words() throws -> TargetWords {
    var words = TargetWords()
    words.model = model
    words.api = api
    words.keyFile = apiKeyFile
    words.processes = serverPid
    words.headers = header
    words.path = endpoint
    words.caFile = caFile
    words.isInsecure = insecure
    words.outputLimit = maxCompletionTokens ? .maxCompletionTokens : .maxTokens
    words.extraBody = try members()
    words.waitSeconds = wait
    words.say = { Terminal.note($0) }
    return words
  }

  /// The members of `--extra-body`, each as JSON.
  private func members() throws -> [String: String] {
    guard let extraBody else { return [:] }
    var data = Data(extraBody.utf8)
    if extraBody.hasPrefix("@") {
      let file = String(extraBody.dropFirst())
      guard let found = FileManager.default.contents(atPath: file) else {
        throw Failure(
          .refusedInput, .missingFile, "cannot read \(file)",
          remedy: "--extra-body @FILE names a file that holds a JSON object")
      }
      data = found
    }
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw Failure(
        .usage, .wrongUsage, "--extra-body is not a JSON object", remedy: "write --extra-body '{\"top_k\": 1}'")
    }
    return try object.mapValues { value in
      String(
        decoding: try JSONSerialization.data(
          withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes]), as: UTF8.self)
    }
  }
}
