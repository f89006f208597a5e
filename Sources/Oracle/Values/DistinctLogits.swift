import FloatFormats

/// The finite logits of a lane as a descending list of distinct values, each with its multiplicity.
///
/// The oracle works on this list: equal logits cost one exponential, the maximum comes first, what
/// cannot matter to the sum is a suffix, and the result cannot depend on the order of the lane.
public struct DistinctLogits: Sendable {
  /// The distinct finite values, largest first.
  ///
  /// Both zeros count as +0.
  public private(set) var values: [Double] = []
  /// The number of times that each occurs.
  public private(set) var multiplicities: [UInt64] = []
  /// For each element of the lane the index of its value, or `masked` for a -inf logit.
  public private(set) var slots: [Int32] = []
  /// The number of finite logits.
  public private(set) var finiteCount = 0
  /// Whether the lane holds a NaN.
  public private(set) var hasNaN = false
  /// The number of logits that are +inf.
  public private(set) var infinityCount = 0

  /// An identity that copies of the list share and no other list has.
  let identity = LaneIdentity()

  /// The slot of a -inf logit.
  public static let masked: Int32 = -1
  /// The slot of a NaN or +inf logit.
  public static let special: Int32 = -2

  /// Sorts a lane.
  @inlinable
  public init<F: BinaryFloat>(of lane: some Collection<F>) {
    self.init(exactly: lane.map { $0.exactDouble })
  }

  /// Sorts a lane given as binary64 numbers, which hold every format.
  public init(exactly lane: [Double]) {
    var keyed: [Keyed] = []
    keyed.reserveCapacity(lane.count)
    slots = Array(repeating: Self.masked, count: lane.count)
    for (index, logit) in lane.enumerated() {
      if logit.isFinite {
        // Adding +0 turns -0 into +0.
        keyed.append(Keyed(value: logit + 0, index: Int32(index)))
      } else if logit.isNaN {
        hasNaN = true
        slots[index] = Self.special
      } else if logit > 0 {
        infinityCount += 1
        slots[index] = Self.special
      }
    }
    keyed.sortDescending { $0.value }
    finiteCount = keyed.count
    for entry in keyed {
      if values.last != entry.value {
        values.append(entry.value)
        multiplicities.append(0)
      }
      multiplicities[multiplicities.count - 1] += 1
      slots[Int(entry.index)] = Int32(values.count - 1)
    }
  }

  /// The number of elements of the lane.
  public var count: Int { slots.count }

  /// The distance of a value from the maximum, m - x, rounded to binary64; infinite where it
  /// overflows.
  public func distance(_ slot: Int) -> Double { values[0] - values[slot] }

  private struct Keyed {
    var value: Double
    var index: Int32
  }
}

/// The identity of a sorted lane, under which an oracle keeps what it has evaluated.
final class LaneIdentity: Sendable {}
