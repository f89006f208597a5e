import SoftmaxOracle
import SoftmaxVariants

/// How the laws of results were checked, as far as it was said.
public struct LawJudging: Codable, Sendable, Equatable {
  /// What scaled the number of cases.
  public var effort: Figure
  /// The model named in place of what implementations declare: that of a built-in variant, or `none`.
  public var declare: String?
  /// What may become of results below the normal range; nil leaves it to each implementation.
  public var underflow: UnderflowPolicy?
  /// What may come out of lanes that have no softmax; nil leaves it to each implementation.
  public var specialLanes: String?

  public init(
    effort: Double, declare: String? = nil, underflow: UnderflowPolicy? = nil,
    specialLanes: String? = nil
  ) {
    self.effort = Figure(effort)
    self.declare = declare
    self.underflow = underflow
    self.specialLanes = specialLanes
  }

  /// The judging of a check.
  public init(_ plan: CheckPlan) {
    self.init(
      effort: plan.effort, underflow: plan.settings.underflow,
      specialLanes: plan.settings.specialLanes?.description)
    switch plan.settings.model {
    case .own: break
    case .none: declare = PolicySettings.Model.none.name
    case .declared(let variant): declare = variant.name
    }
  }
}
