/// Counts of error magnitudes in fixed bins, 64 to an octave, for percentiles that do not depend on the order.
///
/// A bin is an exponent and the first six bits of the significand; its upper edge is the figure reported. Errors that
/// vanish on the 2^-40 grid have a bin of their own with the edge 0.
struct ErrorHistogram: Sendable, Equatable {
  /// The octaves counted in an array; anything beyond goes into a dictionary.
  private static let octaves = -40..<24
  private var zeros: UInt64 = 0
  private var near = [UInt32](repeating: 0, count: 64 * octaves.count)
  private var far: [Int: UInt64] = [:]
  /// How many errors were counted.
  private(set) var count: UInt64 = 0

  /// Counts an error magnitude.
  @inline(__always)
  mutating func add(_ magnitude: Double) {
    count += 1
    if magnitude == 0 {
      zeros += 1
      return
    }
    let bin = Self.bin(of: magnitude)
    let index = bin - 64 * Self.octaves.lowerBound
    if near.indices.contains(index), near[index] < .max {
      near[index] += 1
    } else {
      far[bin, default: 0] += 1
    }
  }

  @inline(__always)
  private static func bin(of magnitude: Double) -> Int {
    let bits = magnitude.bitPattern >> 46
    return (Int(bits >> 6) - 1023) * 64 + Int(bits & 63)
  }

  /// Adds all that another histogram counted.
  mutating func merge(_ other: ErrorHistogram) {
    count += other.count
    zeros += other.zeros
    for (index, value) in other.near.enumerated() where value > 0 {
      let (sum, overflow) = near[index].addingReportingOverflow(value)
      if overflow {
        far[index + 64 * Self.octaves.lowerBound, default: 0] += UInt64(value)
      } else {
        near[index] = sum
      }
    }
    for (bin, value) in other.far { far[bin, default: 0] += value }
  }

  /// The upper edge of the bin that holds the given share of the errors; nil when nothing was counted.
  func percentile(_ share: Double) -> Double? {
    guard count > 0 else { return nil }
    let rank = UInt64((share * Double(count)).rounded(.up))
    var seen = zeros
    if seen >= rank { return 0 }
    var bins = far
    for (index, value) in near.enumerated() where value > 0 {
      bins[index + 64 * Self.octaves.lowerBound, default: 0] += UInt64(value)
    }
    for bin in bins.keys.sorted() {
      seen += bins[bin] ?? 0
      if seen >= rank { return Self.upperEdge(of: bin) }
    }
    return nil
  }

  private static func upperEdge(of bin: Int) -> Double {
    let (octave, part) = (bin >> 6, bin & 63)
    return Double(sign: .plus, exponent: octave, significand: 1 + Double(part + 1) / 64)
  }
}
