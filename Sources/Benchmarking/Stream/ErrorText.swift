import Platform

/// What a server's refusal says, in whichever form it says it.
enum ErrorText {
  /// Bytes of a message that are kept.
  static let limit = 300

  /// Returns the message in the body of an answer: of OpenAI's form, of FastAPI's `detail`, or a plain `message`; nil
  /// where there is none.
  ///
  /// - Parameter isRefusal: true where the status says that it failed; else only an `error` counts, as an answer may have
  ///   a message of its own.
  static func message(of body: [UInt8], isRefusal: Bool) -> String? {
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else {
      // Broken or cut JSON may still tell.
      let fields = body.withUnsafeBufferPointer { EventScanner.scan($0) }
      guard fields.hasError || isRefusal, let range = fields.errorRange else { return nil }
      return String(decoding: JSONText.unescaped(body[range].prefix(limit)), as: UTF8.self)
    }
    if let text = document.error ?? document.errors { return shortened(text) }
    guard isRefusal || document.isError else { return nil }
    return (document.message ?? document.detail).map(shortened)
  }

  private static func shortened(_ text: String) -> String {
    text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self)
  }

  private struct Document: Decodable {
    var error: String?
    var errors: String?
    var message: String?
    var detail: String?
    var isError = false

    private enum Key: String, CodingKey { case error, errors, message, detail, object }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      error = (try? container.decode(Words.self, forKey: .error))?.text
      errors = (try? container.decode(Words.self, forKey: .errors))?.text
      message = try? container.decode(String.self, forKey: .message)
      detail = (try? container.decode(Words.self, forKey: .detail))?.text
      isError = (try? container.decode(String.self, forKey: .object)) == "error"
    }
  }

  /// A string, an object with a message, or a list of such; each of FastAPI's faults names its place.
  private struct Words: Decodable {
    var text: String?

    private enum Key: String, CodingKey { case message, msg, detail, loc, type }
    private enum Place: Decodable {
      case word(String), number(Int)

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Int.self) {
          self = .number(number)
        } else {
          self = .word(try value.decode(String.self))
        }
      }

      var label: String {
        switch self {
        case .word(let word): word
        case .number(let number): "\(number)"
        }
      }
    }

    init(from decoder: any Decoder) throws {
      if let value = try? decoder.singleValueContainer().decode(String.self) {
        text = value.isEmpty ? nil : value
      } else if let list = try? decoder.singleValueContainer().decode([Words].self) {
        let all = list.prefix(4).compactMap(\.text)
        text = all.isEmpty ? nil : all.joined(separator: "; ")
      } else {
        let container = try decoder.container(keyedBy: Key.self)
        let words = [Key.message, .msg, .detail, .type].lazy.compactMap { key in
          (try? container.decode(String.self, forKey: key)).flatMap { $0.isEmpty ? nil : $0 }
        }.first
        let place = (try? container.decode([Place].self, forKey: .loc))?.map(\.label).joined(separator: ".")
        text = words.map { word in place.map { "\($0): \(word)" } ?? word }
      }
    }
  }
}
