import Platform

/// Resolves a `Location` header against the address that sent it; nil where it is not HTTP, or steps down from HTTPS.
func resolveRedirect(_ location: String, from url: String) -> String? {
  guard let origin = WebOrigin(url), !location.isEmpty, location.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
    return nil
  }
  let target: String
  if location.hasPrefix("//") {
    target = "\(origin.scheme):\(location)"
  } else if location.hasPrefix("/") {
    target = "\(origin)\(location)"
  } else if location.contains("://") {
    target = location
  } else {
    let path = url.prefix { $0 != "?" && $0 != "#" }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? path
    target = folder.count > origin.scheme.count + 3 ? "\(folder)\(location)" : "\(origin)/\(location)"
  }
  guard let next = WebOrigin(target), !(origin.scheme == "https" && next.scheme == "http") else { return nil }
  return target
}
