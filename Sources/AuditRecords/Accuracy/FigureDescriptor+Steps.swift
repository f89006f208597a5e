extension FigureDescriptor {
  /// The largest error of a quantised output in steps of its scale, the exact value kept within the
  /// integers of the type: what saturates rightly has no error.
  package static let maxSteps = FigureDescriptor(
    "maxSteps", "largest error, steps", heading: "steps", unit: .steps, .certified,
    merging: .largest,
    meaning:
      "The largest |q - (v / scale + zero point)| of a quantised output q, v its exact value, the "
      + "exact number of steps kept within the integers of the type; rounded up to a multiple of "
      + "2^-32. Absent where outputs are not quantised.")

  /// The mean error of a quantised output in steps.
  package static let meanSteps = FigureDescriptor(
    "meanSteps", "mean error, steps", unit: .steps, .certified, merging: .mean(over: .finite),
    meaning: "The mean of the same over all outputs that are decided.")

  /// The mean of the errors of quantised outputs with their signs: about 0 where they are rounded,
  /// about -1/2 where they are truncated.
  package static let meanSignedSteps = FigureDescriptor(
    "meanSignedSteps", "mean signed error, steps", unit: .steps, range: .signed, .certified,
    merging: .mean(over: .finite),
    meaning:
      "The mean of the same with the sign of q less the exact number of steps; about -0.5 where "
      + "outputs are truncated in place of rounded.")
}

extension AccuracyRow {
  public var maxSteps: Figure? {
    get { figures[.maxSteps] }
    set { figures[.maxSteps] = newValue }
  }

  public var meanSteps: Figure? {
    get { figures[.meanSteps] }
    set { figures[.meanSteps] = newValue }
  }

  public var meanSignedSteps: Figure? {
    get { figures[.meanSignedSteps] }
    set { figures[.meanSignedSteps] = newValue }
  }
}
