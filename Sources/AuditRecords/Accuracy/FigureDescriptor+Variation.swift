extension FigureDescriptor {
  /// The largest total variation of a lane without mismatch: half the sum of |y - p|.
  package static let maxTotalVariation = FigureDescriptor(
    "maxTotalVariation", "largest total variation", unit: .one, .certified, merging: .largest,
    budget: "max-total-variation",
    measured: .onRequest,
    meaning:
      "The largest total variation of a lane without mismatch, half the sum of |y - p|, rounded "
      + "up to 30 bits. Of operations that give a distribution.")

  /// The mean total variation of lanes without mismatch.
  package static let meanTotalVariation = FigureDescriptor(
    "meanTotalVariation", "mean total variation", unit: .one, .statistical,
    measured: .onRequest, meaning: "The mean total variation of the lanes without mismatch.")
}

extension AccuracyRow {
  public var maxTotalVariation: Figure? {
    get { figures[.maxTotalVariation] }
    set { figures[.maxTotalVariation] = newValue }
  }

  public var meanTotalVariation: Figure? {
    get { figures[.meanTotalVariation] }
    set { figures[.meanTotalVariation] = newValue }
  }
}
