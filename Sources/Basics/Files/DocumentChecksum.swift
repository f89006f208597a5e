import Foundation

/// The checksum that a JSON document of this program carries of itself: its first key.
///
/// It is the SHA-256 of the document without that key and the comma after it. So `sed
/// '1s/"checksum":"[0-9a-f]*",//'` and `sha256sum` give it again.
package enum DocumentChecksum {
  /// The statement of a document about itself.
  package enum State: Sendable, Hashable {
    /// It is what was written.
    case intact
    /// It carries no checksum: earlier versions wrote none.
    case absent
    /// It was changed since it was written.
    case changed
  }

  private static let opening = #"{"checksum":""#
  private static let digits = 64

  /// The document with its checksum.
  ///
  /// - Parameter document: A JSON object with at least one key.
  package static func seal(_ document: Data) -> Data {
    let digest = document.withUnsafeBytes { SHA256.hexDigest(of: $0) }
    return Data((opening + digest + "\",").utf8) + document.dropFirst()
  }

  /// Whether a document is what was written.
  package static func state(of document: Data) -> State {
    let head = String(decoding: document.prefix(opening.utf8.count + digits + 2), as: UTF8.self)
    guard head.hasPrefix(opening), head.hasSuffix("\",") else {
      // A damaged key or value is no reason to take the document for one of an earlier version.
      let hasTraces = head.contains("\"checksum\"") || head.contains(/^\{"[^"]*":"[0-9a-f]{64}",$/)
      return hasTraces ? .changed : .absent
    }
    let written = head.dropFirst(opening.count).dropLast(2)
    let rest = Data("{".utf8) + document.dropFirst(head.utf8.count)
    return rest.withUnsafeBytes { SHA256.hexDigest(of: $0) } == written ? .intact : .changed
  }

  /// Makes sure that a document was not changed since it was written.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where it was.
  static func check(_ document: Data, name: String) throws(UserError) {
    guard state(of: document) != .changed else {
      throw UserError(
        .malformedInput,
        "\(name) was changed since it was written: its checksum is that of another content; make it again with softmax-audit"
      )
    }
  }
}
