import AuditedOperations

/// Figures that say what errors cost; see also ``maxTotalVariation``.
///
/// They are measured where they are asked for, over lanes without mismatch: of probabilities y, and
/// of log-probabilities through e^y.
extension FigureDescriptor {
  /// The largest divergence of Kullback and Leibler, sum p ln(p / y), of the lanes where it is
  /// finite.
  ///
  /// It is negative where the outputs sum to more than 1 by more than they differ else.
  public static let maxKL = FigureDescriptor(
    "maxKL", "largest KL divergence", unit: .one, range: .signed, .certified, merging: .largest,
    budget: "max-kl")

  /// The lanes with an output of 0 whose exact value is positive: the divergence is infinite.
  public static let klInfinite = FigureDescriptor(
    "klInfinite", "lanes with infinite KL divergence", unit: .lanes, .certified, merging: .sum)

  /// Those of them where such an exact value is above eta / 2, so that rounding alone does not
  /// explain the 0.
  public static let klLost = FigureDescriptor(
    "klLost", "lanes with a lost probability", unit: .lanes, .certified, merging: .sum)

  /// The lanes where no position of the largest output holds the largest logit.
  public static let argmaxFlips = FigureDescriptor(
    "argmaxFlips", "flips of the arg-max", unit: .lanes, .certified, merging: .sum,
    budget: "argmax-flips")

  /// The share of the elements with p >= 2^-20 whose y / p is outside [0.999, 1.002].
  public static let outsideBand = FigureDescriptor(
    "outsideBand", "share outside [0.999, 1.002]", unit: .one, .certified,
    merging: .mean(over: .likely), budget: "outside-band")

  /// The same of the correctly rounded exact values.
  public static let outsideBandRounded = FigureDescriptor(
    "outsideBandRounded", "share outside by rounding alone", unit: .one, .certified,
    merging: .mean(over: .likely), comparison: .none)

  /// Whether `--consequences` has to ask for the figure of a softmax: it costs time.
  public var isOnRequest: Bool { isOnRequest(of: .softmax) }

  /// Whether `--consequences` has to ask for the figure of an operation.
  ///
  /// Of other operations than softmax the scaled errors are always measured.
  public func isOnRequest(of operation: AuditedOperation) -> Bool {
    let scaled: [FigureDescriptor] = [.maxScaled, .maxScaledOfNormal, .meanScaled]
    if scaled.contains(self) { return operation == .softmax }
    let all: [FigureDescriptor] = [
      .maxTotalVariation, .meanTotalVariation, .maxKL, .klInfinite, .klLost, .argmaxFlips,
      .outsideBand, .outsideBandRounded,
    ]
    return all.contains(self)
  }
}
