import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle
import SoftmaxVariants

/// The implementation that laws judge: its formats, and the model that it declares or that was
/// declared for it.
package struct Subject: Sendable {
  package var name: String
  package var operation: AuditedOperation
  package var input: FloatFormat
  package var output: FloatFormat
  /// The model whose bound tolerates errors; nil for the default tolerance.
  ///
  /// The default tolerance is also that of losses, gradients and Jacobians that may flush results
  /// and declare a model of their own, whose bound does not cover that.
  package var model: DeclaredModel?
  /// Whether lanes outside the domain of the model are excused: by this program, which knows the
  /// implementation and its model, and by nobody else.
  package var excusesDomain: Bool
  package var specialLanes: SpecialLanePolicy
  package var underflow: UnderflowPolicy
  /// The laws kept bit for bit by promise.
  package var promisedLaws: Set<String>
  /// The modifiers of logits that it may be called with.
  package var modifiers: Set<ModifierKind>
  /// Modifiers that a person asked for, in the place of those that laws draw.
  package var givenModifiers: ModifierRule.Given
  /// Parameters of losses that a person asked for, in the place of those that laws draw.
  package var givenLoss: GivenLoss
  /// Both of them as rows tell of them; `nil` for none.
  var parameters: RowParameters?
  package var layouts: [TensorLayout]
  /// The kinds of misconduct that somebody looks for.
  package var watchedConduct: Set<Misconduct.Kind>
  /// The largest magnitude of a finite logit that it is asked about.
  package var largestLogit: Double
  /// The tensors that it is made for.
  package var domain: InputDomain
  /// The number of times a call is repeated where a law looks for rare faults.
  package var repeats: Int

  /// The name of the model that it declares or that was declared for it; `nil` for none.
  var modelName: String? { model?.name }

  /// Creates the subject from the declarations of an implementation, with what the settings of a
  /// run declare in their stead.
  package init(
    _ implementation: any SoftmaxImplementation, input: FloatFormat, output: FloatFormat?,
    settings: CheckSettings
  ) {
    name = implementation.name
    operation = implementation.operation
    self.input = input
    self.output = output ?? implementation.defaultOutputFormat(for: input)
    specialLanes = settings.specialLanes ?? implementation.specialLanes
    underflow = settings.underflow ?? implementation.underflow
    let own = implementation.ownModel(for: input, under: underflow)
    switch settings.model {
    case .own: model = own
    case .none: model = nil
    case .declared(let declared): model = declared
    }
    excusesDomain = implementation.excusesOwnDomain && model == own
    promisedLaws = implementation.promisedLaws
    modifiers = implementation.offeredModifiers
    givenModifiers = settings.modifiers
    givenLoss = settings.loss
    parameters = settings.parameters
    layouts = implementation.layouts
    watchedConduct = implementation.watchedConduct
    largestLogit = min(
      settings.largestLogit ?? .infinity, implementation.askedDomain.largestLogit ?? .infinity)
    domain = implementation.askedDomain
    repeats = settings.repeats ?? Self.defaultRepeats
  }

  /// A case with what a person asked for in the place of what it draws.
  func called(with input: LawCase) -> LawCase {
    var called = input
    called.accompanying?.given = givenLoss
    called.accompanying?.modifiers?.given = givenModifiers
    return called
  }

  /// The number of times a call is repeated where nobody says how often.
  package static let defaultRepeats = 6000
}

/// The standard by which implementations are judged, for all of a run.
public struct CheckSettings: Sendable {
  /// The bound that tolerates errors.
  public enum Model: Sendable {
    /// That of the model that the implementation declares; the default where it declares none.
    case own
    /// The default tolerance, whatever is declared.
    case none
    /// That of this model.
    case declared(DeclaredModel)
  }

  public var model = Model.own
  /// Special-lane policy in place of the implementation's own.
  public var specialLanes: SpecialLanePolicy?
  /// Underflow policy in place of the implementation's own.
  public var underflow: UnderflowPolicy?
  /// Modifiers of logits in the place of those that laws draw.
  package var modifiers = ModifierRule.Given()
  /// Parameters of losses in the place of those that laws draw.
  package var loss = GivenLoss.none
  /// Laws whose failure is accepted, with the reason.
  public var waivers: [String: String] = [:]
  /// The largest magnitude of a finite logit that implementations are asked about; `nil` for any.
  public var largestLogit: Double?
  /// The least limit on logits.
  package static let leastLargestLogit = LogitLimit.least
  /// The number of times a call is repeated where a law looks for rare faults; `nil` for the
  /// default.
  public var repeats: Int?

  public init() {}

  /// The modifiers and parameters as rows tell of them; `nil` for none.
  var parameters: RowParameters? {
    RowParameters(
      GivenModifiers(
        scale: modifiers.scale, softcap: modifiers.softcap,
        sink: modifiers.sink.map { .number($0) }), loss)
  }
}
