/// Figures that say what errors cost; see also ``maxTotalVariation``.
///
/// They are measured where they are asked for, over lanes without mismatch: of probabilities y, and
/// of log-probabilities through e^y.
extension FigureDescriptor {
  /// The largest divergence of Kullback and Leibler, sum p ln(p / y), of the lanes where it is
  /// finite.
  ///
  /// It is negative where the outputs sum to more than 1 by more than they differ else.
  package static let maxKL = FigureDescriptor(
    "maxKL", "largest KL divergence", unit: .one, range: .signed, .certified, merging: .largest,
    budget: "max-kl",
    measured: .onRequest,
    meaning:
      "The largest divergence sum p ln(p / y) of a lane without mismatch, or sum p (ln p - y) "
      + "of log-probabilities, over the lanes where it is finite, rounded up to 30 bits; negative "
      + "where the outputs sum to more than 1. This and the next six are there where consequences "
      + "were asked for.")

  /// The lanes with an output of 0 whose exact value is positive: the divergence is infinite.
  package static let klInfinite = FigureDescriptor(
    "klInfinite", "lanes with infinite KL divergence", unit: .lanes, .certified, merging: .sum,
    measured: .onRequest,
    meaning:
      "How many lanes have an output of 0, or a log-probability of -inf, whose exact "
      + "probability is positive.")

  /// Those of them where such an exact value is above eta / 2, so that rounding alone does not
  /// explain the 0.
  package static let klLost = FigureDescriptor(
    "klLost", "lanes with a lost probability", unit: .lanes, .certified, merging: .sum,
    measured: .onRequest,
    meaning:
      "How many of these have one whose exact probability is above half the smallest subnormal "
      + "number, so that rounding alone does not explain it.")

  /// The lanes where no position of the largest output holds the largest logit.
  package static let argmaxFlips = FigureDescriptor(
    "argmaxFlips", "flips of the arg-max", unit: .lanes, .certified, merging: .sum,
    budget: "argmax-flips",
    measured: .onRequest,
    meaning:
      "How many lanes without mismatch have no position of the largest output that holds the "
      + "largest logit.")

  /// The share of the elements with p >= 2^-20 whose y / p is outside [0.999, 1.002].
  package static let outsideBand = FigureDescriptor(
    "outsideBand", "share outside [0.999, 1.002]", unit: .one, .certified,
    merging: .mean(over: .likely), budget: "outside-band",
    measured: .onRequest,
    meaning: "The share of these whose output divided by it is outside [0.999, 1.002].")

  /// The same of the correctly rounded exact values.
  package static let outsideBandRounded = FigureDescriptor(
    "outsideBandRounded", "share outside by rounding alone", unit: .one, .certified,
    merging: .mean(over: .likely), comparison: .none,
    measured: .onRequest,
    meaning: "The share that the correctly rounded exact values would have outside.")
}
