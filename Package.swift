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
      targets: ["FloatFormats", "Oracle", "SoftmaxVariants", "SoftmaxAudit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
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
    .target(name: "CFileWriting"),
    .target(name: "Basics", dependencies: ["CFileWriting"]),
    .target(
      name: "PropertyTesting",
      dependencies: [
        "Basics", "FloatFormats", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "LogitFamilies",
      dependencies: [
        "Basics", "FloatFormats", "PropertyTesting",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "AuditedOperations",
      dependencies: [
        "Basics", "FloatFormats", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "CLaneKernels"),
    .target(
      name: "Oracle",
      dependencies: [
        "CLaneKernels", "MultiPrecision", "FloatFormats", "AuditedOperations",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "SoftmaxVariants",
      dependencies: [
        "Basics", "FloatFormats", "MultiPrecision", "AuditedOperations",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "AuditRecords", dependencies: ["Basics", "FloatFormats", "AuditedOperations"]),
    .target(
      name: "ErrorMeasurement",
      dependencies: [
        "Basics", "FloatFormats", "MultiPrecision", "AuditedOperations", "CLaneKernels",
        "Oracle", "SoftmaxVariants", "AuditRecords",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Laws",
      dependencies: [
        "Basics", "FloatFormats", "MultiPrecision", "PropertyTesting", "AuditedOperations",
        "Oracle", "SoftmaxVariants", "AuditRecords", "ErrorMeasurement",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Audits",
      dependencies: [
        "Basics", "FloatFormats", "MultiPrecision", "PropertyTesting", "AuditedOperations",
        "Oracle", "SoftmaxVariants", "AuditRecords", "LogitFamilies", "ErrorMeasurement",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Hunts",
      dependencies: [
        "Basics", "FloatFormats", "MultiPrecision", "PropertyTesting", "AuditedOperations",
        "CLaneKernels", "Oracle", "SoftmaxVariants", "AuditRecords", "LogitFamilies",
        "ErrorMeasurement", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Policies",
      dependencies: [
        "Basics", "FloatFormats", "AuditedOperations", "Oracle", "SoftmaxVariants",
        "AuditRecords", "LogitFamilies", "ErrorMeasurement", "Laws", "Audits",
      ]),
    // The floors under one name, for tests of packages.
    .target(
      name: "SoftmaxAudit",
      dependencies: ["Basics", "AuditedOperations", "AuditRecords", "Laws", "Audits"]),
    .target(
      name: "FaultySoftmaxes",
      dependencies: [
        "Basics", "FloatFormats", "AuditedOperations", "Oracle", "SoftmaxVariants",
        "AuditRecords", "LogitFamilies", "ErrorMeasurement", "Laws", "Audits", "Policies",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "CForeignCalls"),
    .target(
      name: "ExternalImplementations",
      dependencies: ["Basics", "CForeignCalls", "FloatFormats", "AuditedOperations"],
      exclude: [
        "PythonPackage/pyproject.toml", "PythonPackage/softmax_audit/py.typed",
        "PythonPackage/softmax_audit/__main__.py", "PythonPackage/softmax_audit/pytest_plugin.py",
      ],
      resources: [
        "Plugins/softmax_audit.h", "WorkerProtocol.md", "PythonPackage/start.py",
        "PythonPackage/softmax_audit/__init__.py", "PythonPackage/softmax_audit/adapters.py",
        "PythonPackage/softmax_audit/assertions.py", "PythonPackage/softmax_audit/attention.py",
        "PythonPackage/softmax_audit/auditing.py",
        "PythonPackage/softmax_audit/callables.py", "PythonPackage/softmax_audit/onnx_model.py",
        "PythonPackage/softmax_audit/onnx_loss.py",
        "PythonPackage/softmax_audit/onnx_quantized.py", "PythonPackage/softmax_audit/quantized.py",
        "PythonPackage/softmax_audit/program.py", "PythonPackage/softmax_audit/reports.py",
        "PythonPackage/softmax_audit/served.py", "PythonPackage/softmax_audit/worker.py",
      ].map { .embedInCode($0) }),
    // Apart from SoftmaxAudit, whose policies are values: only who reads files needs a YAML parser.
    .target(
      name: "PolicyFiles",
      dependencies: [
        "Basics", "FloatFormats", "AuditedOperations", "Oracle", "SoftmaxVariants",
        "AuditRecords", "LogitFamilies", "Laws", "Audits", "Policies",
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "AuditReports",
      dependencies: [
        "Basics", "FloatFormats", "AuditedOperations", "SoftmaxVariants", "LogitFamilies",
        "AuditRecords",
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.embedInCode("HTML/Page"), .embedInCode("Schemas")]),
    .executableTarget(
      name: "softmax-audit",
      dependencies: [
        "Basics", "MultiPrecision", "FloatFormats", "AuditedOperations", "Oracle",
        "SoftmaxVariants", "AuditRecords", "LogitFamilies", "ErrorMeasurement", "Laws", "Audits",
        "Hunts", "Policies", "CForeignCalls", "ExternalImplementations", "PolicyFiles",
        "AuditReports", "FaultySoftmaxes",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "oracle-benchmark",
      dependencies: [
        "Basics", "MultiPrecision", "FloatFormats", "AuditedOperations", "Oracle",
        "SoftmaxVariants", "AuditRecords", "LogitFamilies", "ErrorMeasurement", "Audits",
      ], path: "Sources/Tools/oracle-benchmark"),
    .executableTarget(
      name: "protocol-benchmark",
      dependencies: ["Basics", "FloatFormats", "AuditedOperations", "ExternalImplementations"],
      path: "Sources/Tools/protocol-benchmark"),
    .executableTarget(
      name: "bound-tightness",
      dependencies: [
        "Basics", "FloatFormats", "PropertyTesting", "AuditedOperations", "Oracle",
        "SoftmaxVariants", "LogitFamilies", "ErrorMeasurement",
      ], path: "Sources/Tools/bound-tightness"),
    .executableTarget(
      name: "filter-check",
      dependencies: [
        "Basics", "FloatFormats", "AuditedOperations", "Oracle", "ErrorMeasurement",
        "LogitFamilies",
      ], path: "Sources/Tools/filter-check"),
    .target(
      name: "TestSupport",
      dependencies: [
        "MultiPrecision", "FloatFormats", "LogitFamilies", "AuditedOperations", "SoftmaxVariants",
      ],
      path: "Tests/TestSupport"),
    // The rules that the floors above follow.
    .testTarget(name: "HouseTests"),
    .testTarget(name: "MultiPrecisionTests", dependencies: ["MultiPrecision", "TestSupport"]),
    .testTarget(
      name: "FloatFormatsTests",
      dependencies: ["MultiPrecision", "FloatFormats", "TestSupport"],
      resources: [.copy("Vectors")]),
    .testTarget(name: "BasicsTests", dependencies: ["Basics", "TestSupport"]),
    .testTarget(name: "PropertyTestingTests", dependencies: ["FloatFormats", "PropertyTesting"]),
    .testTarget(
      name: "LogitFamiliesTests",
      dependencies: ["MultiPrecision", "FloatFormats", "Basics", "LogitFamilies", "TestSupport"]),
    .testTarget(
      name: "AuditedOperationsTests",
      dependencies: ["FloatFormats", "Basics", "AuditedOperations", "TestSupport"]),
    .testTarget(
      name: "OracleTests",
      dependencies: [
        "MultiPrecision", "FloatFormats", "LogitFamilies", "AuditedOperations", "CLaneKernels",
        "Oracle", "TestSupport",
      ],
      resources: [.copy("Vectors")]),
    .testTarget(
      name: "SoftmaxVariantsTests",
      dependencies: [
        "MultiPrecision", "FloatFormats", "Basics", "AuditedOperations", "Oracle",
        "SoftmaxVariants", "TestSupport",
      ]),
    .testTarget(
      name: "AuditRecordsTests",
      dependencies: ["FloatFormats", "Basics", "AuditedOperations", "AuditRecords"]),
    .testTarget(
      name: "ErrorMeasurementTests",
      dependencies: [
        "MultiPrecision", "FloatFormats", "LogitFamilies", "AuditedOperations", "CLaneKernels",
        "Oracle", "SoftmaxVariants", "AuditRecords", "ErrorMeasurement", "TestSupport",
      ]),
    .testTarget(
      name: "LawsTests",
      dependencies: [
        "FloatFormats", "Basics", "PropertyTesting", "AuditedOperations", "Oracle",
        "SoftmaxVariants", "AuditRecords", "Laws", "TestSupport",
      ]),
    .testTarget(
      name: "AuditsTests",
      dependencies: [
        "MultiPrecision", "FloatFormats", "Basics", "LogitFamilies", "AuditedOperations", "Oracle",
        "SoftmaxVariants", "AuditRecords", "ErrorMeasurement", "Audits", "TestSupport",
      ]),
    .testTarget(
      name: "HuntsTests",
      dependencies: [
        "MultiPrecision", "FloatFormats", "Basics", "PropertyTesting", "AuditedOperations",
        "Oracle", "SoftmaxVariants", "AuditRecords", "ErrorMeasurement", "Hunts", "TestSupport",
      ]),
    .testTarget(
      name: "PoliciesTests",
      dependencies: [
        "FloatFormats", "AuditedOperations", "SoftmaxVariants", "AuditRecords", "Laws", "Policies",
        "TestSupport",
      ]),
    .testTarget(name: "SoftmaxAuditTests", dependencies: ["SoftmaxAudit"]),
    .testTarget(
      name: "FaultySoftmaxesTests",
      dependencies: [
        "FloatFormats", "Basics", "LogitFamilies", "AuditedOperations", "Oracle", "SoftmaxVariants",
        "AuditRecords", "ErrorMeasurement", "Laws", "Audits", "FaultySoftmaxes", "AuditReports",
        "TestSupport",
      ]),
    .testTarget(
      name: "ExternalImplementationsTests",
      dependencies: [
        "FloatFormats", "Basics", "AuditedOperations", "CForeignCalls", "ExternalImplementations",
        "TestSupport",
      ],
      exclude: ["make-fixtures.py"]),
    .testTarget(
      name: "PolicyFilesTests",
      dependencies: [
        "FloatFormats", "Basics", "AuditedOperations", "Oracle", "SoftmaxVariants", "AuditRecords",
        "Laws", "Policies", "PolicyFiles",
      ]),
    .testTarget(
      name: "AuditReportsTests",
      dependencies: [
        "FloatFormats", "Basics", "AuditedOperations", "SoftmaxVariants", "AuditRecords", "Laws",
        "Audits", "Policies", "AuditReports", "TestSupport",
      ],
      resources: [.copy("Snapshots")]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "Basics", "FloatFormats", "AuditedOperations", "AuditRecords", "AuditReports",
        "softmax-audit", "TestSupport",
      ],
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

// The plug-in that builds the manual is for scripts/checks/check-manual alone: packages that depend
// on this one never resolve it.
if Context.environment["SOFTMAX_AUDIT_MANUAL"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"))
}
