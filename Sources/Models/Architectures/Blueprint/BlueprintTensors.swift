import Units

/// The weights that the transformers library makes of a configuration.
struct BlueprintTensors {
  private let scope: ConfigScope
  private(set) var tensors: [Tensor] = []
  /// True where the configuration names this very class among its `architectures`.
  let isNamedClass: Bool
  /// True where the library's usual configuration of the family has a part that sees.
  let hasVision: Bool
  private var seen: Set<String> = []

  /// No model that anyone published has more.
  private static let limit = 400_000

  /// Lists the weights; nil where the library has no class for it, or a dimension cannot be found out.
  ///
  /// - Parameter config: completed by the library's defaults.
  init?(_ config: JSONValue) {
    guard let type = config["model_type"]?.string, let blueprint = Blueprint.named(type) else { return nil }
    // A kind of layer that the table was not made with has weights that it does not list.
    guard LayerKinds.areKnown(config, blueprint.defaults) else { return nil }
    scope = ConfigScope(config)
    isNamedClass = config["architectures"]?.array?.contains(.string(blueprint.className)) ?? false
    hasVision = blueprint.defaults["vision_config"]?.object != nil
    var rules = blueprint.rules
    // A text part of another type than the whole's usual one is built as that type builds it.
    let usual = blueprint.defaults["text_config"]?["model_type"]?.string
    if let own = config["text_config"]?["model_type"]?.string, let usual, own != usual, let other = Blueprint.named(own)
    {
      rules.removeAll(where: Self.isOfText)
      rules += other.rules.map(Self.underText)
    }
    // Embedders and encoders are published as the bare model, without the matrix that makes words.
    let classes = (config["architectures"]?.array ?? []).compactMap(\.string)
    let isBare = !classes.isEmpty && classes.allSatisfy { $0.hasSuffix("Model") && $0 != blueprint.className }
    for rule in rules where !(isBare && rule.name.hasPrefix("lm_head.")) {
      guard add(rule) else { return nil }
    }
    guard !tensors.isEmpty else { return nil }
  }

  /// True where a weight depends on the text part alone.
  private static func isOfText(_ rule: Blueprint.Rule) -> Bool {
    let texts = rule.loops + rule.dimensions
    let names = texts.flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") } }
      .filter { $0.first?.isLetter == true }
    return !names.isEmpty && names.allSatisfy { $0.hasPrefix("text_config.") }
  }

  private static func underText(_ rule: Blueprint.Rule) -> Blueprint.Rule {
    var rule = rule
    rule.loops = rule.loops.map(prefixed)
    rule.dimensions = rule.dimensions.map(prefixed)
    rule.flags = rule.flags.map(prefixed)
    rule.condition = prefixed(rule.condition)
    return rule
  }

  /// Puts `text_config.` before every key of an expression or a condition.
  private static func prefixed(_ text: String) -> String {
    var out = ""
    var rest = text[...]
    var isValue = false
    while let first = rest.first {
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
      guard !word.isEmpty else {
        isValue = first == "=" || (isValue && first == "|")
        out.append(first)
        rest = rest.dropFirst()
        continue
      }
      let isKey = !isValue && !word.allSatisfy { $0.isNumber || $0 == "." } && rest.dropFirst(word.count).first != "("
      out += isKey ? "text_config.\(word)" : String(word)
      rest = rest.dropFirst(word.count)
    }
    return out
  }

  /// Adds the weights of one rule; false where it says something that cannot be evaluated.
  private mutating func add(_ rule: Blueprint.Rule) -> Bool {
    for flag in rule.flags {
      if flag.hasPrefix("!") ? scope.isSet(String(flag.dropFirst())) : !scope.isSet(flag) { return true }
    }
    var dimensions: [Int] = []
    for text in rule.dimensions {
      guard let value = KeyExpression.value(text, scope.number), value >= 0, value <= 1e12 else { return false }
      if value < 1 { return true }
      dimensions.append(Int(value))
    }
    var counts: [Int] = []
    for loop in rule.loops {
      guard let count = count(loop), (0...65_536).contains(count) else { return false }
      counts.append(count)
    }
    let condition = LayerCondition(rule.condition, scope)
    guard let condition else { return false }
    for first in 0..<(counts.first ?? 1) where counts.isEmpty || condition.holds(first) {
      for second in 0..<(counts.count > 1 ? counts[1] : 1) {
        let name = rule.name.replacing("{0}", with: "\(first)").replacing("{1}", with: "\(second)")
        guard tensors.count < Self.limit else { return false }
        guard seen.insert(name).inserted else { continue }
        tensors.append(
          Tensor(name: name, dimensions: dimensions.isEmpty ? [1] : dimensions.reversed(), type: "BF16", bytes: .zero))
      }
    }
    return true
  }

  private func count(_ loop: String) -> Int? {
    if loop.hasPrefix("#") { return scope.value(String(loop.dropFirst()))?.array?.count }
    return KeyExpression.value(loop, scope.number).flatMap { Int(exactly: $0) }
  }
}

/// For which layers a weight is there.
struct LayerCondition {
  private var parts: [(Int) -> Bool] = []

  /// Reads a condition; nil where it names something that the configuration does not have.
  init?(_ text: String, _ scope: ConfigScope) {
    for part in text.split(separator: "&").map({ $0.filter { $0 != " " } }) where !part.isEmpty {
      guard let test = Self.test(part, scope) else { return nil }
      parts.append(test)
    }
  }

  func holds(_ index: Int) -> Bool { parts.allSatisfy { $0(index) } }

  private static func test(_ text: String, _ scope: ConfigScope) -> ((Int) -> Bool)? {
    func number(_ text: Substring) -> Int? {
      KeyExpression.value(String(text), scope.number).flatMap { Int(exactly: $0) }
    }
    if text.hasPrefix("!") { return test(String(text.dropFirst()), scope).map { inner in { !inner($0) } } }
    if text.hasPrefix("<") { return number(text.dropFirst()).map { bound in { $0 < bound } } }
    if text.hasPrefix(">=") { return number(text.dropFirst(2)).map { bound in { $0 >= bound } } }
    if text.hasPrefix("#") {
      let chosen = Set(text.dropFirst().split(separator: ",").compactMap { Int($0) })
      return { chosen.contains($0) }
    }
    if text.hasPrefix("%") { return spaced(text.dropFirst(), number) }
    if text.hasSuffix("@") {
      guard let list = scope.value(String(text.dropLast()))?.array else { return nil }
      let chosen = Set(list.compactMap(\.int))
      return { chosen.contains($0) }
    }
    let sides = text.split(separator: "=", maxSplits: 1)
    guard sides.count == 2, let value = scope.value(String(sides[0])) else { return nil }
    let kinds = Set(sides[1].split(separator: "|").map { String($0) })
    let words: [String] =
      value.array?.map { $0.string ?? $0.int.map { "\($0)" } ?? "" } ?? value.string?.map { String($0) } ?? []
    return { words.indices.contains($0) && kinds.contains(LayerKinds.plain(words[$0], among: kinds)) }
  }

  /// `%n`: every n-th; `%n+m`: those with the remainder m; `%n#a,b`: those with one of the remainders.
  private static func spaced(_ text: Substring, _ number: (Substring) -> Int?) -> ((Int) -> Bool)? {
    if let mark = text.firstIndex(of: "#") {
      guard let period = number(text[..<mark]), period > 0 else { return nil }
      let chosen = Set(text[mark...].dropFirst().split(separator: ",").compactMap { Int($0) })
      return { chosen.contains($0 % period) }
    }
    let sides = text.split(separator: "+", maxSplits: 1)
    guard let first = sides.first, let period = number(first), period > 0 else { return nil }
    guard sides.count == 2 else { return { ($0 + 1) % period == 0 } }
    guard let offset = number(sides[1]), offset >= 0 else { return nil }
    return { $0 % period == offset % period }
  }
}

/// The kinds of layers that configurations list by name.
enum LayerKinds {
  /// Older names of kinds.
  private static let renamed = [
    "mamba": "linear_attention", "mamba2": "linear_attention", "attention": "full_attention",
  ]

  /// The name of a kind as a table has it.
  static func plain(_ kind: String, among kinds: Set<String>) -> String {
    kinds.contains(kind) ? kind : renamed[kind] ?? kind
  }

  /// True where every listed kind is one that the table's own lists hold, or attends as one of them does.
  static func areKnown(_ config: JSONValue, _ standard: JSONValue, depth: Int = 0) -> Bool {
    guard case .object(let members) = standard, depth < 4 else { return true }
    for (key, value) in members {
      if value.object != nil, let part = config[key] {
        let isOther = part["model_type"]?.string != value["model_type"]?.string
        if !isOther, !areKnown(part, value, depth: depth + 1) { return false }
        continue
      }
      let known = Set((value.array ?? []).compactMap(\.string))
      guard !known.isEmpty, let listed = config[key]?.array else { continue }
      let attends = known.contains(where: isAttention)
      let isStrange = Set(listed.compactMap(\.string)).contains { kind in
        !known.contains(plain(kind, among: known)) && !(attends && isAttention(kind))
      }
      if isStrange { return false }
    }
    return true
  }

  /// Windows and chunks change what a layer looks at, not what it consists of.
  private static func isAttention(_ kind: String) -> Bool {
    ["full_attention", "sliding_attention", "chunked_attention", "local_attention"].contains(kind)
  }
}
