import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// Measures the outputs of implementations block by block, ascending; belongs to one thread.
struct BlockWorker<F: BinaryFloat, G: BinaryFloat> {
  typealias BlockResult = Exhaustion.BlockResult

  /// Implementations that are judged alike and have given the same outputs so far, bit for bit, and
  /// what has been seen of them.
  ///
  /// A measurement depends on nothing but the outputs it has seen. Where the outputs of some differ
  /// for the first time, they go on with a copy.
  private struct OutputGroup {
    /// The numbers of the implementations.
    var members: [Int]
    var measurement: Measurement
    /// Of the present block.
    var tally = ExhaustiveTally()
    var checksum = OutputChecksum()

    mutating func take(
      _ outputs: [G], for logits: [Double], lanes: Int, from first: UInt64, _ isMeasured: Bool
    ) {
      outputs.withUnsafeBufferPointer { outputs in
        checksum.add(outputs.baseAddress!, count: outputs.count)
        guard isMeasured else { return }
        logits.withUnsafeBufferPointer { logits in
          measurement.measure(
            logits.baseAddress!, outputs.baseAddress!, lanes: lanes, from: first, into: &tally)
        }
      }
    }
  }

  /// The measurement of the operation.
  private struct Measurement {
    private var probabilities: TupleMeasurement<F, G>?
    private var logarithms: LogarithmMeasurement<F, G>?

    init(
      of plan: Exhaustion, _ exponential: DifferenceExponential, _ oracle: SoftmaxOracle,
      _ intervals: RoundingIntervals?, judge: LaneJudge?
    ) {
      let length = plan.domain.length
      if plan.operation == .softmax {
        probabilities = TupleMeasurement(
          length: length, exponential: exponential, oracle: oracle, intervals: intervals,
          judge: judge, arbiterOnly: plan.arbiterOnly)
      } else {
        logarithms = LogarithmMeasurement(
          plan.operation, length: length, exponential: exponential, oracle: oracle, judge: judge,
          arbiterOnly: plan.arbiterOnly)
      }
    }

    mutating func expect(atLeast tally: ExhaustiveTally) {
      probabilities?.expect(atLeast: tally)
      logarithms?.expect(atLeast: tally)
    }

    mutating func measure(
      _ logits: UnsafePointer<Double>, _ outputs: UnsafePointer<G>, lanes: Int,
      from number: UInt64, into tally: inout ExhaustiveTally
    ) {
      probabilities?.measure(logits, outputs, lanes: lanes, from: number, into: &tally)
      logarithms?.measure(logits, outputs, lanes: lanes, from: number, into: &tally)
    }
  }

  /// The lanes of one call.
  private static var batch: Int { 1 << 14 }
  private let plans: [Exhaustion]
  private let domain: ExhaustiveDomain
  private var writer: ExhaustiveDomain.Writer<F>
  private var groups: [OutputGroup]
  private var failures: [Int: CallFailure] = [:]
  private var exact: [Double]

  /// - Parameter plans: At least one, on one domain.
  init(
    _ plans: [Exhaustion], exponential: DifferenceExponential, intervals: RoundingIntervals?
  ) throws {
    self.plans = plans
    domain = plans[0].domain
    writer = ExhaustiveDomain.Writer(domain)
    let oracle = SoftmaxOracle()
    groups = Dictionary(grouping: plans.indices) { plans[$0].judge.underToleranceAlone }
      .sorted { $0.value[0] < $1.value[0] }.map { judge, members in
        OutputGroup(
          members: members,
          measurement: Measurement(of: plans[0], exponential, oracle, intervals, judge: judge))
      }
    exact = Array(repeating: 0, count: Self.batch * domain.length)
    if intervals != nil || domain.lanes > UInt64(Self.batch) { try scout() }
  }

  /// Looks at lanes all over the shard, for the errors that have to be exceeded.
  private mutating func scout() throws {
    // As many in a shard, however small: what it does not know of goes to MPFR as a new maximum.
    let count = 4096 * UInt64(plans[0].shard?.count ?? 1)
    let step = max(1, domain.lanes / count) | 1
    let blockLanes = plans[0].start.blockLanes
    for number in stride(from: 0, to: domain.lanes, by: Int(step))
    where plans[0].shard?.contains(Int(number / blockLanes)) ?? true {
      try measure(number..<number + 1, isMeasured: true) { _, _ in }
    }
    for index in groups.indices {
      groups[index].measurement.expect(atLeast: groups[index].tally)
    }
  }

  /// Does not ask implementations any more that have failed elsewhere.
  mutating func leaveOut(_ failed: [Int: CallFailure]) {
    failures.merge(failed) { own, _ in own }
    for index in groups.indices {
      groups[index].members.removeAll { failures[$0] != nil }
    }
    groups.removeAll(where: \.members.isEmpty)
  }

  /// Runs the implementations on the lanes of a block and measures what comes out.
  ///
  /// - Returns: What came of each of them, in their order.
  mutating func run(
    _ lanes: Range<UInt64>, isMeasured: Bool = true
  ) throws -> [Result<BlockResult, CallFailure>] {
    for index in groups.indices {
      groups[index].tally = ExhaustiveTally()
      groups[index].checksum = OutputChecksum()
    }
    var misconduct = Array(repeating: Set<String>(), count: plans.count)
    try measure(lanes, isMeasured: isMeasured) { misconduct[$0].insert($1) }
    var results = failures.mapValues { Result<BlockResult, CallFailure>.failure($0) }
    for group in groups {
      for number in group.members {
        var tally = group.tally
        if let place = tally.firstMismatch, try !isDeclared(place, by: plans[number]) {
          tally.undeclaredMismatch = place
        }
        results[number] = .success(
          BlockResult(
            checksum: group.checksum.text, tally: tally, misconduct: misconduct[number].sorted()))
      }
    }
    return try plans.indices.map { number in
      guard let result = results[number] else {
        throw InternalError("nothing came of \(plans[number].implementation.name)")
      }
      return result
    }
  }

  private mutating func measure(
    _ lanes: Range<UInt64>, isMeasured: Bool, _ report: (Int, String) -> Void
  ) throws {
    let length = domain.length
    var first = lanes.lowerBound
    while first < lanes.upperBound {
      let count = Int(min(UInt64(Self.batch), lanes.upperBound - first))
      let logits = Tensor(
        geometry: try LaneGeometry(shape: [count, length], axis: 1),
        elements: [F](unsafeUninitializedCapacity: count * length) { logits, filled in
          exact.withUnsafeMutableBufferPointer { exact in
            writer.write(
              from: first, count: count, to: logits.baseAddress!, exactly: exact.baseAddress!)
          }
          filled = count * length
        })
      for (index, outputs) in try answers(to: logits, report) {
        groups[index].take(outputs, for: exact, lanes: count, from: first, isMeasured)
      }
      first += UInt64(count)
    }
  }

  /// Asks every implementation, and parts those whose outputs differ.
  ///
  /// - Returns: The outputs of each group.
  private mutating func answers(
    to logits: Tensor<F>, _ report: (Int, String) -> Void
  ) throws -> [(group: Int, outputs: [G])] {
    var answers: [(group: Int, outputs: [G])] = []
    for index in groups.indices {
      var parts: [(members: [Int], outputs: [G])] = []
      for number in groups[index].members {
        do {
          let outputs = try answer(of: number, to: logits, report)
          if let part = parts.firstIndex(where: { $0.outputs.hasSameEncodings(as: outputs) }) {
            parts[part].members.append(number)
          } else {
            parts.append(([number], outputs))
          }
        } catch let failure as CallFailure {
          failures[number] = failure
        }
      }
      groups[index].members = parts.first?.members ?? []
      if let part = parts.first { answers.append((index, part.outputs)) }
      for part in parts.dropFirst() {
        answers.append((groups.count, part.outputs))
        var group = groups[index]
        group.members = part.members
        groups.append(group)
      }
    }
    return answers
  }

  private func answer(
    of number: Int, to logits: Tensor<F>, _ report: (Int, String) -> Void
  ) throws -> [G] {
    let answer = try plans[number].implementation.answer(
      to: logits, laidOut: .rowMajor, as: G.self)
    for seen in answer.misconduct { report(number, seen.explanation) }
    let outputs = answer.probabilities.elements
    let expected = plans[number].operation.outputGeometry(for: logits.geometry).elementCount
    guard outputs.count == expected else {
      throw CallFailure(.rubbish, "the output has \(outputs.count) elements")
    }
    return outputs
  }

  /// Whether a mismatch lies outside the domain of the declared bound, or nothing is judged.
  private mutating func isDeclared(
    _ place: ExhaustiveTally.Place, by plan: Exhaustion
  ) throws -> Bool {
    if plan.judge.isSilent { return true }
    guard plan.judge.excusesDomain else { return false }
    return try plan.judge.promise(on: LaneProfile(writer.lane(place.lane))).isOutsideDomain
  }
}

extension LaneJudge {
  /// The judge itself where it compares every output with the default tolerance; nil where it looks
  /// at the largest errors alone, or at none.
  fileprivate var underToleranceAlone: LaneJudge? { model == nil && !isSilent ? self : nil }
}

extension Array where Element: BinaryFloat {
  /// Whether another array of the same length has the same bits; numbers may be equal without it.
  fileprivate func hasSameEncodings(as other: [Element]) -> Bool {
    withUnsafeBytes { own in
      other.withUnsafeBytes { other in
        // Without a way out of the middle of a loop the compiler makes vectors of it.
        var difference: UInt64 = 0
        let words = own.count / 8
        for word in 0..<words {
          difference |=
            own.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)
            ^ other.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)
        }
        for byte in 8 * words..<own.count { difference |= UInt64(own[byte] ^ other[byte]) }
        return difference == 0
      }
    }
  }
}
