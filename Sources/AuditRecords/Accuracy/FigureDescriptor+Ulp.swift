extension FigureDescriptor {
  /// The largest |error|, normal range.
  package static let maxUlp = FigureDescriptor(
    "maxUlp", "largest error, ulp", heading: "max ulp", unit: .ulp, .certified, merging: .largest,
    budget: "max-ulp", comparison: .counted,
    meaning: "The largest |error| in ULP, normal range, rounded up to 30 bits.")

  /// The largest |error| where the exact value is positive and below the normal range.
  package static let maxUlpSubnormal = FigureDescriptor(
    "maxUlpSubnormal", "largest error, subnormal, ulp", unit: .ulp, .certified, merging: .largest,
    comparison: .counted,
    meaning:
      "The largest |error| in ULP over finite outputs whose exact value is positive and below "
      + "the normal range, rounded up to 30 bits.")

  /// The largest |error| of both ranges, zeros below the normal range forgiven.
  package static let maxUlpFlushToZero = FigureDescriptor(
    "maxUlpFlushToZero", "largest error but for flushing, ulp", unit: .ulp, .certified,
    merging: .largest,
    meaning:
      "The largest |error| in ULP over both ranges, where an output 0 for a p below the normal "
      + "range counts as error 0.")

  /// The mean |error|, normal range.
  package static let meanUlp = FigureDescriptor(
    "meanUlp", "mean error, ulp", unit: .ulp, .statistical, merging: .mean(over: .normal),
    budget: "mean-ulp", comparison: .counted,
    meaning: "The mean |error| in ULP, normal range.")

  /// The root of the mean square of the error, normal range.
  package static let rmsUlp = FigureDescriptor(
    "rmsUlp", "root mean square error, ulp", unit: .ulp, .statistical,
    meaning: "The root of the mean squared error in ULP, normal range.")

  /// The median of |error|, normal range.
  package static let p50Ulp = FigureDescriptor(
    "p50Ulp", "median error, ulp", unit: .ulp, .statistical, comparison: .none,
    meaning:
      "The median |error| in ULP, normal range: the upper edge of its bin of a histogram with "
      + "64 bins in an octave.")

  /// The 95th percentile of |error|, normal range.
  package static let p95Ulp = FigureDescriptor(
    "p95Ulp", "95th percentile, ulp", unit: .ulp, .statistical, comparison: .none,
    meaning: "The 95th percentile of |error| in ULP, as p50Ulp.")

  /// The 99th percentile of |error|, normal range.
  package static let p99Ulp = FigureDescriptor(
    "p99Ulp", "99th percentile, ulp", unit: .ulp, .statistical, budget: "p99-ulp",
    meaning: "The 99th percentile of |error| in ULP, as p50Ulp.")

  /// The mean signed error, normal range.
  package static let meanSignedUlp = FigureDescriptor(
    "meanSignedUlp", "bias (magnitude), ulp", unit: .ulp, range: .signed, .statistical,
    budget: "bias-ulp",
    meaning: "The mean error in ULP with its sign, normal range: the bias.")

  /// The largest |error| of a lane in ULP of its largest probability.
  package static let maxNormUlp = FigureDescriptor(
    "maxNormUlp", "largest error in ulps of the largest output", unit: .ulp, .certified,
    merging: .largest, budget: "max-norm-ulp", comparison: .counted,
    meaning:
      "The largest |y - p| of a lane in ULP of its largest p, over lanes without mismatch, "
      + "rounded up to 30 bits.")
}

extension AccuracyRow {
  public var maxUlp: Figure? {
    get { figures[.maxUlp] }
    set { figures[.maxUlp] = newValue }
  }

  public var maxUlpSubnormal: Figure? {
    get { figures[.maxUlpSubnormal] }
    set { figures[.maxUlpSubnormal] = newValue }
  }

  public var maxUlpFlushToZero: Figure? {
    get { figures[.maxUlpFlushToZero] }
    set { figures[.maxUlpFlushToZero] = newValue }
  }

  public var meanUlp: Figure? {
    get { figures[.meanUlp] }
    set { figures[.meanUlp] = newValue }
  }

  public var rmsUlp: Figure? {
    get { figures[.rmsUlp] }
    set { figures[.rmsUlp] = newValue }
  }

  public var p50Ulp: Figure? {
    get { figures[.p50Ulp] }
    set { figures[.p50Ulp] = newValue }
  }

  public var p95Ulp: Figure? {
    get { figures[.p95Ulp] }
    set { figures[.p95Ulp] = newValue }
  }

  public var p99Ulp: Figure? {
    get { figures[.p99Ulp] }
    set { figures[.p99Ulp] = newValue }
  }

  public var meanSignedUlp: Figure? {
    get { figures[.meanSignedUlp] }
    set { figures[.meanSignedUlp] = newValue }
  }

  public var maxNormUlp: Figure? {
    get { figures[.maxNormUlp] }
    set { figures[.maxNormUlp] = newValue }
  }
}
