import CLaneKernels
import FloatFormats
import Oracle

/// Tells whether a lane whose tolerances have a floor can hold a large part of a bound.
///
/// First by the maxima that the kernel has left of each block, then by a second look at the blocks
/// for which these leave it open: they are in ulps, of which a probability has between 2^(P-1) and
/// 2^P.
struct FloorSearch {
  private let floor: ToleranceFloor
  /// Whether the normal range of exact values is searched, or the range below.
  private let isNormal: Bool
  /// See ``ToleranceFloor/ratioOfUlp(in:isNormal:)``.
  let ratioOfUlp: Double

  /// - Parameters:
  ///   - floor: That of all lanes of the length.
  ///   - lane: A lane that is not special nor empty.
  ///   - isNormal: Which range of exact values is searched.
  init(_ floor: ToleranceFloor, of lane: FilteredLane, isNormal: Bool) {
    self.floor = floor.raised(for: lane)
    self.isNormal = isNormal
    ratioOfUlp = self.floor.ratioOfUlp(in: lane.format, isNormal: isNormal)
  }

  /// Less than a ratio by what the roundings of the bounds can make, and that of a ratio and the
  /// figure in it up to 30 bits; `nil` where products of the floor are not finite, or not normal.
  static func least(toReach ratio: Double) -> Double? {
    ratio > 0x1p-400 && ratio < 0x1p400 ? ratio * (1 - 0x1p-25) : nil
  }

  /// Whether an element of the range that the filter decides can have a ratio; `false` is certain.
  ///
  /// - Parameters:
  ///   - ratio: A figure, or a little less.
  ///   - outputs: Those of the lane.
  ///   - maxima: What the kernel has left of the blocks of the lane.
  func canReach(
    _ ratio: Double, _ outputs: EncodedLane, _ maxima: ArraySlice<lane_maxima>,
    reference: UnsafePointer<lane_reference>, level: Int32
  ) -> Bool {
    guard let least = Self.least(toReach: ratio) else { return true }
    return outputs.withUnsafeBytes { bytes in
      maxima.indices.contains { block in
        let ulps = maxima[block].largestUlps(isNormal: isNormal)
        guard ulps * ratioOfUlp >= least else { return false }
        let start = (block - maxima.startIndex) * Int(LANE_BLOCK)
        return lane_reaches_floor(
          level, reference, outputs.format.kernelCode, bytes.baseAddress, start,
          min(start + Int(LANE_BLOCK), outputs.count), floor.relative, floor.slope, floor.absolute,
          least)
      }
    }
  }
}

extension ToleranceFloor {
  /// An upper bound of |output - p| / bound for an error of 1 ulp.
  ///
  /// For a normal p ulp(p) is at most 2^(1 - P) p, and the bound at least relative p. Below, the
  /// ulp is the least subnormal number, and the bound at least absolute.
  func ratioOfUlp(in format: FloatFormat, isNormal: Bool) -> Double {
    isNormal ? 2 * format.unitRoundoff / relative : format.leastSubnormal / absolute
  }
}

extension lane_maxima {
  /// An upper bound of the errors in one range of exact values, in ulps; 0 where there are none.
  func largestUlps(isNormal: Bool) -> Double {
    isNormal ? normal : max(subnormal, subnormal_zero)
  }
}
