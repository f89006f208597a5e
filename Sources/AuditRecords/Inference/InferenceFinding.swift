import AuditedOperations
import FloatFormats

/// The findings on one implementation in one pair of formats.
package struct InferenceFinding: Sendable, Equatable, Codable {
  package var implementation: String
  package var operation: AuditedOperation
  package var inputFormat: FloatFormat
  package var outputFormat: FloatFormat
  /// The lanes that have a value and were looked at.
  package var lanes: Int
  package var longestLane: Int
  /// The smallest sound model that covers all of them; nil where none does.
  package var model: ErrorModel?
  /// The built-in variant whose bound allows at least as much in every stage, for `--declare`;
  /// `nil` where none does.
  package var declare: String?
  /// The largest error as a part of the model's bound; of logarithms what is left of it beside the
  /// roundings at the end, as a part of what the sum and its functions may err.
  package var ratio: Figure?
  /// The reason why no sound model fits, in a sentence; `nil` where one does.
  package var objection: String?
  /// The smallest model at all that would cover them, where no sound one does: what the
  /// implementation may suffer from.
  package var unsound: ErrorModel?
  /// The built-in variant whose bound covers all lanes although it adds up in 16 bits, which no
  /// sound model does.
  package var narrowVariant: String?
  /// The behaviour on lanes without a softmax, as `SpecialLanePolicy` names it; nil for the
  /// default, and where no lane was special or no policy describes it.
  package var specialLanes: String?
  /// The reason why calls brought no answer, where one did not.
  package var notMeasured: String?
  /// Tolerances by length, the longest first; empty where there is no sound model.
  package var budgets: [Budget]

  package init(
    implementation: String, operation: AuditedOperation = .softmax, inputFormat: FloatFormat,
    outputFormat: FloatFormat, lanes: Int, longestLane: Int, model: ErrorModel? = nil,
    declare: String? = nil, ratio: Figure? = nil,
    objection: String? = nil, unsound: ErrorModel? = nil, narrowVariant: String? = nil,
    specialLanes: String? = nil, notMeasured: String? = nil, budgets: [Budget]
  ) {
    self.implementation = implementation
    self.operation = operation
    self.inputFormat = inputFormat
    self.outputFormat = outputFormat
    self.lanes = lanes
    self.longestLane = longestLane
    self.model = model
    self.declare = declare
    self.ratio = ratio
    self.objection = objection
    self.unsound = unsound
    self.narrowVariant = narrowVariant
    self.specialLanes = specialLanes
    self.notMeasured = notMeasured
    self.budgets = budgets
  }

  /// The tolerance that outputs keep to in lanes of at most a length.
  package struct Budget: Sendable, Equatable, Codable {
    package var length: Int
    /// |y - v| <= absolute + relative |v|.
    package var relative: Figure
    package var absolute: Figure
    /// The same of a softmax for normal p, in ULP; nil for another operation.
    package var maxUlp: Figure?
    /// The largest scaled error; nil for softmax.
    package var maxScaled: Figure?

    package init(
      length: Int, relative: Figure, absolute: Figure, maxUlp: Figure? = nil,
      maxScaled: Figure? = nil
    ) {
      self.length = length
      self.relative = relative
      self.absolute = absolute
      self.maxUlp = maxUlp
      self.maxScaled = maxScaled
    }
  }
}
