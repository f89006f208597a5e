import AuditedOperations
import ErrorMeasurement
import Laws
import Oracle
import SoftmaxVariants

/// The settings by which a run measures and judges: defaults of a policy, or those of a rule for
/// the cells that it selects.
package struct PolicySettings: Sendable, Hashable {
  /// The model whose bound judges.
  package enum Model: Sendable, Hashable {
    /// The default tolerance, whatever an implementation declares.
    case none
    case declared(DeclaredModel)

    /// The same model of an operation; the default tolerance where the operation has none of the
    /// name.
    func resolved(in operation: AuditedOperation) -> Model {
      guard case .declared(let variant) = self, variant.operation != operation else {
        return self
      }
      return DeclaredModel(named: variant.name, of: operation).map(Model.declared) ?? Model.none
    }

    /// The name in a policy and on the command line.
    package var name: String {
      switch self {
      case .none: "none"
      case .declared(let variant): variant.name
      }
    }
  }

  /// Scales the cases of laws.
  package var effort: Double?
  package var seed: UInt64?
  /// Lanes per cell.
  package var samples: Int?
  package var underflow: UnderflowPolicy?
  package var specialLanes: SpecialLanePolicy?
  package var declare: Model?
  /// The largest magnitude of a finite logit that is asked about.
  package var largestLogit: Double?

  package init(
    effort: Double? = nil, seed: UInt64? = nil, samples: Int? = nil,
    underflow: UnderflowPolicy? = nil, specialLanes: SpecialLanePolicy? = nil,
    declare: Model? = nil, largestLogit: Double? = nil
  ) {
    self.effort = effort
    self.seed = seed
    self.samples = samples
    self.underflow = underflow
    self.specialLanes = specialLanes
    self.declare = declare
    self.largestLogit = largestLogit
  }

  /// Whether nothing is said.
  package var isEmpty: Bool { self == PolicySettings() }

  /// These settings, but for what others say.
  package func overridden(by other: PolicySettings) -> PolicySettings {
    PolicySettings(
      effort: other.effort ?? effort, seed: other.seed ?? seed, samples: other.samples ?? samples,
      underflow: other.underflow ?? underflow, specialLanes: other.specialLanes ?? specialLanes,
      declare: other.declare ?? declare, largestLogit: other.largestLogit ?? largestLogit)
  }

  /// These settings for an operation: models are those of the operation.
  func resolved(in operation: AuditedOperation) -> PolicySettings {
    var settings = self
    settings.declare = declare?.resolved(in: operation)
    return settings
  }

  /// The settings of an audit under these.
  package var measurement: MeasurementSettings {
    var settings = MeasurementSettings(specialLanes: specialLanes)
    settings.underflow = underflow
    switch declare {
    case .declared(let variant): settings.declaredModel = variant
    case .some(.none): settings.ignoresOwnModel = true
    case nil: break
    }
    return settings
  }

  /// The settings of a check under these.
  ///
  /// - Parameter parameters: Those that calls are made with, none of them beyond laws.
  package func check(with parameters: PolicyParameters = .none) -> CheckSettings {
    var settings = CheckSettings()
    settings.modifiers = ModifierRule.Given(
      scale: parameters.modifiers.scale, softcap: parameters.modifiers.softcap)
    if case .number(let sink) = parameters.modifiers.sink { settings.modifiers.sink = sink }
    settings.loss = parameters.loss
    settings.largestLogit = largestLogit
    settings.specialLanes = specialLanes
    settings.underflow = underflow
    switch declare {
    case .declared(let variant): settings.model = .declared(variant)
    case .some(.none): settings.model = .none
    case nil: break
    }
    return settings
  }
}
