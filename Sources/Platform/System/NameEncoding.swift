/// Lets C libraries read names as UTF-8 whatever the shell says: libcurl translates the names of hosts by it
/// (`http://münchen.example`), and refuses them in the locale that a program starts with.
///
/// To be called once, before the first thread.
public func readNamesAsUTF8() {
  // The first is Linux's name for it, the second macOS's.
  for name in ["C.UTF-8", "UTF-8"] where setlocale(LC_CTYPE, name) != nil { return }
}
