#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Becomes another program, found on PATH or by its path; returns only where that cannot be started.
public func replaceProcess(by program: String, _ arguments: [String]) -> LaunchError {
  var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
  execvp(program, &words)
  let cause = String(cString: strerror(errno))
  for word in words { free(word) }
  return LaunchError(program: program, cause: cause)
}
