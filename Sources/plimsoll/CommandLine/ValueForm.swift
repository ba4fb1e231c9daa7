import ArgumentParser
import Units

/// A type of values that says in words how one is written, for the message that refuses another text.
protocol ValueForm {
  /// Completes "--option takes …": `a number of tokens such as 8192 or 32k`.
  static var form: String { get }
}

extension Int: ValueForm { static var form: String { "a whole number" } }
extension Int32: ValueForm { static var form: String { "a whole number" } }
extension UInt64: ValueForm { static var form: String { "a whole number, 0 or more" } }
extension Double: ValueForm { static var form: String { "a number" } }
extension TokenCount: ValueForm { static var form: String { "a number of tokens such as 8192, 32k or 1m" } }
extension Quantity: ValueForm { static var form: String { "a number above 0 such as 200, 1.5 or 10k" } }
extension TimeSpan: ValueForm { static var form: String { "a time with its unit such as 90s, 12h or 2d" } }
extension LatencyTarget: ValueForm { static var form: String { "a time such as 500ms or 2s" } }
extension Share: ValueForm { static var form: String { "a share from 0 to 1 or a percentage: 0.8 or 80%" } }
extension Growth: ValueForm { static var form: String { "a factor such as 1.5, or a rate such as 30%/y" } }
extension Moment: ValueForm { static var form: String { "2026-11-24T12:00:00Z, or seconds since 1970" } }
extension AcceleratorCounts: ValueForm { static var form: String { "numbers from 1 to 64 such as 1,2,4 or 1-8" } }
extension Money: ValueForm { static var form: String { "a price such as 250000, 30k, €30k or 3.50/h" } }
extension ExchangeRate: ValueForm { static var form: String { "a currency with its dollars, such as EUR=1.08" } }
extension ByteAmount: ValueForm { static var form: String { "an amount with its unit such as 1GiB or 512MiB, or 0" } }
extension CommaList: ValueForm where Element: ValueForm {
  static var form: String { "\(Element.form), or several with commas between them" }
}

/// An amount of memory on the command line: `1GiB`, `512 MiB`, `0`. A bare number is refused: it could be any unit.
struct ByteAmount: ExpressibleByArgument, Hashable, Sendable {
  var count: ByteCount

  init?(argument: String) {
    guard let count = ByteCount(parsing: argument),
      count == .zero || argument.contains(where: \.isLetter)
    else { return nil }
    self.count = count
  }
}

/// The type of each option of a command, found by its property wrappers.
struct OptionTypes {
  private var types: [String: any ValueForm.Type] = [:]

  init(of command: any ParsableArguments.Type) { add(command.init()) }

  /// How a value of an option is written: `--context`; nil where its type does not say.
  subscript(name: String) -> String? { types[name]?.form }

  private mutating func add(_ arguments: any ParsableArguments) {
    for child in Mirror(reflecting: arguments).children {
      if let group = child.value as? any OptionGroupProperty {
        add(group.fresh())
      } else if let option = child.value as? any OptionProperty, let label = child.label,
        let type = option.valueType as? any ValueForm.Type
      {
        types[Self.name(label)] = type
      }
    }
  }

  /// True where a command has to be given an argument, so that a word behind it is no command of its own.
  static func requiresArgument(_ command: any ParsableArguments.Type) -> Bool {
    Mirror(reflecting: command.init()).children.contains { ($0.value as? any ArgumentProperty)?.isRequired == true }
  }

  /// The option of a property, as the parser derives it: `_inputTokens` as `--input-tokens`.
  private static func name(_ label: String) -> String {
    "--" + label.drop { $0 == "_" }.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
  }
}

private protocol OptionGroupProperty { func fresh() -> any ParsableArguments }

extension OptionGroup: OptionGroupProperty {
  fileprivate func fresh() -> any ParsableArguments { Value() }
}

private protocol OptionProperty { var valueType: Any.Type { get } }

extension Option: OptionProperty {
  fileprivate var valueType: Any.Type {
    var type: Any.Type = Value.self
    while let wrapper = type as? any WrapperType.Type { type = wrapper.wrapped }
    return type
  }
}

private protocol ArgumentProperty { var isRequired: Bool { get } }

extension Argument: ArgumentProperty {
  fileprivate var isRequired: Bool { !(Value.self is any WrapperType.Type) }
}

private protocol WrapperType { static var wrapped: Any.Type { get } }

extension Optional: WrapperType { fileprivate static var wrapped: Any.Type { Wrapped.self } }
extension Array: WrapperType { fileprivate static var wrapped: Any.Type { Element.self } }
