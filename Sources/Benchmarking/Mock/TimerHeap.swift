/// Moments and what is due at them, the earliest first.
struct TimerHeap {
  struct Entry {
    var time: Int64
    var connection: Int32
    /// The request of the connection that it belongs to, so that an old entry does nothing.
    var serial: Int
  }

  private var entries: [Entry] = []

  var first: Entry? { entries.first }

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0, case let parent = (place - 1) / 2, entries[place].time < entries[parent].time {
      entries.swapAt(place, parent)
      place = parent
    }
  }

  mutating func popFirst() -> Entry? {
    guard let first = entries.first else { return nil }
    let last = entries.removeLast()
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
        if entries[child].time < entries[least].time { least = child }
      }
      guard least != place else { return first }
      entries.swapAt(place, least)
      place = least
    }
  }
}
