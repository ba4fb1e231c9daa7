// swift-tools-version: 6.2
import PackageDescription

// Fuzzing is a package of its own, so that the product never waits for it. See README.md beside this file.

/// One program that feeds random bytes to one reader.
func fuzzer(_ name: String, _ library: String = "Models") -> Target {
  .executableTarget(
    name: name, dependencies: [.product(name: library, package: "plimsoll")],
    swiftSettings: [.unsafeFlags(["-parse-as-library"])])
}

let package = Package(
  name: "fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "plimsoll", path: "..")],
  targets: [
    fuzzer("FuzzGGUF"), fuzzer("FuzzSafetensors"), fuzzer("FuzzPyTorch"), fuzzer("FuzzConfig"),
    fuzzer("FuzzPlan", "Planning"), fuzzer("FuzzDump", "Planning"),
    fuzzer("FuzzStream", "Benchmarking"), fuzzer("FuzzDataset", "Benchmarking"), fuzzer("FuzzImport", "Records"),
    fuzzer("FuzzOwnFiles", "OwnFiles"), fuzzer("FuzzStore", "Records"), fuzzer("FuzzHub", "OwnFiles"),
    fuzzer("FuzzEngines", "OwnFiles"),
  ],
  swiftLanguageModes: [.v6]
)
