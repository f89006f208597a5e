import FloatFormats

/// The findings on one implementation in one pair of formats.
public struct InferenceFinding: Sendable, Equatable, Codable {
  public var implementation: String
  public var inputFormat: FloatFormat
  public var outputFormat: FloatFormat
  /// The lanes that have a softmax and were looked at.
  public var lanes: Int
  public var longestLane: Int
  /// The smallest sound model that covers all of them; nil where none does.
  public var model: ErrorModel?
  /// The built-in variant whose bound allows at least as much in every stage, for `--declare`;
  /// `nil` where none does.
  public var declare: String?
  /// The largest error as a part of the model's bound.
  public var ratio: Figure?
  /// The reason why no sound model fits, in a sentence; `nil` where one does.
  public var objection: String?
  /// The smallest model at all that would cover them, where no sound one does: what the softmax may
  /// suffer from.
  public var unsound: ErrorModel?
  /// The built-in variant whose bound covers all lanes although it adds up in 16 bits, which no
  /// sound model does.
  public var narrowVariant: String?
  /// The behaviour on lanes without a softmax, as `SpecialLanePolicy` names it; nil for the
  /// default, and where no lane was special or no policy describes it.
  public var specialLanes: String?
  /// The reason why calls brought no answer, where one did not.
  public var notMeasured: String?
  /// Tolerances by length, the longest first; empty where there is no sound model.
  public var budgets: [Budget]

  package init(
    implementation: String, inputFormat: FloatFormat, outputFormat: FloatFormat, lanes: Int,
    longestLane: Int, model: ErrorModel? = nil, declare: String? = nil, ratio: Figure? = nil,
    objection: String? = nil, unsound: ErrorModel? = nil, narrowVariant: String? = nil,
    specialLanes: String? = nil, notMeasured: String? = nil, budgets: [Budget]
  ) {
    self.implementation = implementation
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
  public struct Budget: Sendable, Equatable, Codable {
    public var length: Int
    /// |y - p| <= absolute + relative p.
    public var relative: Figure
    public var absolute: Figure
    /// The same for normal p, in ULP.
    public var maxUlp: Figure

    package init(length: Int, relative: Figure, absolute: Figure, maxUlp: Figure) {
      self.length = length
      self.relative = relative
      self.absolute = absolute
      self.maxUlp = maxUlp
    }
  }
}
