/// A reason not to trust what a run says about its property.
package struct HealthProblem: Hashable, Sendable {
  package enum Name: String, CaseIterable, Sendable {
    /// More than ten of eleven cases were discarded.
    case tooManyDiscards
    /// Cases needed more choices than the limit allows.
    case dataTooLarge
    /// A failing case did not fail when it was run again.
    case nondeterministic
    /// Not one case was checked.
    case nothingTested
    /// A stored case can no longer be made by the generator, so that what was checked, if anything,
    /// is another.
    case staleRegression
  }

  package let name: Name
  package let explanation: String
}
