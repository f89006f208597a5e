import AuditRecords
import AuditedOperations
import FloatFormats

extension AuditPlan {
  /// The logits of the lane of a maximum, in hexadecimal; `nil` where no cell holds it.
  package func logits(of maximum: ClaimedMaximum) throws -> [String]? {
    let cell = cells.first {
      $0.format == maximum.scope.input
        && $0.holds(family: maximum.origin, length: maximum.length)
    }
    guard let cell, let sample = Int(exactly: maximum.sample),
      sample < cell.source.laneCount
    else { return nil }
    return try cell.texts(ofLane: sample, seed: seed)
  }
}

extension AuditPlan.Cell {
  /// The logits of a lane in hexadecimal.
  func texts(ofLane sample: Int, seed: UInt64) throws -> [String] {
    try format.open(LaneWork(source: source, seed: seed, sample: sample))
  }

  private struct LaneWork: FormatGenericWork {
    let source: AuditPlan.Source
    let seed: UInt64
    let sample: Int

    func run<F: BinaryFloat>(_ format: F.Type) throws -> [String] {
      try source.lane(sample, seed: seed, as: format).map(\.hexText)
    }
  }
}

extension Verification.Pair {
  /// The logits of the lane of a maximum, in hexadecimal; `nil` where the tensors do not hold it.
  package func logits(of maximum: ClaimedMaximum) throws -> [String]? {
    guard let lane = Int(exactly: maximum.sample), lane < geometry.laneCount else {
      return nil
    }
    return try inputs.first.format.open(SavedWork(pair: self, lane: lane))
  }

  private struct SavedWork: FormatGenericWork {
    let pair: Verification.Pair
    let lane: Int

    func run<F: BinaryFloat>(_ format: F.Type) -> [String] {
      pair.inputs.first.lane(lane, of: pair.geometry, as: format).map(\.hexText)
    }
  }
}
