import AuditedOperations

/// A figure of a row of accuracy: its name, its meaning, and how all that reads rows treats it.
///
/// The JSON of results, their check, the CSV, budgets of policies and comparisons go by the list
/// ``all``; none of them knows a figure by itself.
package struct FigureDescriptor: Sendable, Hashable {
  /// The key in results.
  package let key: String
  /// The figure in words: "largest error, ulp".
  package let label: String
  /// The heading of a narrow column: "max ulp".
  package let heading: String
  package let unit: Unit
  package let range: Range
  package let evidence: Evidence
  package let merging: Merging
  /// The key of a budget in a policy; nil where policies do not limit the figure.
  package let budget: String?
  package let comparison: Comparison
  package let measured: Measured
  /// The figure in one sentence, as the schema of results has it.
  package let meaning: String

  /// A figure whose heading is its label, and which is compared, where it is not told otherwise.
  package init(
    _ key: String, _ label: String, heading: String? = nil, unit: Unit, range: Range = .magnitude,
    _ evidence: Evidence, merging: Merging = .none, budget: String? = nil,
    comparison: Comparison = .plain, measured: Measured = .always, meaning: String
  ) {
    self.key = key
    self.label = label
    self.heading = heading ?? label
    self.unit = unit
    self.range = range
    self.evidence = evidence
    self.merging = merging
    self.budget = budget
    self.comparison = comparison
    self.measured = measured
    self.meaning = meaning
  }

  /// The unit of a figure.
  package enum Unit: String, Sendable {
    case ulp
    /// A number without a unit: a share, a sum, a probability.
    case one
    /// The unit roundoff of the yardstick, see ``FigureDescriptor/maxScaled``.
    case roundoffs
    case nanoseconds
    /// A number of lanes.
    case lanes
    /// The distance of neighbours of a quantised output, its scale.
    case steps
  }

  /// The values that a figure can have.
  package enum Range: Sendable {
    /// At least 0, and less is better.
    case magnitude
    /// Any number, and the nearer to 0 the better.
    case signed
    /// From 0 to 1, and more is better.
    case share
  }

  /// The degree of proof of a figure.
  package enum Evidence: Sendable {
    /// A fact about real numbers, the same on every tier of the oracle.
    case certified
    /// The same to six digits on every tier.
    case statistical
    /// Different in every run.
    case timed
  }

  /// The rule by which several rows together have a figure.
  package enum Merging: Sendable {
    /// The largest of the rows.
    case largest
    /// The mean over the outputs that each of the rows counts.
    case mean(over: Outputs)
    /// The sum of the rows.
    case sum
    /// They have none.
    case none
  }

  /// Outputs of a row that a mean can be over.
  package enum Outputs: Sendable {
    /// Finite pairs whose exact value is normal.
    case normal
    /// All finite pairs.
    case finite
    /// Those whose exact probability is at least 2^-20.
    case likely
  }

  /// The rule by which figures of two runs are compared.
  package enum Comparison: Sendable {
    /// By the value; of signed figures by the magnitude.
    case plain
    /// As ``plain``, and cells with other lanes are counted by it as well.
    case counted
    /// By the number of outputs that a share leaves out.
    case missing(key: String, label: String, isCounted: Bool)
    case none
  }

  /// The runs that measure a figure.
  package enum Measured: Sendable {
    /// All runs.
    case always
    /// Those that are asked for it, by `--consequences` or by a budget: it costs time.
    case onRequest
    /// The same of a softmax, and all runs of other operations.
    case onRequestOfSoftmax
  }

  /// Whether `--consequences` has to ask for the figure of a softmax.
  package var isOnRequest: Bool { isOnRequest(of: .softmax) }

  /// Whether `--consequences` has to ask for the figure of an operation.
  package func isOnRequest(of operation: AuditedOperation) -> Bool {
    switch measured {
    case .always: false
    case .onRequest: true
    case .onRequestOfSoftmax: operation == .softmax
    }
  }

  /// Whether a larger figure is the better one.
  package var isMoreBetter: Bool {
    switch range {
    case .share: true
    case .magnitude, .signed: false
    }
  }

  /// The figure of a row as it is judged: of a signed one the magnitude.
  package func size(in row: AccuracyRow) -> Double? {
    let value = row.figures[self]?.value
    return range == .signed ? value?.magnitude : value
  }

  package static func == (a: Self, b: Self) -> Bool { a.key == b.key }
  package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

extension FigureDescriptor {
  /// All figures, in the order of policies and comparisons.
  package static let all: [FigureDescriptor] = [
    maxUlp, maxUlpSubnormal, maxUlpFlushToZero, meanUlp, rmsUlp, p50Ulp, p95Ulp, p99Ulp,
    meanSignedUlp, maxNormUlp, maxSumError, correctlyRounded, faithful, nsPerElement,
    maxScaled, maxScaledOfNormal, meanScaled, maxTotalVariation, meanTotalVariation, maxKL,
    klInfinite, klLost, argmaxFlips, outsideBand, outsideBandRounded, maxSteps, meanSteps,
    meanSignedSteps,
  ]
}
