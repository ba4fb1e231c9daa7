/// What the socket calls take under types of different systems.
public enum SocketOption {
  /// The type of a socket that carries a stream of bytes, as `socket` and `addrinfo` take it.
  public static var stream: Int32 {
    #if canImport(Glibc)
      Int32(SOCK_STREAM.rawValue)
    #else
      SOCK_STREAM
    #endif
  }

  /// Flags for a `send` that must not raise SIGPIPE; where there is no such flag the program ignores the signal.
  public static var noSignal: Int32 {
    #if os(Linux)
      Int32(MSG_NOSIGNAL)
    #else
      0
    #endif
  }
}

/// Opens a socket for a stream of bytes; below zero where the system has no descriptor left.
public func openStreamSocket(_ family: Int32 = AF_INET) -> Int32 { socket(family, SocketOption.stream, 0) }

/// Keeps a descriptor from blocking, and from children.
public func makeNonBlocking(_ descriptor: Int32) {
  _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}
