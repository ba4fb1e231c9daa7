// What every module takes from the system comes with `import Platform`: the C library and the essentials of Foundation,
// which have one name here and another on macOS. No other module asks which system it is compiled for.

#if canImport(FoundationEssentials)
  @_exported public import FoundationEssentials
#else
  @_exported public import Foundation
#endif

#if canImport(Glibc)
  @_exported public import Glibc
#elseif canImport(Musl)
  @_exported public import Musl
#elseif canImport(Darwin)
  @_exported public import Darwin
#endif
