#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The digest that tells the file of an implementation from another one of the same name.
package enum FileDigest {
  /// The key under which an environment holds the digest.
  package static let key = "sha256"
  /// The key under which an environment holds the name of the file, without its folders.
  package static let fileKey = "file"

  /// The name and the SHA-256 of a file, as entries of an environment; empty where it cannot be
  /// read.
  package static func entries(ofFile path: String) -> [String: String] {
    guard let data = FileManager.default.contents(atPath: path) else { return [:] }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return [fileKey: name, key: data.withUnsafeBytes { SHA256.hexDigest(of: $0) }]
  }
}
