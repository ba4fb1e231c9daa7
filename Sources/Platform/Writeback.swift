import CLinux

/// Lets the system begin to write a range of a file to its disk, so that a later `fsync` has little left to wait for.
///
/// A hint: nothing is lost where it does nothing.
public func beginWriteback(_ descriptor: Int32, _ range: Range<Int>) {
  #if canImport(Glibc)
    _ = plimsoll_begin_writeback(descriptor, Int64(range.lowerBound), Int64(range.count))
  #endif
}
