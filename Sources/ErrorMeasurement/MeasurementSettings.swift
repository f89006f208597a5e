import AuditRecords
import AuditedOperations
import FloatFormats
import SoftmaxVariants

/// The standard by which outputs are judged, for all implementations of a run.
public struct MeasurementSettings: Sendable {
  /// The permitted answers to special lanes; `nil` leaves it to each.
  public var specialLanes: SpecialLanePolicy?
  /// The model whose bound is used instead of the declared one.
  public var declaredModel: DeclaredModel?
  /// Whether outputs are also judged by the tolerances in use elsewhere.
  public var judgesElsewhere: Bool
  /// Whether outputs are also measured for what their errors cost; see
  /// ``FigureDescriptor/isOnRequest``.
  public var measuresConsequences = false
  /// A tolerance of the user's own, judged by beside those in use elsewhere; nil for none.
  package var ownTolerance: OwnTolerance?
  /// The tolerances that judge outputs beside bounds.
  package var tolerancesElsewhere: [ToleranceInUse] {
    judgesElsewhere ? ToleranceInUse.all + (ownTolerance.map { [$0.tolerance] } ?? []) : []
  }
  /// Whether errors are measured and compared with nothing.
  ///
  /// Else what declares no model is compared with the default tolerance, under the name
  /// ``MeasurementJudging/undeclared``, and a zero below the normal range is within the bound where
  /// underflow may flush, as laws have it.
  public var judgesNothing = false
  /// Whether the default tolerance takes the place of what an implementation declares.
  public var ignoresOwnModel = false
  /// The permitted results below the normal range; `nil` leaves it to each implementation.
  public var underflow: UnderflowPolicy?

  public init(
    specialLanes: SpecialLanePolicy? = nil, declaredModel: DeclaredModel? = nil,
    judgesElsewhere: Bool = false
  ) {
    self.specialLanes = specialLanes
    self.declaredModel = declaredModel
    self.judgesElsewhere = judgesElsewhere
  }
}
