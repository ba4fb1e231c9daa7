/// What a pickle describes, as data: a call stays a description of a call.
indirect enum PickleValue: Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case bytes(Int)
  /// A name that loading would import.
  case global(String)
  case list([PickleValue])
  /// Keys and values in turn.
  case dictionary([PickleValue])
  /// Something stored beside the pickle, by its description.
  case persistent(PickleValue)
  /// What loading would run.
  case call(function: PickleValue, arguments: PickleValue)

  var integer: Int? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  var text: String? {
    guard case .text(let value) = self else { return nil }
    return value
  }

  var global: String? {
    guard case .global(let value) = self else { return nil }
    return value
  }

  /// The elements of a list or tuple.
  var elements: [PickleValue]? {
    guard case .list(let values) = self else { return nil }
    return values
  }
}
