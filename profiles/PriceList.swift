import Foundation
import Hardware
public import Units
import Yams

/// What one seller asks, with the day of each figure: cloud providers by the hour, and what the parts of a server cost.
public struct PriceList: Hashable, Sendable, Codable {
  public static let schema = "plimsoll.prices/1"

  /// One price.
  public struct Offer: Hashable, Sendable, Codable {
    /// The catalogue's entry that it is for.
    public var entry: String?
    /// What it is for, where that is no entry.
    public var item: String?
    public var amount: Figure<Double>
    /// `accelerator-hour` or `machine-hour` for what is rented; for a part of a server what is counted, such as `module`.
    public var per: String?
    /// `on-demand`, `spot`, `reserved`... in the seller's words.
    public var term: String?
    public var region: String?
    /// The accelerators that it is a host for.
    public var host: Host?
    /// True for what joins one machine to others.
    public var isNetwork: Bool?
  }

  /// What a host takes.
  public struct Host: Hashable, Sendable, Codable {
    /// True for the board of a maker; else cards go into slots.
    public var isForBoards: Bool
    public var most: Int
  }

  public var schema: String
  public var seller: String
  /// ISO code, such as `USD`.
  public var currency: String
  public var offers: [Offer]
}

extension Profiles {
  /// Reads every list of prices, by seller.
  ///
  /// - Throws: `ProfileError` for a list that is of another form.
  public func priceLists() throws -> [PriceList] {
    let folder = "\(root)/prices"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }.sorted()
    return try files.map { file in
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      let list = try YAMLDecoder().decode(PriceList.self, from: text)
      guard list.schema == PriceList.schema else {
        throw ProfileError.invalid(name: file, cause: "its schema is \(list.schema), not \(PriceList.schema)")
      }
      return list
    }
  }
}
