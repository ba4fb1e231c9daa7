// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Where `PLIMSOLL_QUICK_BUILD` is set, modules are compiled without optimization, in about a third of the time: `make demo` does
/// so, what is installed never. What times requests is optimized all the same, so that a measurement is none of the build.
let unoptimized: [SwiftSetting] =
  Context.environment["PLIMSOLL_QUICK_BUILD"] == nil ? [] : [.unsafeFlags(["-Onone"])]
let timed: Set = ["Units", "Platform", "Benchmarking"]

/// A module of Plimsoll's own, with its tests beside it under the same name.
func module(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources,
    swiftSettings: settings + (timed.contains(name) ? [] : unoptimized))
}

/// The tests of one module, mirrored under `Tests`.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
    swiftSettings: settings)
}

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let sockets: Target.Dependency = .product(name: "FlyingSocks", package: "FlyingFox")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")

let pages = [
  "api.js", "app.js", "bars.js", "charts.js", "chat.js", "controls.js", "day.js", "deployments.js", "doctor.js",
  "dom.js", "drop.js", "icon.svg", "index.html", "jobs.js", "machine.js", "measure.js", "plan.js", "planned.js",
  "recommend.js", "report.js", "runs.js", "scatter.js", "size.js", "sized.js", "style.css", "units.js",
]

let package = Package(
  name: "plimsoll",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "plimsoll", targets: ["plimsoll"]),
    // What the Benchmarks package measures.
    .library(name: "Benchmarking", targets: ["Benchmarking"]),
    // What the Fuzz package feeds.
    .library(name: "Models", targets: ["Models"]),
    .library(name: "Records", targets: ["Records"]),
    .library(name: "OwnFiles", targets: ["Profiles", "Deployment", "Engines", "Hub", "Records", "Benchmarking"]),
    // What both of them plan with.
    .library(name: "Planning", targets: ["Planning", "Hardware", "Models", "Platform", "Units"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
  ],
  targets: [
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    .systemLibrary(name: "CHwloc", pkgConfig: "hwloc", providers: [.apt(["libhwloc-dev"]), .brew(["hwloc"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "CKernels"),
    .target(name: "CLocales"),
    .target(name: "CVersion"),
    module("Units", ["CVersion"]),
    module("Platform", ["Units", "CLinux", system, subprocess, logging]),
    // Data that the program carries in itself: machines are told apart by it wherever the profiles are.
    .target(
      name: "Generations", path: "profiles/generations",
      resources: [
        .embedInCode("nvidia.json"), .embedInCode("amd.json"), .embedInCode("intel.json"), .embedInCode("habana.json"),
        .embedInCode("apple.json"), .embedInCode("processors.json"),
      ],
      swiftSettings: settings),
    module("Hardware", ["Units", "Platform", "Generations", "CHwloc", "CKernels", "CLinux", "CZlib", yams]),
    module("Models", ["Units", "Platform"], resources: [.copy("Blueprints")]),
    module("Hub", ["Units", "Platform", "Models", "CCurl"]),
    module("Engines", ["Units", "Platform", "Hardware", "Models"]),
    module("Planning", ["Units", "Platform", "Hardware", "Models", "Engines"]),
    module("Fitting", ["Units", "Platform", "Engines", "Planning"]),
    module("Deployment", ["Units", "Platform", "Hardware", "Models", "Engines", "Planning", "Hub", yams]),
    module("Benchmarking", ["Units", "Platform", "CCurl"]),
    module(
      "Records",
      ["Units", "Platform", "Hardware", "Models", "Engines", "Planning", "Benchmarking", grdb, sqlite]),
    module(
      "Reporting",
      [
        "Units", "Platform", "Hardware", "Models", "Hub", "Engines", "Planning", "Deployment", "Benchmarking",
        "Records",
      ]),
    .target(
      name: "Profiles", dependencies: ["Units", "Platform", "Hardware", "Models", "Planning", yams], path: "profiles",
      exclude: ["generations", "README.md"],
      resources: [
        .copy("machines"), .copy("accelerators"), .copy("processors"), .copy("workloads"), .copy("efficiencies"),
        .copy("engines"), .copy("prices"), .copy("models"),
      ],
      swiftSettings: settings + unoptimized),
    module(
      "Workflows",
      [
        "Units", "Platform", "Hardware", "Models", "Hub", "Engines", "Planning", "Deployment", "Benchmarking",
        "Records", "Reporting", "Profiles",
      ]),
    module(
      "Web",
      [
        "Units", "Platform", "Hardware", "Models", "Hub", "Engines", "Planning", "Deployment", "Benchmarking",
        "Records",
        "Reporting", "Profiles", "Workflows", sockets,
      ],
      // The workbench's own files are part of the program.
      resources: pages.map { .embedInCode("Pages/\($0)") }),
    .executableTarget(
      name: "plimsoll",
      dependencies: [
        "Units", "Platform", "Hardware", "Models", "Hub", "Engines", "Planning", "Fitting", "Deployment",
        "Benchmarking", "Records", "Reporting", "Profiles", "Workflows", "Web", "CLocales", arguments, logging,
      ],
      resources: [.copy("Schemas")],
      swiftSettings: settings + unoptimized),
    .target(
      name: "Fixtures",
      dependencies: ["Units", "Platform", "Hardware", "Models", "Engines", "Planning", "Benchmarking", "Records"],
      path: "Tests/Fixtures", swiftSettings: settings),
    tests("Units"),
    tests("Platform", ["Units"]),
    tests("Hardware", ["Units", "Platform", "CZlib", "Fixtures"]),
    tests("Models", ["Units", "Platform", "Fixtures"]),
    tests("Hub", ["Units", "Platform", "Models", "Fixtures"]),
    tests("Engines", ["Units", "Platform", "Hardware", "Models", "Fixtures"]),
    tests("Planning", ["Units", "Platform", "Hardware", "Models", "Engines", "Profiles", "Fixtures"]),
    tests("Fitting", ["Units", "Hardware", "Planning", "Profiles", "Fixtures"]),
    tests(
      "Deployment", ["Units", "Platform", "Hardware", "Models", "Engines", "Planning", "Fixtures", yams],
      exclude: ["Snapshots", "print-words"]),
    tests("Benchmarking", ["Units", "Platform", "Fixtures"]),
    tests(
      "Records", ["Units", "Platform", "Hardware", "Models", "Engines", "Planning", "Benchmarking", "Fixtures", grdb]),
    tests(
      "Reporting",
      ["Units", "Platform", "Hardware", "Models", "Engines", "Planning", "Benchmarking", "Records", "Fixtures"],
      exclude: ["Snapshots"]),
    tests(
      "Workflows",
      [
        "Units", "Platform", "Hardware", "Models", "Engines", "Planning", "Deployment", "Benchmarking", "Records",
        "Reporting", "Profiles", "Fixtures",
      ]),
    tests(
      "Web",
      [
        "Units", "Platform", "Hub", "Engines", "Planning", "Deployment", "Records", "Reporting", "Workflows",
        "Fixtures", sockets,
      ]),
    tests("Profiles", ["Units", "Platform", "Hardware", "Models", "Engines", "Planning", "Fixtures"]),
    .testTarget(
      name: "EndToEndTests", dependencies: ["Units", "Platform", "Hub", "Fixtures", "Records", "Engines", "Planning"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)
