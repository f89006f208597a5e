import FloatFormats

/// The finite logits of a lane as a descending list of distinct values, each with its multiplicity.
///
/// The oracle works on this list: equal logits cost one exponential, the maximum comes first, what cannot
/// matter to the sum is a suffix, and the result cannot depend on the order of the lane.
public struct DistinctLogits: Sendable {
  /// The distinct finite values, largest first.
  ///
  /// Both zeros count as +0.
  public private(set) var values: [Double] = []
  /// How often each occurs.
  public private(set) var multiplicities: [UInt64] = []
  /// For each element of the lane the index of its value, or `masked` for a -inf logit.
  public private(set) var slots: [Int32] = []
  /// The number of finite logits.
  public private(set) var finiteCount = 0
  /// Whether the lane holds a NaN.
  public private(set) var hasNaN = false
  /// How many logits are +inf.
  public private(set) var infinityCount = 0

  /// What copies of the list share and no other list has.
  let identity = LaneIdentity()

  /// The slot of a -inf logit.
  public static let masked: Int32 = -1
  /// The slot of a NaN or +inf logit.
  public static let special: Int32 = -2

  /// Sorts a lane.
  @inlinable
  public init<F: BinaryFloat>(of lane: some Collection<F>) {
    self.init(exactly: lane.map(\.exactDouble))
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
    Self.sortDescending(&keyed)
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

  /// The distance of a value from the maximum, m - x, rounded to binary64; infinite where it overflows.
  public func distance(_ slot: Int) -> Double { values[0] - values[slot] }

  private struct Keyed {
    var value: Double
    var index: Int32

    /// An integer that is smaller the larger the value is.
    @inline(__always)
    var descendingKey: UInt64 {
      let bits = value.bitPattern
      return bits >> 63 == 1 ? bits : ~bits & (.max >> 1)
    }
  }

  /// Sorts by value, largest first.
  ///
  /// A comparison sort of a long lane costs as much as a tenth of its exponentials. Long lanes are sorted by the bytes of
  /// their keys, last byte first; a byte that all keys share, as the low ones of narrow formats, costs no pass.
  private static func sortDescending(_ entries: inout [Keyed]) {
    guard entries.count > 256 else {
      entries.sort { $0.value > $1.value }
      return
    }
    var counts = [Int](repeating: 0, count: 8 * 256)
    for entry in entries {
      var key = entry.descendingKey
      for byte in 0..<8 {
        counts[byte << 8 | Int(key & 255)] += 1
        key >>= 8
      }
    }
    var other = entries
    for byte in 0..<8 {
      let range = byte << 8..<(byte + 1) << 8
      if counts[range].contains(entries.count) { continue }
      var start = 0
      for bucket in range { (counts[bucket], start) = (start, start + counts[bucket]) }
      for entry in entries {
        let bucket = byte << 8 | Int(entry.descendingKey >> UInt64(8 * byte) & 255)
        other[counts[bucket]] = entry
        counts[bucket] += 1
      }
      swap(&entries, &other)
    }
  }
}

/// The identity of a sorted lane, under which an oracle keeps what it has evaluated.
final class LaneIdentity: Sendable {}
