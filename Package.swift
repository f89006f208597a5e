// swift-tools-version: 6.2

import PackageDescription

/// The floors of the house, lowest first.
///
/// A floor imports only floors named before it.
let package = Package(
  name: "softmax-audit",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "softmax-audit", targets: ["softmax-audit"]),
    .library(
      name: "SoftmaxAudit",
      targets: [
        "FloatFormats", "SoftmaxOracle", "SoftmaxVariants", "PropertyTesting", "SoftmaxAudit",
        "AuditReports",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CMPFR",
      pkgConfig: "mpfr",
      providers: [.apt(["libmpfr-dev", "libgmp-dev"]), .brew(["mpfr", "gmp"])]),
    .target(name: "MultiPrecision", dependencies: ["CMPFR"]),
    .target(
      name: "FloatFormats",
      dependencies: ["MultiPrecision", .product(name: "RealModule", package: "swift-numerics")]),
    .target(name: "CLaneKernels"),
    .target(
      name: "SoftmaxOracle",
      dependencies: [
        "CLaneKernels", "MultiPrecision", "FloatFormats",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "SoftmaxVariants",
      dependencies: [
        "FloatFormats", "MultiPrecision",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "PropertyTesting",
      dependencies: ["FloatFormats", .product(name: "RealModule", package: "swift-numerics")]),
    .target(name: "CFileWriting"),
    .target(
      name: "SoftmaxAudit",
      dependencies: [
        "CFileWriting", "CLaneKernels", "MultiPrecision", "FloatFormats", "SoftmaxOracle",
        "SoftmaxVariants",
        "PropertyTesting", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "FaultySoftmaxes",
      dependencies: [
        "FloatFormats", "SoftmaxVariants", "SoftmaxOracle", "SoftmaxAudit",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "CForeignCalls"),
    .target(
      name: "ExternalImplementations",
      dependencies: [
        "CForeignCalls", "FloatFormats", "SoftmaxAudit", "SoftmaxOracle", "SoftmaxVariants",
      ],
      exclude: ["WorkerProtocol.md"]),
    // Apart from SoftmaxAudit, whose policies are values: only who reads files needs a YAML parser.
    .target(
      name: "PolicyFiles",
      dependencies: [
        "FloatFormats", "SoftmaxAudit", "SoftmaxOracle", "SoftmaxVariants",
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "AuditReports",
      dependencies: [
        "FloatFormats", "SoftmaxVariants", "SoftmaxAudit",
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      exclude: ["Schemas"],
      resources: [.embedInCode("HTML/Page")]),
    .executableTarget(
      name: "softmax-audit",
      dependencies: [
        "MultiPrecision", "FloatFormats", "SoftmaxOracle", "SoftmaxVariants", "SoftmaxAudit",
        "CForeignCalls", "ExternalImplementations", "PolicyFiles", "AuditReports",
        "FaultySoftmaxes", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "oracle-benchmark",
      dependencies: [
        "SoftmaxAudit", "SoftmaxVariants", "SoftmaxOracle", "FloatFormats", "MultiPrecision",
      ]),
    .executableTarget(
      name: "protocol-benchmark",
      dependencies: ["ExternalImplementations", "SoftmaxAudit", "FloatFormats"]),
    .executableTarget(
      name: "bound-tightness",
      dependencies: ["SoftmaxAudit", "SoftmaxVariants", "SoftmaxOracle", "FloatFormats"]),
    .executableTarget(
      name: "filter-check", dependencies: ["SoftmaxAudit", "SoftmaxOracle", "FloatFormats"]),
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "MultiPrecisionTests", dependencies: ["MultiPrecision", "TestSupport"]),
    .testTarget(
      name: "FloatFormatsTests", dependencies: ["FloatFormats", "MultiPrecision", "TestSupport"]),
    .testTarget(
      name: "SoftmaxOracleTests",
      dependencies: [
        "SoftmaxOracle", "CLaneKernels", "FloatFormats", "MultiPrecision", "TestSupport",
      ],
      resources: [.copy("Vectors")]),
    .testTarget(
      name: "SoftmaxVariantsTests",
      dependencies: ["SoftmaxVariants", "SoftmaxOracle", "FloatFormats", "MultiPrecision"]),
    .testTarget(
      name: "PropertyTestingTests",
      dependencies: ["PropertyTesting", "FloatFormats"]),
    .testTarget(
      name: "SoftmaxAuditTests",
      dependencies: [
        "SoftmaxAudit", "SoftmaxVariants", "SoftmaxOracle", "PropertyTesting", "FloatFormats",
        "MultiPrecision", "CLaneKernels", "TestSupport",
      ]),
    .testTarget(
      name: "PolicyFilesTests",
      dependencies: [
        "PolicyFiles", "SoftmaxAudit", "SoftmaxOracle", "SoftmaxVariants", "FloatFormats",
      ]),
    .testTarget(
      name: "FaultySoftmaxesTests",
      dependencies: [
        "AuditReports", "FaultySoftmaxes", "SoftmaxAudit", "SoftmaxVariants", "SoftmaxOracle",
        "FloatFormats", "TestSupport",
      ]),
    .testTarget(
      name: "ExternalImplementationsTests",
      dependencies: [
        "ExternalImplementations", "CForeignCalls", "SoftmaxAudit", "FloatFormats", "TestSupport",
      ],
      exclude: ["make-fixtures.py"]),
    .testTarget(
      name: "AuditReportsTests",
      dependencies: [
        "AuditReports", "FloatFormats", "SoftmaxAudit", "SoftmaxVariants", "TestSupport",
      ],
      resources: [.copy("Snapshots")]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["softmax-audit", "AuditReports", "SoftmaxAudit", "TestSupport"],
      resources: [.copy("Snapshots"), .copy("Plugins")]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
}
