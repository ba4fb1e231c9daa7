public import Platform
public import Units

/// Why the Hub, or the cache of its files, could not do what was asked.
public enum HubError: Error, Hashable, Sendable {
  case offline(wanted: String)
  case badReference(text: String, cause: String)
  case unsafeName(name: String)
  case missingRepository(name: String, hasToken: Bool)
  case missingRevision(name: String, revision: String)
  case missingFile(name: String, file: String)
  case gated(name: String, url: String, hasToken: Bool)
  case badToken
  case disabled(name: String)
  case rateLimited(host: String, seconds: Int?)
  case serverFailed(host: String, status: Int, message: String)
  case protocolViolated(host: String, cause: String)
  case unreachable(HTTPError)
  case noMatch(name: String, wanted: String, available: [String])
  case ambiguous(name: String, available: [String])
  /// Parts of a model that a repository, or the cache, does not have.
  case missingParts(name: String, missing: [String])
  case diskFull(path: String, needed: ByteCount, free: ByteCount)
  case corrupt(file: String, expected: String, found: String)
  case changed(file: String)
  case file(FileError)
  case notCached(name: String)
}

extension HubError: ExplainedError {
  public var outcome: FailureOutcome {
    switch self {
    case .badReference: .usage
    case .unsafeName, .corrupt, .protocolViolated, .missingRepository, .missingRevision, .missingFile, .noMatch:
      .refusedInput
    default: .failed
    }
  }

  public var reason: Reason {
    switch self {
    case .offline, .unreachable, .rateLimited, .serverFailed, .protocolViolated: networkReason
    case .missingRepository, .missingRevision, .missingFile, .gated, .badToken, .disabled: accessReason
    default: fileReason
    }
  }

  private var networkReason: Reason {
    switch self {
    case .offline(let wanted):
      Reason(
        .offline, "\(wanted) is not in the cache, and HF_HUB_OFFLINE is set",
        remedy: "unset it, or name a file that is here: plimsoll run FILE.gguf")
    case .unreachable(let error):
      Reason(
        .hubUnreachable, error.reason.message,
        remedy: "check the network, name a mirror by HF_ENDPOINT, or name a file that is here: plimsoll run FILE.gguf")
    case .rateLimited(let host, let seconds):
      Reason(
        .rateLimited, "\(host) allows no more requests for now\(seconds.map { "; again in \($0) s" } ?? "")",
        remedy: "wait, or set HF_TOKEN: the limits for signed-in users are higher")
    case .serverFailed(let host, let status, let message):
      Reason(
        .hubFailed, "\(host) answered \(status)\(message.isEmpty ? "" : ": \(message)")", remedy: "try again later")
    case .protocolViolated(let host, let cause):
      Reason(.hubProtocol, "\(host) does not answer as a Hub does: \(cause)", remedy: "check HF_ENDPOINT")
    default: Reason(.hubFailed, "the Hub failed")
    }
  }

  private var accessReason: Reason {
    switch self {
    case .missingRepository(let name, let hasToken):
      Reason(
        .repositoryNotFound, "there is no repository \(name), or it is private",
        remedy: hasToken
          ? "check the name, and that the token's owner may read it" : "check the name; for a private one set HF_TOKEN")
    case .missingRevision(let name, let revision):
      Reason(.revisionNotFound, "\(name) has no revision \(revision)", remedy: "leave it out for the main branch")
    case .missingFile(let name, let file):
      Reason(.fileNotFound, "\(name) has no file \(file)", remedy: "see its files: plimsoll models show \(name)")
    case .gated(let name, let url, let hasToken):
      Reason(
        .gatedRepository, "\(name) is gated: its owner asks for consent first",
        remedy: "accept the terms at \(url)"
          + (hasToken ? " with the account of this token" : ", then set HF_TOKEN to a token of that account"))
    case .badToken:
      Reason(
        .badToken, "the Hub does not accept the token",
        remedy: "make a new one in the Hub's settings and set HF_TOKEN")
    case .disabled(let name):
      Reason(.repositoryDisabled, "the Hub has disabled \(name)", remedy: "choose another repository")
    default: Reason(.hubFailed, "the Hub failed")
    }
  }

  private var fileReason: Reason {
    switch self {
    case .badReference(let text, let cause):
      Reason(
        .badReference, "\(text.debugDescription) names no model: \(cause)",
        remedy: "write it as org/name[@revision][:QUANT|file]")
    case .unsafeName(let name):
      Reason(.unsafeName, "the name \(name.debugDescription) points outside its folder and is refused")
    case .noMatch(let name, let wanted, let available):
      Reason(
        .noSuchQuantization, "\(name) has nothing called \(wanted)",
        remedy: "it has \(available.joined(separator: ", "))")
    case .ambiguous(let name, let available):
      Reason(
        .chooseQuantization, "\(name) holds several quantizations",
        remedy: "add one: \(available.joined(separator: ", "))")
    case .missingParts(let name, let missing):
      Reason(
        .missingParts,
        "\(name) is not whole: \(missing.first ?? "a part")\(missing.count > 1 ? " and \(missing.count - 1) more" : "") "
          + "\(missing.count > 1 ? "are" : "is") not there",
        remedy:
          "fetch what is missing with plimsoll models pull and a network; if the Hub lacks it too, use another quantization"
      )
    case .diskFull(let path, let needed, let free):
      Reason(
        .diskFull, "\(path) has \(free) free and \(needed) are needed", remedy: "free some: plimsoll models list")
    case .corrupt(let file, let expected, let found):
      Reason(
        .hashMismatch, "\(file) has the hash \(found.prefix(12))... where \(expected.prefix(12))... was promised",
        remedy: "it was discarded; try again, and check the network")
    case .changed(let file):
      Reason(.fileChanged, "\(file) changed on the server while it was read", remedy: "try again")
    case .file(let error): error.reason
    case .notCached(let name):
      Reason(.notCached, "\(name) is not in the cache", remedy: "see what is: plimsoll models list")
    default: Reason(.hubFailed, "the Hub failed")
    }
  }
}

extension HubError: CustomStringConvertible {
  public var description: String { reason.message }
}
