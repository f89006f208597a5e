extension FigureDescriptor {
  /// The largest total variation of a lane without mismatch: half the sum of |y - p|.
  public static let maxTotalVariation = FigureDescriptor(
    "maxTotalVariation", "largest total variation", unit: .one, .certified, merging: .largest,
    budget: "max-total-variation")

  /// The mean total variation of lanes without mismatch.
  public static let meanTotalVariation = FigureDescriptor(
    "meanTotalVariation", "mean total variation", unit: .one, .statistical)
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
