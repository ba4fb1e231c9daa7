/// 256 common English words; with their leading space each is one token of the usual byte-pair vocabularies.
private let wordText = """
  time year people way day man thing woman life child world school state family student group country problem hand
  part place case week company system program question work government number night point home water room mother
  area money story fact month lot right study book eye job word business issue side kind head house service friend
  father power hour game line end member law car city community name president team minute idea body information
  back parent face others level office door health person art war history party result change morning reason
  research girl guy moment air teacher force education foot boy age policy music market sense nation plan college
  interest death experience effect use class control field development role effort rate heart drug show leader
  light voice wife police mind price report decision son view relationship town road arm difference value building
  action season society tax director position player record paper space ground form event official matter center
  couple site project activity star table need court oil situation cost industry figure street image phone data
  picture practice piece land product doctor wall patient worker news test movie north love support step baby
  computer type attention film tree source red hair look window culture chance brother energy period course summer
  less plant opportunity term letter condition choice single rule south husband floor campaign material population
  call economy hospital church close thousand risk current fire future wrong involve defense increase security
  bank west sport board subject officer rest behavior performance fight top goal second bed order author blood
  """

/// The words as bytes, each with the space before it, in one row.
struct WordTable: Sendable {
  static let shared = WordTable()
  let bytes: [UInt8]
  let spans: [Range<Int>]

  private init() {
    var bytes: [UInt8] = []
    spans = wordText.split { $0 == " " || $0 == "\n" }.map { word in
      let start = bytes.count
      bytes.append(UInt8(ascii: " "))
      bytes += word.utf8
      return start..<bytes.count
    }
    self.bytes = bytes
  }
}
