/// What has been counted over a part of a domain: a commutative monoid of integers and certified maxima.
public struct ExhaustiveTally: Sendable, Hashable, Codable {
  public var lanes: UInt64 = 0
  public var elements: UInt64 = 0
  public var finitePairs: UInt64 = 0
  public var correctlyRounded: UInt64 = 0
  public var faithful: UInt64 = 0
  public var mismatches: UInt64 = 0
  public var mismatchedLanes: UInt64 = 0
  public var negativeZeros: UInt64 = 0
  public var undecided: UInt64 = 0
  /// Elements that were judged by MPFR.
  public var arbitrated: UInt64 = 0
  /// The largest |error| where the exact value is normal.
  public var maxUlp: Extremum?
  /// The same where it is subnormal.
  public var maxUlpSubnormal: Extremum?
  /// The first mismatch in the order of the domain.
  public var firstMismatch: Place?
  /// The first mismatch of each block whose lane no declared domain excuses; the lowest of them.
  public var undeclaredMismatch: Place?

  /// An element of the domain.
  public struct Place: Sendable, Hashable, Codable {
    public var lane: UInt64
    public var index: Int
    /// The encoding of the output.
    public var output: UInt64

    func precedes(_ other: Place) -> Bool { (lane, index) < (other.lane, other.index) }
  }

  /// A certified maximum and the first place it was seen.
  public struct Extremum: Sendable, Hashable, Codable {
    public var figure: Figure
    public var place: Place
  }

  /// Adds what was counted over another part.
  mutating func merge(_ other: ExhaustiveTally) {
    lanes += other.lanes
    elements += other.elements
    finitePairs += other.finitePairs
    correctlyRounded += other.correctlyRounded
    faithful += other.faithful
    mismatches += other.mismatches
    mismatchedLanes += other.mismatchedLanes
    negativeZeros += other.negativeZeros
    undecided += other.undecided
    arbitrated += other.arbitrated
    Self.raise(&maxUlp, other.maxUlp)
    Self.raise(&maxUlpSubnormal, other.maxUlpSubnormal)
    Self.lower(&firstMismatch, other.firstMismatch)
    Self.lower(&undeclaredMismatch, other.undeclaredMismatch)
  }

  static func raise(_ maximum: inout Extremum?, _ other: Extremum?) {
    guard let other else { return }
    if let present = maximum,
      other.figure.value < present.figure.value
        || other.figure.value == present.figure.value && !other.place.precedes(present.place)
    {
      return
    }
    maximum = other
  }

  static func lower(_ place: inout Place?, _ other: Place?) {
    guard let other else { return }
    if let present = place, !other.precedes(present) { return }
    place = other
  }
}
