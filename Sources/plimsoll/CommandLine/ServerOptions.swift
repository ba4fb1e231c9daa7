import ArgumentParser
import Benchmarking
import Platform
import Workflows

/// Which server is measured, and how it is spoken to.
struct ServerOptions: ParsableArguments {
  @Option(help: "The model's name as the server has it; the first it lists otherwise.") var model: String?
  @Option(help: ArgumentHelp("chat or completions.", visibility: .hidden)) var api: BenchmarkTarget.API = .chat
  @Option(help: ArgumentHelp("A file that only you can read and that holds the key.", valueName: "file"))
  var apiKeyFile: String?
  @Option(
    help: ArgumentHelp("The server's process, whose memory and CPU are sampled.", valueName: "pid", visibility: .hidden)
  )
  var serverPid: [Int32] = []
  @Option(help: "What the server is, for the record, such as llama.cpp.") var engine: String?

  /// True where an option was given that only a server has; the engine's name is not one.
  var isGiven: Bool { model != nil || api != .chat || apiKeyFile != nil || !serverPid.isEmpty }

  func validate() throws {
    for pid in serverPid where ProcessStatus(pid: pid)?.isAlive != true {
      throw ValidationError("--server-pid \(pid): there is no such process")
    }
  }

  var words: TargetWords {
    var words = TargetWords()
    words.model = model
    words.api = api
    words.keyFile = apiKeyFile
    words.processes = serverPid
    return words
  }
}
