import AuditedOperations
import FloatFormats
import Foundation
import MultiPrecision
import Testing

@testable import Oracle

/// The oracle against values that mpmath computed and that were rounded without any code of this
/// package.
///
/// The header of `Vectors/softmax-mpmath.txt` describes the file;
/// `scripts/vectors/make-oracle-vectors` makes it.
@Suite("Oracle against mpmath")
struct OracleVectorTests {
  private static let vectors = Result { try OracleVectors.load() }

  @Test("The vectors hold at least 2000 lanes and all four formats")
  func vectorsAreMany() throws {
    let vectors = try Self.vectors.get()
    #expect(vectors.lanes.count >= 2000)
    #expect(Set(vectors.lanes.map(\.format)) == Set(FloatFormat.allCases))
    #expect(vectors.lanes.allSatisfy { !$0.elements.isEmpty })
  }

  @Test("Every logit and every rounded value of the vectors is a number of its format")
  func vectorsAreInTheirFormat() throws {
    for lane in try Self.vectors.get().lanes {
      let values = lane.logits + lane.elements.map(\.rounded)
      #expect(try lane.format.open(Holds(values: values)), "\(lane.name)")
    }
  }

  @Test("The correctly rounded softmax of every element is mpmath's, bit for bit")
  func roundingsAgree() throws {
    try expectAgreement { lane in try lane.format.open(RoundingCheck(lane: lane)) }
  }

  @Test("The filters round every element as mpmath does, with and without fused multiply-add")
  func filteredRoundingsAgree() throws {
    try expectAgreement { lane in try lane.format.open(FilteredRoundingCheck(lane: lane)) }
  }

  @Test("The enclosure of every softmax contains mpmath's digits")
  func enclosuresContainDigits() throws {
    try expectAgreement { lane in
      let reference = lane.reference
      return lane.elements.compactMap { element in
        let probability = reference.value(at: element.index)
        if probability.isUndecided { return "[\(element.index)] is undecided" }
        guard let digits = element.digits else { return nil }
        return probability.isConsistent(withDigits: digits)
          ? nil : "[\(element.index)] is not \(digits)"
      }
    }
  }

  @Test("The softmax to 40 digits is mpmath's in every digit")
  func softmaxDigitsAgree() throws {
    try expectAgreement { lane in
      lane.disagreements(\.digits, of: .softmax, digits: OracleVectors.softmaxDigits)
    }
  }

  @Test("The log-softmax to 30 digits is mpmath's in every digit")
  func logSoftmaxDigitsAgree() throws {
    try expectAgreement { lane in
      lane.disagreements(\.logDigits, of: .logSoftmax, digits: OracleVectors.logDigits)
    }
  }

  @Test("The logsumexp to 30 digits is mpmath's in every digit")
  func logSumExpDigitsAgree() throws {
    try expectAgreement { lane in
      guard let expected = lane.logSumExpDigits else { return [] }
      let computed = SoftmaxOracle().decimalText(
        .logSumExp, logits: lane.reference.logits, digits: OracleVectors.logDigits)
      if computed == expected { return [] }
      return ["logsumexp is \(computed ?? "undecided"), not \(expected)"]
    }
  }

  /// Runs a check on every lane and expects that none of them disagrees, showing the first few that
  /// do.
  private func expectAgreement(of check: (VectorLane) throws -> [String]) throws {
    var disagreements: [String] = []
    for lane in try Self.vectors.get().lanes {
      disagreements += try check(lane).map { "\(lane.name) \($0)" }
    }
    let count = disagreements.count
    #expect(count == 0, "\(disagreements.prefix(10).joined(separator: "\n"))")
  }
}

// MARK: - Checks

/// Whether all values are numbers of a format.
private struct Holds: FormatGenericWork {
  let values: [Double]

  func run<F: BinaryFloat>(_ format: F.Type) -> Bool {
    values.allSatisfy { F(rounding: $0).exactDouble == $0 }
  }
}

/// The elements of a lane whose rounding, found in either of two ways, is not the expected one.
private struct RoundingCheck: FormatGenericWork {
  let lane: VectorLane

  func run<F: BinaryFloat>(_ format: F.Type) -> [String] {
    let reference = SoftmaxOracle().softmax(of: lane.logits.map { F(rounding: $0) }, in: F.format)
    return lane.elements.compactMap { element in
      let expected = F(rounding: element.rounded)
      let located = reference.value(at: element.index).correctlyRounded(F.self)
      if located.bitPattern != expected.bitPattern {
        return "[\(element.index)] is located at \(located.hexText), not \(expected.hexText)"
      }
      let slot = reference.logits.slots[element.index]
      guard slot != DistinctLogits.masked else { return nil }
      let rounded = SoftmaxOracle().rounded(
        .softmax, slot: Int(slot), logits: reference.logits, as: F.self)
      return rounded?.bitPattern == expected.bitPattern
        ? nil
        : "[\(element.index)] rounds to \(rounded?.hexText ?? "nothing"), not \(expected.hexText)"
    }
  }
}

extension VectorLane {
  /// The oracle's view of the lane.
  fileprivate var reference: LaneReference { SoftmaxOracle().softmax(of: logits, in: format) }

  /// The elements whose decimal digits are not the expected ones.
  fileprivate func disagreements(
    _ expected: KeyPath<VectorElement, String?>, of operation: AuditedOperation, digits: Int
  ) -> [String] {
    let distinct = DistinctLogits(of: logits)
    return elements.compactMap { element in
      let slot = distinct.slots[element.index]
      guard slot != DistinctLogits.masked, let expected = element[keyPath: expected] else {
        return nil
      }
      let computed = SoftmaxOracle().decimalText(
        operation, slot: Int(slot), logits: distinct, digits: digits)
      return computed == expected
        ? nil : "[\(element.index)] is \(computed ?? "undecided"), not \(expected)"
    }
  }
}

extension ExactValue {
  /// Whether some number whose first 40 digits are those given lies in the enclosure.
  ///
  /// Half a unit of the 40th digit is less than 2^-129 of the number, and reading the digits with
  /// 256 bits loses next to nothing: a widening by 2^-128 on either side covers both.
  fileprivate func isConsistent(withDigits digits: String) -> Bool {
    func units(_ direction: BigFloat.Rounding) -> UInt128? {
      var value = BigFloat(precision: 256)
      guard value.assign(parsing: digits, direction) != nil else { return nil }
      if value.isZero { return 0 }
      var slack = BigFloat(copying: value)
      slack.formProduct(withPowerOfTwo: -128)
      if direction == .down {
        value.formDifference(slack, .down)
      } else {
        value.formSum(slack, .up)
      }
      return value.magnitudeFloor(inUnitsOfPowerOfTwo: Int(quantumExponent) - 64)
    }
    guard let low = units(.down), let high = units(.up) else { return false }
    return high >= lower && low <= upper
  }
}

/// Compares what the filters round with what mpmath rounded.
private struct FilteredRoundingCheck: FormatGenericWork {
  let lane: VectorLane

  func run<F: BinaryFloat>(_ type: F.Type) -> [String] {
    let logits = lane.logits.map { F(rounding: $0) }
    return [KernelLevel.portable, .best].flatMap { level -> [String] in
      let filtered = FilteredLane(
        EncodedLane(logits), in: F.format, oracle: SoftmaxOracle(), level: level)
      var outputs = [F](repeating: .nan, count: logits.count)
      let undecided = outputs.withUnsafeMutableBufferPointer { filtered.roundCorrectly(to: $0) }
      if let undecided { return ["[\(undecided)] is undecided"] }
      return lane.elements.compactMap { element in
        outputs[element.index].bitPattern == F(rounding: element.rounded).bitPattern
          ? nil : "[\(element.index)] is rounded to \(outputs[element.index].hexText)"
      }
    }
  }
}
