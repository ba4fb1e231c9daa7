/// What the asterisk beside a form means.
enum PublishedFilesNote {
  static let unlisted = "* no file in Plimsoll's list; search the Hub first (plimsoll models search)."
}
