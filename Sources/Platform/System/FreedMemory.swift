import CLinux

/// Gives memory that was freed back to the system.
///
/// glibc keeps what was freed in an arena for each thread, so that a program that rests has in memory the most that each of
/// its threads ever used. Other allocators give it back by themselves.
public func returnFreedMemory() {
  #if os(Linux)
    plimsoll_return_freed_memory()
  #endif
}
