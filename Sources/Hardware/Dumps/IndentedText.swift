/// Text whose nesting is its indentation, as `nvidia-smi -q` and `amd-smi static` print it.
struct IndentedText {
  /// One section or value: its key, the value beside it, and what is indented below it.
  struct Node {
    var key: String
    var value: String?
    var children: [Node] = []

    /// The value at a path of keys, compared without case; nil where it is missing or means "not known".
    func value(_ path: String...) -> String? {
      var node: Node? = self
      for key in path {
        node = node?.children.first { $0.key.lowercased() == key.lowercased() }
      }
      return MachineText.known(node?.value)
    }

    func section(_ key: String) -> Node? { children.first { $0.key.lowercased() == key.lowercased() } }
    func sections(_ key: String) -> [Node] { children.filter { $0.key.lowercased() == key.lowercased() } }
  }

  /// Nests the lines of one block; the first line's indentation is the outermost.
  static func nodes(_ lines: some Sequence<Substring>) -> [Node] {
    var stack: [(indent: Int, node: Node)] = [(-1, Node(key: ""))]
    for line in lines {
      guard let first = line.firstIndex(where: { !$0.isWhitespace }) else { continue }
      let indent = line.distance(from: line.startIndex, to: first)
      while stack.count > 1, let last = stack.last, last.indent >= indent { close(&stack) }
      guard stack.count < 32 else { continue }
      let pair = pair(line[first...])
      stack.append((indent, Node(key: pair.key, value: pair.value)))
    }
    while stack.count > 1 { close(&stack) }
    return stack[0].node.children
  }

  private static func close(_ stack: inout [(indent: Int, node: Node)]) {
    let done = stack.removeLast()
    stack[stack.count - 1].node.children.append(done.node)
  }

  /// Splits at the first colon that has a space or the line's end after it, so that a PCI address stays whole.
  private static func pair(_ text: Substring) -> (key: String, value: String?) {
    var place = text.startIndex
    while let colon = text[place...].firstIndex(of: ":") {
      let next = text.index(after: colon)
      if next == text.endIndex || text[next].isWhitespace {
        let value = MachineText.trimmed(text[next...])
        return (MachineText.trimmed(text[..<colon]), value.isEmpty ? nil : value)
      }
      place = next
    }
    return (MachineText.trimmed(text), nil)
  }
}
