import AuditRecords
import Basics
import Foundation

/// Evidence as JSON.
package enum EvidenceJSON {
  /// The document: its checksum, then sorted keys, one line for every maximum.
  package static func encode(_ evidence: EvidenceDocument) throws -> Data {
    var head = evidence
    head.maxima = []
    return DocumentChecksum.seal(
      try DocumentJSON.encode(head, rows: evidence.maxima, key: "maxima"))
  }
}
