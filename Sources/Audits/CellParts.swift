import AuditedOperations
import ErrorMeasurement
import FloatFormats
import LogitFamilies

/// Consecutive lanes of a cell, which an implementation gets in one call.
struct CellPart<F: BinaryFloat> {
  /// The number of its first lane in the cell.
  let firstLane: Int
  let tensor: Tensor<F>
  let profiles: LaneProfiles<F>
}

extension AuditPlan.Source {
  /// The largest number of logits in a part of several lanes, for built-in implementations, which
  /// work lane by lane.
  static let largestPart = 1 << 18
  /// The same where some implementation is none of this program.
  static let largestPartFromOutside = 1 << 21
  /// The least number of lanes of such a part, of which the last may have fewer: kernels switch
  /// their code by the length and by the place in a batch.
  static let lanesFromOutside = 16

  /// The division of a cell into parts that are measured one after the other, so that memory does
  /// not grow with the number of lanes.
  ///
  /// Counts and sums of errors are exact and maxima are certified, so that no figure of an
  /// implementation that works lane by lane depends on the division. A tensor of the user's own is
  /// one part: its lanes may lie along any axis.
  ///
  /// - Parameters:
  ///   - isFromOutside: Whether some implementation is none of this program.
  ///   - largest: The largest number of logits in a part of several lanes; `nil` for what suits.
  /// - Returns: The numbers of the lanes of each part, in order.
  func parts(isFromOutside: Bool, largest: Int? = nil) -> [Range<Int>] {
    guard case .family(_, let length, let samples) = self else { return [0..<laneCount] }
    let most = largest ?? (isFromOutside ? Self.largestPartFromOutside : Self.largestPart)
    let lanes = max(isFromOutside ? Self.lanesFromOutside : 1, most / max(length, 1))
    return stride(from: 0, to: samples, by: lanes).map { $0..<min($0 + lanes, samples) }
  }

  /// A part in a format, by the numbers of its lanes.
  func part<F: BinaryFloat>(_ lanes: Range<Int>, seed: UInt64, as format: F.Type) throws
    -> CellPart<F>
  {
    let tensor: Tensor<F> = try tensor(lanes, seed: seed)
    return CellPart(firstLane: lanes.lowerBound, tensor: tensor, profiles: LaneProfiles(tensor))
  }
}
