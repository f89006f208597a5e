import AuditRecords
import LogitFamilies

/// The lanes of families, which their name, the seed, the format and the length make again.
package struct FamilyLanes {
  private let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// The logits of the lane of a maximum, in hexadecimal; `nil` where it is of no family.
  package func logits(of maximum: ClaimedMaximum) throws -> [String]? {
    guard let family = LogitFamily.all.first(where: { $0.name == maximum.origin }),
      let sample = Int(exactly: maximum.sample)
    else { return nil }
    return try AuditPlan.Cell(
      format: maximum.scope.input,
      source: .family(family, length: maximum.length, samples: sample + 1)
    ).texts(ofLane: sample, seed: seed)
  }
}
