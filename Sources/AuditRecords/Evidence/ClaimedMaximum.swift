import AuditedOperations
import FloatFormats

/// A figure that evidence is made of, by the name that it has in results.
package enum EvidencedFigure: String, Codable, Sendable, Hashable {
  case maxUlp, maxUlpSubnormal, maxScaled
  /// The largest part of a bound.
  case maxRatio
}

/// A largest error, as results and certificates have it, with the element that has it.
package struct ClaimedMaximum: Sendable {
  package let figure: EvidencedFigure
  /// The figure itself.
  package let value: Double
  package let scope: RowScope
  /// The output that is measured, of an operation with more than one.
  var outputRole: String?
  /// The lane in words: its family, file or domain.
  package let origin: String
  /// The shape of the logits of a call, and the axis of the lanes in it.
  package let shape: [Int]
  package let axis: Int
  /// The number of the lane in its cell or domain.
  package let sample: UInt64
  /// The logits of the lane, or its beginning.
  package let logits: [String]
  /// The number of logits that are left out.
  package let elided: Int
  package let index: Int
  package let output: String
  /// The signed error, its magnitude rounded up to 30 bits.
  package let ulp: Double
  /// The scaled error, rounded up to 30 bits; nil where the figure is another one.
  package let scaled: Double?
  /// The bound in ulp, with the model that has it; nil where the error is compared with none.
  package let bound: Bound?
  /// Whether the lane has inputs beside its logits.
  package let hasAccompanying: Bool

  /// The length of the lane.
  package var length: Int { logits.count + elided }

  /// An a-priori bound in ulp.
  package struct Bound: Sendable {
    package let model: String
    package let ulps: Double
  }
}
