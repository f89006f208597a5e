extension FigureDescriptor {
  /// The largest |sum of the outputs of a lane - 1|: an absolute number.
  package static let maxSumError = FigureDescriptor(
    "maxSumError", "largest |sum - 1|", unit: .one, .certified, merging: .largest,
    budget: "sum-error", comparison: .counted,
    meaning:
      "The largest |sum of outputs - 1|, summed exactly, over lanes without mismatch; an "
      + "absolute number.")

  /// The share of outputs that are the exact value rounded to nearest, ties to even.
  package static let correctlyRounded = FigureDescriptor(
    "correctlyRounded", "share of correctly rounded outputs", unit: .one, range: .share,
    .certified, merging: .mean(over: .finite), budget: "correctly-rounded",
    comparison: .missing(
      key: "notCorrectlyRounded", label: "outputs not correctly rounded", isCounted: true),
    meaning:
      "The share of finite pairs, all regimes, whose output is p rounded to nearest, ties to "
      + "even.")

  /// The share of outputs that are the exact value rounded down or up.
  package static let faithful = FigureDescriptor(
    "faithful", "share of faithful outputs", unit: .one, range: .share, .certified,
    merging: .mean(over: .finite),
    comparison: .missing(key: "notFaithful", label: "outputs not faithful", isCounted: false),
    meaning: "The share of finite pairs, all regimes, whose output is p rounded down or up.")

  /// The time that an output takes on one thread.
  package static let nsPerElement = FigureDescriptor(
    "nsPerElement", "time of an output, ns", unit: .nanoseconds, .timed, comparison: .none,
    meaning:
      "Nanoseconds for an output, one thread, conversions between formats included; not "
      + "reproducible.")
}

extension AccuracyRow {
  public var maxSumError: Figure? {
    get { figures[.maxSumError] }
    set { figures[.maxSumError] = newValue }
  }

  public var correctlyRounded: Figure? {
    get { figures[.correctlyRounded] }
    set { figures[.correctlyRounded] = newValue }
  }

  public var faithful: Figure? {
    get { figures[.faithful] }
    set { figures[.faithful] = newValue }
  }

  public var nsPerElement: Figure? {
    get { figures[.nsPerElement] }
    set { figures[.nsPerElement] = newValue }
  }
}
