import AuditRecords
import Basics
import Foundation

/// Certificates as JSON and back.
package enum CertificatesJSON {
  /// The document: its checksum, then sorted keys.
  package static func encode(_ certificates: Certificates) throws -> Data {
    DocumentChecksum.seal(try DocumentJSON.encode(certificates))
  }

  /// The certificates in a document.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` that names the file and the place where it is
  ///   not what it should be.
  package static func decode(_ data: Data, name: String) throws -> Certificates {
    try SchemaJSON.decode(
      Certificates.self, schema: Certificates.currentSchema, from: data, name: name,
      kind: "certificates")
  }
}
