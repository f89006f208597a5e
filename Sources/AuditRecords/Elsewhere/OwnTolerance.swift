import FloatFormats

/// A tolerance of the user's own: |y - p| <= absolute + relative p.
package struct OwnTolerance: Sendable, Equatable {
  package let relative: Double
  package let absolute: Double

  /// - Parameters:
  ///   - relative: The part of the exact value, not negative and finite.
  ///   - absolute: The part that every output may be off by, not negative and finite.
  package init(relative: Double, absolute: Double) {
    precondition(relative >= 0 && absolute >= 0 && relative.isFinite && absolute.isFinite)
    self.relative = relative
    self.absolute = absolute
  }

  /// The formula, as results name it.
  package var formula: String { "|y - p| <= \(absolute) + \(relative) p" }

  /// The same as one of those in use elsewhere.
  package var tolerance: ToleranceInUse {
    let (relative, absolute) = (relative, absolute)
    return ToleranceInUse(
      "your own, " + formula, label: "own", formula: formula, source: "--rtol and --atol"
    ) { _ in .close(relative: relative, absolute: absolute) }
  }

  /// A sentence that no softmax in a format can keep it everywhere, where that is so; nil where one
  /// might.
  ///
  /// Numbers of precision P from 1/2 to 1 are 2^-P apart. A probability near the middle between 1/2
  /// and the next of them is off by nearly 2^-(P + 1) when it is correctly rounded, and every other
  /// output is off by more.
  package func impossibility(in format: FloatFormat) -> String? {
    let halfUlp = Double(sign: .plus, exponent: -(format.precision + 1), significand: 1)
    let allowed = absolute + relative * (0.5 + halfUlp)
    // The factor covers the roundings of what is allowed.
    guard allowed * (1 + 0x1p-50) < halfUlp else { return nil }
    return
      "no softmax in \(format.rawValue) can keep \(formula): correctly rounded it is off by up to \(halfUlp) near 1/2, where that allows \(Float(allowed))"
  }
}
