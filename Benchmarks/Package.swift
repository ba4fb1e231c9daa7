// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the product never waits for it: `make bench` builds and runs it.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "plimsoll", path: "..")],
  targets: [
    .executableTarget(
      name: "client-speed", dependencies: [.product(name: "Benchmarking", package: "plimsoll")],
      path: "Sources/ClientSpeed"),
    .executableTarget(
      name: "reader-speed", dependencies: [.product(name: "Planning", package: "plimsoll")],
      path: "Sources/ReaderSpeed"),
  ],
  swiftLanguageModes: [.v6]
)
