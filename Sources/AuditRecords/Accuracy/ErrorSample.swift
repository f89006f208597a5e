/// The errors of some outputs of a cell, evenly spaced, for figures: how they are distributed and
/// where they arise.
///
/// A sample, because a count for every output would cost more than the measurement, and would show
/// the same.
package struct ErrorSample: Codable, Sendable, Equatable {
  /// The number of outputs looked at, without mismatches and those whose exact value is 0.
  package var outputs: UInt64
  /// The bins of the signed error that are not empty, ascending; see ``signedBin(of:)``.
  package var signedBins: [Int]
  /// The number of errors in each of them; normal range.
  package var signedCounts: [UInt64]
  /// Binades of the exact value: the first of each group of
  /// ``octavesPerGroup(minimumExponent:)``, ascending.
  package var octaves: [Int]
  /// The largest |error| in each of them, both ranges.
  package var octaveMaxima: [Figure]
  /// Decades of the lane's offset, the largest magnitude of its largest logit: 0 for less than 10,
  /// ascending.
  package var decades: [Int]
  /// The largest |error| in lanes of each of them, normal range.
  package var decadeMaxima: [Figure]

  package init(
    outputs: UInt64, signedBins: [Int], signedCounts: [UInt64], octaves: [Int],
    octaveMaxima: [Figure], decades: [Int], decadeMaxima: [Figure]
  ) {
    self.outputs = outputs
    self.signedBins = signedBins
    self.signedCounts = signedCounts
    self.octaves = octaves
    self.octaveMaxima = octaveMaxima
    self.decades = decades
    self.decadeMaxima = decadeMaxima
  }

  /// The number of bins of a quarter of an ulp on each side of 0; beyond them bins double.
  package static let quarters = 8
  /// The last bin on either side, which holds all that is beyond it.
  package static let lastBin = 31

  /// The bin of a signed error in ulps: 0 to 7 are quarters from 0 to 2, bin 8 is from 2 to 4, bin
  /// 9 from 4 to 8 and so on.
  ///
  /// Negative errors have the bins -1 to -32 in the same way; an error of 0 is in bin 0.
  package static func signedBin(of error: Double) -> Int {
    let magnitude = abs(error)
    let bin =
      magnitude < 2
      ? Int(magnitude * 4)
      : magnitude < 0x1p24 ? quarters + Int(magnitude.exponent) - 1 : lastBin
    return error < 0 ? -1 - bin : bin
  }

  /// The interval of errors in a bin.
  package static func errors(inBin bin: Int) -> ClosedRange<Double> {
    let side = bin < 0 ? -1 - bin : bin
    func edge(_ number: Int) -> Double {
      number <= quarters
        ? Double(number) / 4 : Double(sign: .plus, exponent: number - quarters + 1, significand: 1)
    }
    let (near, far) = (edge(side), side >= lastBin ? Double.infinity : edge(side + 1))
    return bin < 0 ? -far...(-near) : near...far
  }

  /// The number of binades in a group: so many that the normal range of a format has at most 16
  /// groups.
  package static func octavesPerGroup(minimumExponent: Int) -> Int {
    max(1, (-minimumExponent + 15) / 16)
  }
}
