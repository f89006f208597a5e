import CLaneKernels
import FloatFormats

/// The exact values of a lane behind filters, with the arbiter behind those.
///
/// Belongs to one thread at a time, as its oracle does.
package protocol FilteredValues: ExactLane, AnyObject {
  /// The filters that serve for the formats of the lane.
  var tiers: [FilterTier] { get }
  /// Whether the lane is left to filters: others are special, empty, or have rational values.
  var isFiltered: Bool { get }
  /// The same lane by MPFR alone.
  var arbiter: LaneReference { get }
  /// The number of times that a value was asked of MPFR.
  var arbitrations: UInt64 { get }
  /// The lane itself where its values are those of a softmax; `nil` elsewhere.
  var probabilities: FilteredLane? { get }

  /// Calls a function with outputs and the values that they are compared with, as the kernels take
  /// them, of a lane that is filtered.
  func withComparison(
    _ tier: FilterTier, _ outputs: EncodedLane, _ body: (LaneComparison) -> Void)

  /// Gives memory to the next lane: what was in it is evaluated again should it be asked for.
  func giveBack()
}

/// Outputs and the values that they are compared with, as the kernels take them.
package struct LaneComparison {
  /// The values, good to the filter's bound.
  package let reference: UnsafePointer<lane_reference>
  /// The outputs, mirrored where the values are.
  package let outputs: UnsafeRawPointer?
  /// The scaled errors; `nil` where they are not measured along.
  package let scaled: ScaledComparison?
  /// Whether all values and outputs have changed their sign, and no bit of them says so.
  package var areNegated = false

  package init(
    reference: UnsafePointer<lane_reference>, outputs: UnsafeRawPointer?,
    scaled: ScaledComparison? = nil, areNegated: Bool = false
  ) {
    self.reference = reference
    self.outputs = outputs
    self.scaled = scaled
    self.areNegated = areNegated
  }
}

/// The scaled errors of a lane of mirrored values, good to the bound of those.
package struct ScaledComparison {
  /// The sums of all.
  package let tally: lane_mirror_tally
  /// The largest of each block.
  package let largest: UnsafePointer<Double>
  /// Yardsticks, one for each output; `nil` where the size of the value is one.
  let yardsticks: UnsafePointer<Double>?
  /// The least yardstick, scaled as the values: smaller ones count as this.
  let leastYardstick: Double

  /// Half the scaled error that the bound on the values leaves open.
  package static func uncertainty(_ reference: UnsafePointer<lane_reference>) -> Double {
    let scale = Double(
      sign: .plus, exponent: Int(reference.pointee.precision) - 1, significand: 1)
    return reference.pointee.relative_error * scale * (1 + 0x1p-30)
  }

  /// A lower bound of the unit of the scaled error of an output, scaled as the values.
  package func unit(at index: Int, _ reference: UnsafePointer<lane_reference>) -> Double {
    let yardstick = max(yardsticks?[index] ?? reference.pointee.high[index], leastYardstick)
    return (yardstick * (1 - 0x1p-30))
      .scaled(byPowerOfTwo: -Int(reference.pointee.precision))
  }
}
