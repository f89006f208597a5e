import AuditedOperations
import FloatFormats

/// The largest error of an implementation, with the element that has it.
///
/// The exact value lies between `lower` and `upper` times 2^exponent.
package struct EvidencedMaximum: Codable, Sendable, Equatable {
  package var figure: EvidencedFigure
  package var implementation: String
  package var inputFormat: FloatFormat
  package var outputFormat: FloatFormat
  package var operation: AuditedOperation
  // The lane in its cell, by which the program makes it again.
  package var origin: String
  package var length: Int
  package var shape: [Int]
  package var axis: Int
  package var sample: UInt64
  /// The place of the lane among those of the document.
  package var lane: Int
  package var index: Int
  package var output: String
  package var lower: String
  package var upper: String
  package var exponent: Int
  /// The signed error, its magnitude rounded up to 30 bits.
  package var ulp: String
  /// The scaled error, rounded up to 30 bits; nil where the figure is another one.
  package var scaled: String?
  /// The comparison with the a-priori bound; nil where there is none.
  package var comparison: Comparison?

  /// The comparison of an error with its a-priori bound.
  package struct Comparison: Codable, Sendable, Equatable {
    /// The declared model, or ``MeasurementJudging/undeclared``.
    package var model: String
    /// The bound in ulp.
    package var bound: String
    /// The error as a part of it, rounded up.
    package var ratio: String
    package var verdict: LawVerdict

    package init(model: String, bound: Double, ratio: Double) {
      self.model = model
      self.bound = bound.hexText
      self.ratio = ratio.hexText
      verdict = ratio <= 1 ? .passed : .failed
    }
  }

  /// - Parameters:
  ///   - maximum: The error and its place.
  ///   - lane: The place of its lane among those of the document.
  ///   - exact: The two integers and the exponent of the exact value.
  package init(
    _ maximum: ClaimedMaximum, lane: Int, exact: (lower: String, upper: String, exponent: Int),
    comparison: Comparison?
  ) {
    figure = maximum.figure
    implementation = maximum.scope.implementation
    inputFormat = maximum.scope.input
    outputFormat = maximum.scope.output
    operation = maximum.scope.operation
    origin = maximum.origin
    length = maximum.length
    shape = maximum.shape
    axis = maximum.axis
    sample = maximum.sample
    self.lane = lane
    index = maximum.index
    output = maximum.output
    (lower, upper, exponent) = exact
    ulp = maximum.ulp.hexText
    scaled = maximum.scaled?.hexText
    self.comparison = comparison
  }
}
