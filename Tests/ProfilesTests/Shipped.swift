import Profiles

/// The catalogue that ships, whose entries are read once for all tests.
enum Shipped {
  static let profiles = Profiles()
}
