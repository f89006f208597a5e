import FloatFormats
import PropertyTesting
import RealModule

/// Lanes built against a summation: each addition loses almost half a unit in the last place,
/// always the same way.
package let adversarial: [LogitFamily] = [
  dustFamily(in: nil), dustFamily(in: .float32),
  lostHalvesFamily(in: nil), lostHalvesFamily(in: .float32),
]

/// One 0 and the rest just below -P ln 2: each term is just under half an ulp of the running sum 1,
/// and is lost.
private func dustFamily(in accumulation: FloatFormat?) -> LogitFamily {
  LogitFamily(
    "dust" + suffix(accumulation),
    "one logit at 0, the rest just below -P ln 2" + target(accumulation)
      + ": a running sum of 1 never grows",
    goesLong: true, appliesTo: applies(accumulation),
    reach: { format, _ in Double((accumulation ?? format).precision) + 1 }
  ) { request, _ in
    let precision = (accumulation ?? request.format).precision
    let threshold = -Double(precision) * Double.log(2)
    var lane = request.values { request.format.largestNumber(below: threshold) }
    lane[0] = 0
    return lane
  }
}

/// One 0 and equal logits whose exponential is a whole number of ulps of the running sum plus
/// almost half of one.
///
/// As dust, but with exponentials large enough for lanes whose spread is moderate: in float64 dust
/// needs a gap of 36.7.
private func lostHalvesFamily(in accumulation: FloatFormat?) -> LogitFamily {
  LogitFamily(
    "lost-halves" + suffix(accumulation),
    "one logit at 0, equal ones whose exponential ends in almost half an ulp of the sum"
      + target(accumulation),
    goesLong: true, appliesTo: applies(accumulation),
    reach: { naturalLogarithm(Double(max($1, 1))) + 7 }
  ) { request, random in
    let ulp = 2 * (accumulation ?? request.format).unitRoundoff
    // The sum should stay below 2: the terms together below 1.
    let nearest = Double.log(Double(request.length)) + 0.1
    var best = (logit: -nearest - 1, loss: -1.0)
    for _ in 0..<4096 {
      let logit = request.format.rounded(-nearest - random.uniform() * 6)
      let units = Double.exp(logit) / ulp
      let fraction = units - units.rounded(.down)
      if fraction < 0.499, fraction > best.loss { best = (logit, fraction) }
      if best.loss > 0.49 { break }
    }
    var lane = request.values { best.logit }
    lane[0] = 0
    return lane
  }
}

private func suffix(_ accumulation: FloatFormat?) -> String {
  accumulation.map { "-\($0.rawValue)" } ?? ""
}

private func target(_ accumulation: FloatFormat?) -> String {
  accumulation.map { " (of a \($0.rawValue) sum)" } ?? ""
}

private func applies(_ accumulation: FloatFormat?) -> @Sendable (FloatFormat) -> Bool {
  { format in accumulation.map { format != $0 && $0.contains(format) } ?? true }
}

extension FloatFormat {
  /// The largest number of the format that is below a negative threshold.
  func largestNumber(below threshold: Double) -> Double {
    let spacing = Double(
      sign: .plus, exponent: Int(threshold.exponent) - (precision - 1), significand: 1)
    return ((threshold / spacing).rounded(.up) - 1) * spacing
  }
}
