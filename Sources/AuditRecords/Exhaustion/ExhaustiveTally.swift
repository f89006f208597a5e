import AuditedOperations
import FloatFormats

/// The counts over a part of a domain: a commutative monoid of integers and certified maxima.
package struct ExhaustiveTally: Sendable, Hashable, Codable {
  package var lanes: UInt64 = 0
  package var elements: UInt64 = 0
  package var finitePairs: UInt64 = 0
  package var correctlyRounded: UInt64 = 0
  package var faithful: UInt64 = 0
  package var mismatches: UInt64 = 0
  package var mismatchedLanes: UInt64 = 0
  package var negativeZeros: UInt64 = 0
  /// Outputs that are infinite where the exact value rounds to that; nil where there are none.
  package var overflows: UInt64?
  package var undecided: UInt64 = 0
  /// Elements that were judged by MPFR.
  package var arbitrated: UInt64 = 0
  /// The largest |error| where the exact value is normal.
  package var maxUlp: Extremum?
  /// The same where it is subnormal.
  package var maxUlpSubnormal: Extremum?
  /// The largest scaled error; nil for softmax, of which `maxUlp` tells as much.
  package var maxScaled: Extremum?
  /// The first mismatch in the order of the domain.
  package var firstMismatch: Place?
  /// The first mismatch of each block whose lane no declared domain excuses; the lowest of them.
  package var undeclaredMismatch: Place?
  /// The first element that is farther from the exact value than any sound implementation may
  /// be.
  ///
  /// Nil where there is none, and where a declared model judges, or nothing.
  package var beyondTolerance: Place?

  package init() {}

  /// An element of the domain.
  package struct Place: Sendable, Hashable, Codable {
    package var lane: UInt64
    package var index: Int
    /// The encoding of the output.
    package var output: UInt64

    package init(lane: UInt64, index: Int, output: UInt64) {
      self.lane = lane
      self.index = index
      self.output = output
    }

    func precedes(_ other: Place) -> Bool { (lane, index) < (other.lane, other.index) }
  }

  /// A certified maximum and the first place it was seen.
  package struct Extremum: Sendable, Hashable, Codable {
    package var figure: Figure
    package var place: Place

    package init(figure: Figure, place: Place) {
      self.figure = figure
      self.place = place
    }
  }

  /// Counts outputs that are infinite where the exact value rounds to that.
  package mutating func countOverflows(_ count: UInt64) {
    if count > 0 { overflows = (overflows ?? 0) + count }
  }

  /// The reason why nothing can have been counted like this; `nil` where it can.
  func objection(
    to domain: ExhaustiveDomain, of operation: AuditedOperation, output: FloatFormat
  ) -> String? {
    let (both, overflow) = finitePairs.addingReportingOverflow(mismatches)
    guard !overflow, both <= elements, overflows ?? 0 <= elements - both, undecided <= elements,
      arbitrated <= elements,
      negativeZeros <= elements, mismatchedLanes <= min(lanes, mismatches)
    else { return "it counts more outputs than there are" }
    guard correctlyRounded <= faithful, faithful <= finitePairs else {
      return
        "it counts more correctly rounded outputs than faithful ones, or more of these than there are"
    }
    guard (mismatches > 0) == (firstMismatch != nil), (mismatches > 0) == (mismatchedLanes > 0)
    else {
      return "it counts \(mismatches) outputs that match nothing, and its witnesses say otherwise"
    }
    guard undeclaredMismatch == nil || mismatches > 0 else {
      return "it has a witness of outputs that match nothing, and counts none"
    }
    for extremum in [maxUlp, maxUlpSubnormal, maxScaled] {
      guard let extremum else { continue }
      guard extremum.figure.value >= 0 else { return "a largest error is \(extremum.figure.value)" }
    }
    guard maxUlp != nil || maxUlpSubnormal != nil || finitePairs == 0 else {
      return "it counts \(finitePairs) errors, and has no largest one"
    }
    guard maxScaled == nil || operation != .softmax else {
      return "it has a largest scaled error, which is no figure of a softmax"
    }
    let outputs = operation.outputCount(ofLength: domain.length)
    let encodings = UInt64.max >> UInt64(64 - output.bitWidth)
    for place in [
      maxUlp?.place, maxUlpSubnormal?.place, maxScaled?.place, firstMismatch, undeclaredMismatch,
      beyondTolerance,
    ] {
      guard let place else { continue }
      guard place.lane < domain.lanes, (0..<outputs).contains(place.index),
        place.output <= encodings
      else { return "a witness is at a place that the domain does not have" }
    }
    return nil
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
    countOverflows(other.overflows ?? 0)
    undecided += other.undecided
    arbitrated += other.arbitrated
    Self.raise(&maxUlp, other.maxUlp)
    Self.raise(&maxUlpSubnormal, other.maxUlpSubnormal)
    Self.raise(&maxScaled, other.maxScaled)
    Self.lower(&firstMismatch, other.firstMismatch)
    Self.lower(&undeclaredMismatch, other.undeclaredMismatch)
    Self.lower(&beyondTolerance, other.beyondTolerance)
  }

  package static func raise(_ maximum: inout Extremum?, _ other: Extremum?) {
    guard let other else { return }
    if let present = maximum,
      other.figure.value < present.figure.value
        || other.figure.value == present.figure.value && !other.place.precedes(present.place)
    {
      return
    }
    maximum = other
  }

  package static func lower(_ place: inout Place?, _ other: Place?) {
    guard let other else { return }
    if let present = place, !other.precedes(present) { return }
    place = other
  }
}
