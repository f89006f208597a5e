/// The mismatches of a cell by kind: every mismatch is of exactly one.
public struct MismatchKinds: Codable, Sendable, Equatable {
  /// NaN where the exact value is a number.
  public var nan: UInt64 = 0
  /// +inf or -inf.
  public var infinite: UInt64 = 0
  /// Finite and below 0.
  public var negative: UInt64 = 0
  /// Positive where the exact value is 0, because the logit is -inf.
  public var masked: UInt64 = 0
  /// In a special lane, and not what the policy asks for there.
  public var special: UInt64 = 0
  /// Still the pattern that the output held before the call: nothing was written there.
  public var unwritten: UInt64 = 0

  package init() {}

  /// The number of mismatches.
  public var total: UInt64 { nan + infinite + negative + masked + special + unwritten }

  /// The kinds in the order of reports, each with what follows "outputs are".
  public static let predicates: [(@Sendable (MismatchKinds) -> UInt64, String)] = [
    (\.nan, "NaN"), (\.infinite, "infinite"), (\.negative, "negative"),
    (\.masked, "not 0 at a logit of -inf"),
    (\.special, "in special lanes against the policy"), (\.unwritten, "never written"),
  ]

  /// The kinds that there are, with their numbers: 903, "not 0 at a logit of -inf".
  public var counts: [(count: UInt64, predicate: String)] {
    Self.predicates.map { ($0(self), $1) }.filter { $0.count > 0 }
  }

  package mutating func merge(_ other: MismatchKinds) {
    nan += other.nan
    infinite += other.infinite
    negative += other.negative
    masked += other.masked
    special += other.special
    unwritten += other.unwritten
  }
}
