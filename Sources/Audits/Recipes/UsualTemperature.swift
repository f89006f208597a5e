/// The numbers by which people divide or multiply logits.
enum UsualTemperature {
  /// The numbers that are used either way.
  private static let numbers = [2.0, 3, 4, 5, 8, 10, 100, 1.5, 2.5]
  private static let divisors = numbers + [0.7, 0.8]

  /// The usual divisor whose reciprocal is in a range, the one nearest its middle; nil where there
  /// is none.
  static func divisor(ofFactorsIn range: ClosedRange<Double>) -> Double? {
    nearest(divisors.map { 1 / $0 }, in: range).map { divisors[$0] }
  }

  /// The usual multiplier in a range, the one nearest its middle; nil where there is none.
  static func multiplier(in range: ClosedRange<Double>) -> Double? {
    nearest(numbers, in: range).map { numbers[$0] }
  }

  private static func nearest(_ factors: [Double], in range: ClosedRange<Double>) -> Int? {
    let middle = range.lowerBound / 2 + range.upperBound / 2
    return factors.indices.filter { range.contains(factors[$0]) }
      .min { abs(factors[$0] - middle) < abs(factors[$1] - middle) }
  }
}
