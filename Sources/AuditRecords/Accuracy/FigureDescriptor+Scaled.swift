import AuditedOperations

extension FigureDescriptor {
  /// The largest |y - v| / max(u Y, eta / 2) of a finite output, v its exact value, u and eta those
  /// of the output format, Y the yardstick: the size of the terms that v is made of, for a
  /// log-probability max(1, |v|).
  ///
  /// The yardstick of a probability is itself: in the normal range the figure lies between the
  /// error in ULP and twice that; below, it is twice that.
  package static let maxScaled = FigureDescriptor(
    "maxScaled", "largest scaled error", heading: "scaled", unit: .roundoffs, .certified,
    merging: .largest, budget: "max-scaled",
    measured: .onRequestOfSoftmax,
    meaning:
      "The largest |y - v| / max(u Y, eta / 2) of a finite output whose exact value v is "
      + "finite, rounded up to 30 bits; u and eta of the output format, Y the yardstick: p for "
      + "softmax, max(1, |v|) for log-softmax, max(1, |v|, ln s) for logsumexp. Absent in results "
      + "of older versions.")

  /// The same over outputs whose exact value is normal.
  package static let maxScaledOfNormal = FigureDescriptor(
    "maxScaledOfNormal", "largest scaled error, normal range", unit: .roundoffs, .certified,
    merging: .largest,
    measured: .onRequestOfSoftmax,
    meaning: "The same over outputs whose exact value is in the normal range.")

  /// The mean scaled error of all finite outputs.
  package static let meanScaled = FigureDescriptor(
    "meanScaled", "mean scaled error", unit: .roundoffs, .statistical,
    merging: .mean(over: .finite), budget: "mean-scaled",
    measured: .onRequestOfSoftmax,
    meaning: "The mean of the same over all finite outputs whose exact value is finite.")
}

extension FigureDescriptor {
  /// The figure that says how far the outputs of an operation are off.
  ///
  /// Of probabilities the largest error in ULP. Other exact values are next to 0 where terms
  /// cancel, and there the error in ULP of every implementation is about 2^P: of them the largest
  /// scaled error.
  package static func leading(of operation: AuditedOperation) -> FigureDescriptor {
    operation.output.isDistribution ? .maxUlp : .maxScaled
  }
}

extension AccuracyRow {
  /// The witness of the leading figure; see ``FigureDescriptor/leading(of:)``.
  package var leadingWitness: Witness? {
    get { operation.output.isDistribution ? self.worst : self.worstScaled }
    set {
      if operation.output.isDistribution {
        self.worst = newValue
      } else {
        self.worstScaled = newValue
      }
    }
  }
}

extension AccuracyRow {
  public var maxScaled: Figure? {
    get { figures[.maxScaled] }
    set { figures[.maxScaled] = newValue }
  }

  public var maxScaledOfNormal: Figure? {
    get { figures[.maxScaledOfNormal] }
    set { figures[.maxScaledOfNormal] = newValue }
  }

  public var meanScaled: Figure? {
    get { figures[.meanScaled] }
    set { figures[.meanScaled] = newValue }
  }
}
