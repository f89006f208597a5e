// swift-tools-version: 6.2

import PackageDescription

/// A package with a softmax of its own, and tests that audit it.
let package = Package(
  name: "example-package",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "softmax-audit", path: "../../..")],
  targets: [
    .target(name: "MySoftmax"),
    .testTarget(
      name: "MySoftmaxTests",
      dependencies: ["MySoftmax", .product(name: "SoftmaxAudit", package: "softmax-audit")]),
  ],
  swiftLanguageModes: [.v6]
)
