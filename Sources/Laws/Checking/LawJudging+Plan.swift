import AuditRecords
import AuditedOperations
import SoftmaxVariants

extension LawJudging {
  /// The judging of a check.
  package init(_ plan: CheckPlan) {
    self.init(
      effort: plan.effort, underflow: plan.settings.underflow,
      specialLanes: plan.settings.specialLanes?.description,
      largestLogit: plan.settings.largestLogit)
    switch plan.settings.model {
    case .own: break
    case .none: declare = "none"
    case .declared(let variant): declare = variant.name
    }
  }
}
