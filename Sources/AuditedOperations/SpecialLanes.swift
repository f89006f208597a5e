import Basics

/// The behaviours of a softmax on a lane that has none: one with a NaN, a +inf, or only -inf.
///
/// The default asks that the trouble stays visible: at least one output must be NaN. The others are
/// declarations that an implementation can make instead, or in combination for different kinds of
/// lanes.
public struct SpecialLanePolicy: OptionSet, Sendable, Hashable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// At least one NaN comes out.
  ///
  /// The default, in force for every kind of lane without a declaration.
  public static let nanSomewhere: SpecialLanePolicy = []
  /// Every output is NaN.
  public static let nanEverywhere = SpecialLanePolicy(rawValue: 1)
  /// A lane of -inf only gives zeros.
  public static let maskedZero = SpecialLanePolicy(rawValue: 2)
  /// A lane of -inf only gives 1/n everywhere.
  public static let maskedUniform = SpecialLanePolicy(rawValue: 4)
  /// A lane with a single +inf and no NaN gives 1 there and 0 elsewhere.
  public static let infinityOneHot = SpecialLanePolicy(rawValue: 8)
  /// A lane with a NaN gives zeros.
  public static let nanZero = SpecialLanePolicy(rawValue: 16)
  /// A NaN counts as -inf: it gets 0, and the others what they would get without it.
  ///
  /// A lane of NaN and -inf only is then a lane of -inf only.
  public static let nanAsMasked = SpecialLanePolicy(rawValue: 32)

  /// The names used on the command line and in policies.
  public static let names: [(String, SpecialLanePolicy)] = [
    ("nan-somewhere", .nanSomewhere), ("nan-everywhere", .nanEverywhere),
    ("masked-zero", .maskedZero), ("masked-uniform", .maskedUniform),
    ("infinity-one-hot", .infinityOneHot), ("nan-zero", .nanZero),
    ("nan-as-masked", .nanAsMasked),
  ]

  /// The contradiction between declared behaviours; `nil` where there is none.
  public var contradiction: String? {
    let groups: [[SpecialLanePolicy]] = [
      [.maskedZero, .maskedUniform], [.nanZero, .nanAsMasked],
    ]
    for group in groups {
      let declared = group.filter(contains)
      guard declared.count > 1 else { continue }
      let names = declared.map(\.description).joined(separator: " and ")
      return "\(names) contradict each other; declare one of them"
    }
    return nil
  }

  /// The declared behaviours by name.
  public var description: String {
    let declared = Self.names.filter { !$0.1.isEmpty && contains($0.1) }.map(\.0)
    return declared.isEmpty ? "nan-somewhere" : declared.joined(separator: ",")
  }
}

/// The reason why a lane has no softmax.
public enum SpecialLane: String, Sendable, Hashable {
  /// At least one logit is NaN.
  case holdsNaN
  /// No NaN, and at least one logit is +inf.
  case holdsInfinity
  /// Every logit is -inf.
  case fullyMasked
}

/// The outputs that a policy expects of a special lane.
package enum SpecialExpectation: Sendable, Hashable {
  case nanSomewhere
  case nanEverywhere
  case zeros
  case uniform
  case oneHot
  /// The outputs of the lane with -inf in the place of each NaN.
  case withoutNaNs
}

extension SpecialLanePolicy {
  /// The expectation for a kind of lane; a lane with several +inf has no one-hot answer.
  package func expectation(for lane: SpecialLane, infinityCount: Int) -> SpecialExpectation {
    switch lane {
    case .fullyMasked where contains(.maskedZero): .zeros
    case .fullyMasked where contains(.maskedUniform): .uniform
    case .holdsInfinity where contains(.infinityOneHot) && infinityCount == 1: .oneHot
    case .holdsNaN where contains(.nanZero): .zeros
    case .holdsNaN where contains(.nanAsMasked): .withoutNaNs
    default: contains(.nanEverywhere) ? .nanEverywhere : .nanSomewhere
    }
  }
}

extension SpecialLanePolicy {
  /// The policy that comma-separated names declare.
  ///
  /// - Throws: ``UserError`` of kind `usage` for a name that is not known, and for names that
  ///   contradict each other.
  package init(parsing text: String) throws(UserError) {
    var policy: SpecialLanePolicy = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let named = SpecialLanePolicy.names.first(where: { $0.0 == name }) else {
        let known = SpecialLanePolicy.names.map(\.0).joined(separator: ", ")
        throw UserError(.usage, "there is no special-lane policy \"\(name)\"; there are \(known)")
      }
      policy.formUnion(named.1)
    }
    if let contradiction = policy.contradiction { throw UserError(.usage, contradiction) }
    self = policy
  }
}
