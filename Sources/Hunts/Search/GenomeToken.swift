import AuditRecords
import Basics
import Foundation

/// Genomes as words of a command line: their JSON, with keys sorted.
package enum GenomeToken {
  private static let codec = TokenCodec("g", .fnv1a)

  package static func text(of genome: LaneGenome) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // A genome is numbers and names; nothing in it can fail to be encoded.
    return codec.text(of: [UInt8]((try? encoder.encode(genome)) ?? Data()))
  }

  /// - Throws: ``UserError`` of kind `usage` where a text is no token.
  package static func genome(in token: String) throws(UserError) -> LaneGenome {
    guard let bytes = try? codec.bytes(in: token),
      let genome = try? JSONDecoder().decode(LaneGenome.self, from: Data(bytes))
    else {
      throw UserError(
        .usage, "--replay: the token is not whole; copy it as it was printed with the finding")
    }
    return genome
  }
}
