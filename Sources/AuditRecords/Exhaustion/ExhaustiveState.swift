import AuditedOperations
import Basics
import FloatFormats

/// The progress of the exhaustion of a domain: the content of a checkpoint, and of the parts that
/// shards are put together from.
package struct ExhaustiveState: Sendable, Hashable, Codable {
  /// The number of lanes in a block; the last one may have fewer.
  package var blockLanes: UInt64
  /// The number of blocks of the whole domain.
  package var blocks: Int
  /// The blocks that are done, ascending.
  package var done: [Int] = []
  /// Of each of them its two sums of outputs in hexadecimal.
  package var checksums: [String] = []
  /// The counts over all of them.
  package var tally = ExhaustiveTally()
  /// The misconduct of the implementation, one sentence each.
  package var misconduct: [String] = []

  package init(_ domain: ExhaustiveDomain, blockLanes: UInt64? = nil) {
    self.blockLanes = blockLanes ?? Self.blockLanes(of: domain)
    blocks = Int((domain.lanes + self.blockLanes - 1) / self.blockLanes)
  }

  /// The least power of two that makes at most 1024 blocks, but no less than 16 384.
  static func blockLanes(of domain: ExhaustiveDomain) -> UInt64 {
    var lanes: UInt64 = 1 << 14
    while lanes * 1024 < domain.lanes { lanes *= 2 }
    return lanes
  }

  /// Whether nothing is left to do.
  package var isComplete: Bool { done.count == blocks }

  /// The lanes of a block.
  package func lanes(of block: Int, in domain: ExhaustiveDomain) -> Range<UInt64> {
    let start = UInt64(block) * blockLanes
    return start..<min(start + blockLanes, domain.lanes)
  }

  /// Adds a block.
  package mutating func add(
    _ block: Int, _ checksum: String, _ tally: ExhaustiveTally, _ misconduct: [String]
  ) {
    let place = done.firstIndex { $0 > block } ?? done.count
    done.insert(block, at: place)
    checksums.insert(checksum, at: place)
    self.tally.merge(tally)
    add(misconduct)
  }

  private mutating func add(_ misconduct: [String]) {
    // Sorted, so that the order in which blocks end does not show.
    self.misconduct = Set(self.misconduct + misconduct).sorted().prefix(8).map { $0 }
  }

  /// The reason why this is no state of a domain; `nil` where it is one.
  ///
  /// Every count and place is looked at, for states come from files that anybody may have edited.
  ///
  /// - Parameters:
  ///   - domain: The domain that the state is to belong to.
  ///   - operation: The operation of the outputs.
  ///   - output: The format of the outputs.
  package func objection(
    to domain: ExhaustiveDomain, of operation: AuditedOperation = .softmax, output: FloatFormat
  ) -> String? {
    // A block of more lanes than any domain has is none, and sums of such numbers may be too large.
    guard (1...ExhaustiveDomain.greatestLaneCount).contains(blockLanes),
      blocks == ExhaustiveState(domain, blockLanes: blockLanes).blocks
    else {
      return "it has \(blocks) blocks of \(blockLanes) lanes, which are not those of the domain"
    }
    guard done.allSatisfy({ (0..<blocks).contains($0) }), zip(done, done.dropFirst()).allSatisfy(<)
    else { return "its blocks are not in ascending order, or there are none of their numbers" }
    guard checksums.count == done.count, Self.digest(ofChecksums: checksums) != nil else {
      return "it does not have one checksum for each block"
    }
    let lanes = done.reduce(UInt64(0)) { $0 + UInt64(self.lanes(of: $1, in: domain).count) }
    let outputs = UInt64(operation.outputCount(ofLength: domain.length))
    guard tally.lanes == lanes, tally.elements == lanes * outputs else {
      return "it counts \(tally.lanes) lanes where its blocks have \(lanes)"
    }
    return tally.objection(to: domain, of: operation, output: output)
  }

  /// Adds the blocks of another state of the same domain.
  ///
  /// - Throws: `UserError` of kind `malformedInput` where both have a block.
  package mutating func merge(_ other: ExhaustiveState) throws(UserError) {
    guard blockLanes == other.blockLanes, blocks == other.blocks else {
      throw UserError(.malformedInput, "their blocks have other sizes")
    }
    if let both = Set(done).intersection(other.done).min() {
      throw UserError(.malformedInput, "both have block \(both)")
    }
    let all = zip(done + other.done, checksums + other.checksums).sorted { $0.0 < $1.0 }
    done = all.map(\.0)
    checksums = all.map(\.1)
    tally.merge(other.tally)
    add(other.misconduct)
  }
}
