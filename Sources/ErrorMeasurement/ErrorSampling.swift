import AuditRecords
import FloatFormats
import Oracle

/// Takes an ``ErrorSample`` of the outputs of a cell.
package struct ErrorSampling {
  /// The largest number of outputs that are looked at.
  static let limit = 1024

  private var outputs: UInt64 = 0
  private var signed: [Int: UInt64] = [:]
  private var octaves: [Int: Double] = [:]
  private var decades: [Int: Double] = [:]

  package init() {}

  /// The distance between the outputs that are looked at, of a number in all.
  ///
  /// It is odd, so that it meets every lane of a vector and does not fall on the same place of
  /// lanes of even length.
  package static func stride(over count: Int) -> Int {
    count <= limit ? 1 : ((count + limit - 1) / limit) | 1
  }

  /// Looks at one output of a lane that has a softmax.
  ///
  /// - Parameter offset: The largest logit of the lane.
  @_specialize(where G == Float16)
  @_specialize(where G == BFloat16)
  @_specialize(where G == Float)
  @_specialize(where G == Double)
  package mutating func add<G: BinaryFloat>(_ y: G, against exact: ExactValue, offset: Double) {
    guard y.isFinite, y.isNegative == exact.isNegative || y.isZero, !exact.isZero,
      !exact.isInfinite, !exact.isUndecided
    else { return }
    outputs += 1
    let error = UlpError(of: y, against: exact)
    // On the grid of all statistics, or what binary64 has of an error beyond it.
    let magnitude = error.gridMagnitude.map { Double($0) * 0x1p-40 } ?? error.magnitude
    let width = ErrorSample.octavesPerGroup(minimumExponent: G.format.minimumExponent)
    let octave = Self.octave(of: exact, in: G.format)
    Self.raise(&octaves[Self.floor(octave, by: width), default: 0], to: magnitude)
    guard exact.isNormal else { return }
    signed[ErrorSample.signedBin(of: error.isNegative ? -magnitude : magnitude), default: 0] += 1
    Self.raise(&decades[Self.decade(of: offset), default: 0], to: magnitude)
  }

  private static func raise(_ maximum: inout Double, to candidate: Double) {
    maximum = max(maximum, candidate)
  }

  /// floor(log2 p); of a p below half of the smallest subnormal number the binade below that
  /// number.
  private static func octave(of exact: ExactValue, in format: FloatFormat) -> Int {
    let bits = 127 - exact.lower.leadingZeroBitCount
    return max(Int(exact.quantumExponent) + bits - 64, format.quantumExponent - 1)
  }

  /// The largest multiple of a width that does not exceed a number.
  private static func floor(_ number: Int, by width: Int) -> Int {
    (number >= 0 ? number / width : (number - width + 1) / width) * width
  }

  private static func decade(of offset: Double) -> Int {
    var (decade, power) = (0, 10.0)
    while abs(offset) >= power, power < .infinity { (decade, power) = (decade + 1, power * 10) }
    return decade
  }

  /// The sample; nil where nothing could be looked at.
  package var sample: ErrorSample? {
    guard outputs > 0 else { return nil }
    let bins = signed.keys.sorted()
    let groups = octaves.keys.sorted()
    let offsets = decades.keys.sorted()
    func maxima(_ places: [Int], _ values: [Int: Double]) -> [Figure] {
      places.map { Figure(Self.fewDigits(values[$0] ?? 0)) }
    }
    return ErrorSample(
      outputs: outputs, signedBins: bins, signedCounts: bins.map { signed[$0] ?? 0 },
      octaves: groups, octaveMaxima: maxima(groups, octaves),
      decades: offsets, decadeMaxima: maxima(offsets, decades))
  }

  /// The number rounded to 10 bits, which is enough for a figure and short in a file.
  private static func fewDigits(_ value: Double) -> Double {
    guard value.isFinite, value > 0 else { return value }
    let unit = Double(sign: .plus, exponent: value.exponent - 9, significand: 1)
    guard unit.isNormal else { return value }
    return (value / unit).rounded(.up) * unit
  }
}
