import FloatFormats
import LogitFamilies
import Oracle

/// The filter that is checked.
enum Filter: String {
  case single, pair
}

/// The largest error that was seen in a format.
struct Finding: Sendable {
  var format: FloatFormat
  var elements = 0
  /// Estimates that were compared, one for each element and level.
  var comparisons = 0
  /// Estimates that are only upper bounds, and those of them that are not.
  var vanishing = 0
  var vanishingErrors = 0
  /// The largest relative error, and the largest part of a bound.
  var error = 0.0
  var share = 0.0
  var witness = ""

  init(format: FloatFormat) { self.format = format }

  mutating func merge(_ other: Finding) {
    elements += other.elements
    comparisons += other.comparisons
    vanishing += other.vanishing
    vanishingErrors += other.vanishingErrors
    error = max(error, other.error)
    if other.share > share { (share, witness) = (other.share, other.witness) }
  }
}

/// Compares a filter with MPFR on lanes of every family in one format.
///
/// The exact values are those of the arbiter in the float64 format: it gives p between two
/// neighbours on a grid of 2^-117 p or less. What that leaves open counts as error.
struct FilterComparison: FormatGenericWork {
  let filter: Filter
  let elements: Int
  let seed: UInt64
  let firstSample: Int
  let stride: Int

  private static var lengths: [Int] { [2, 3, 17, 129, 1000, 4099, 32_768] }

  func run<F: BinaryFloat>(_ type: F.Type) -> Finding {
    var finding = Finding(format: F.format)
    let oracle = SoftmaxOracle()
    var sample = firstSample
    while true {
      for family in LogitFamily.all where family.applies(to: F.format) {
        for length in Self.lengths where length <= 4099 || family.name == "normal-4" {
          let lane: [F] = family.lane(seed: seed, length: length, sample: sample)
          compare(lane, oracle, "\(family.name)/\(length)/\(sample)", &finding)
          if finding.elements >= elements { return finding }
        }
      }
      sample += stride
    }
  }

  private func compare<F: BinaryFloat>(
    _ logits: [F], _ oracle: SoftmaxOracle, _ name: String, _ finding: inout Finding
  ) {
    // The output format plays no part in the estimates.
    let format = filter == .single ? F.format : .float64
    let lanes = Self.levels.map {
      FilteredLane(EncodedLane(logits), in: format, oracle: oracle, level: $0)
    }
    guard lanes[0].special == nil, !logits.isEmpty else { return }
    let exact = oracle.softmax(of: logits, in: .float64)
    for index in logits.indices where logits[index] > -F.infinity {
      let probability = exact.value(at: index)
      guard !probability.isUndecided else { continue }
      finding.elements += 1
      for lane in lanes {
        compare(
          filter == .single ? lane.single(at: index) : lane.pair(at: index), with: probability,
          name, &finding)
      }
    }
  }

  /// Rounding twice where there is no fused multiply-add, and once where there is.
  private static let levels: Set<KernelLevel> = [.portable, .best]

  private func compare(
    _ estimate: FilteredLane.Estimate, with exact: ExactValue, _ name: String,
    _ finding: inout Finding
  ) {
    if estimate.isVanishing {
      finding.vanishing += 1
      let scale = filter == .single ? 0 : -512
      let bound = estimate.high.scaled(byPowerOfTwo: scale - Int(exact.quantumExponent))
      // Both far below one unit of the grid: nothing to compare.
      if bound > 0x1p-60, Double(exact.lower) * 0x1p-64 > bound * (1 + 0x1p-40) {
        finding.vanishingErrors += 1
      }
      return
    }
    // Below 2^-1022 the grid is too coarse to tell; the kernels do not know that place from any
    // other.
    guard exact.isNormal else { return }
    finding.comparisons += 1
    let error = relativeError(of: estimate, against: exact)
    finding.error = max(finding.error, error)
    if error > finding.share * estimate.relativeError {
      finding.share = error / estimate.relativeError
      finding.witness = name
    }
  }

  /// The greatest distance of an estimate from the exact value, relative to it.
  private func relativeError(
    of estimate: FilteredLane.Estimate, against exact: ExactValue
  ) -> Double {
    let shift = 64 - Int(exact.quantumExponent) - (filter == .single ? 0 : 512)
    func units(_ value: Double) -> Int128 {
      Int128(value.scaled(byPowerOfTwo: shift).rounded(.toNearestOrEven))
    }
    let value = units(estimate.high) + units(estimate.low)
    let below = value - Int128(exact.lower)
    let above = Int128(exact.lower) + Int128(exact.width) - value
    // One unit for the rounding of the low part.
    return Double(max(abs(below), abs(above)) + 1) / Double(exact.lower)
  }
}
