import FloatFormats
import MultiPrecision
import Oracle
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Basics
@testable import ErrorMeasurement
@testable import Hunts

@Suite("Exhaustion of a domain of log-softmax and logsumexp")
struct LogarithmExhaustionTests {
  private func plan(
    _ name: String, of operation: AuditedOperation, _ domain: ExhaustiveDomain
  ) throws -> Exhaustion {
    let variant = try #require(SoftmaxVariant(named: name, of: operation))
    var plan = try Exhaustion(BuiltInImplementation(variant), on: domain)
    plan.blockLanes = 500
    return plan
  }

  private struct Case: Sendable {
    var name: String
    var operation: AuditedOperation
    var format: FloatFormat
    var kind = ExhaustiveDomain.Kind.tuples
    var length = 2
    var limit: Double
    var step: Double?
  }

  private static let cases = [
    Case(
      name: "logsumexp-shifted", operation: .logSoftmax, format: .float16, limit: 20, step: 0.5),
    Case(name: "logsumexp", operation: .logSoftmax, format: .bfloat16, limit: 90, step: 2),
    Case(name: "max-trick", operation: .logSoftmax, format: .float16, limit: 20, step: 0.5),
    Case(
      name: "logsumexp-shifted", operation: .logSoftmax, format: .float16, length: 3, limit: 12,
      step: 2),
    Case(name: "logsumexp-shifted", operation: .logSoftmax, format: .float32, limit: 96, step: 4),
    Case(
      name: "logsumexp-shifted/sequential/float32", operation: .logSoftmax, format: .float16,
      limit: 4096, step: 128),
    // Differences that float16 does not hold.
    Case(
      name: "logsumexp-shifted", operation: .logSoftmax, format: .float16, limit: 57344,
      step: 4096),
    Case(name: "naive", operation: .logSoftmax, format: .float16, limit: 20, step: 0.5),
    Case(
      name: "logsumexp-shifted", operation: .logSoftmax, format: .float16, kind: .pairs,
      limit: 0x1p-20),
    Case(
      name: "logsumexp-shifted", operation: .logSoftmax, format: .float32, kind: .differences,
      limit: 0x1p-139),
    Case(name: "logsumexp-shifted", operation: .logSoftmax, format: .float64, limit: 60, step: 4),
    Case(name: "max-trick", operation: .logSumExp, format: .float16, limit: 20, step: 0.5),
    Case(name: "max-trick", operation: .logSumExp, format: .bfloat16, limit: 6, step: 0.125),
    Case(name: "naive", operation: .logSumExp, format: .float16, length: 3, limit: 14, step: 1),
    Case(
      name: "max-trick/sequential/float32", operation: .logSumExp, format: .bfloat16, limit: 4096,
      step: 128),
    Case(
      name: "max-trick", operation: .logSumExp, format: .float16, kind: .pairs, limit: 0x1p-20),
  ]

  @Test(
    "Every figure is that of a measurement by MPFR at 1200 bits, output by output",
    arguments: cases.indices)
  func agreesWithBruteForce(number: Int) async throws {
    let one = Self.cases[number]
    let domain = try ExhaustiveDomain(
      one.kind, format: one.format, length: one.kind == .tuples ? one.length : nil,
      limit: one.limit, step: one.step)
    let plan = try plan(one.name, of: one.operation, domain)
    let state = try await plan.run(from: plan.start)
    #expect(state.isComplete)
    #expect(state.objection(to: domain, of: one.operation, output: one.format) == nil)
    var tally = state.tally
    // Most lanes need no arbiter.
    if one.format != .float64, domain.lanes > 3000 {
      #expect(tally.arbitrated < tally.elements / 4)
    }
    tally.arbitrated = 0
    tally.undeclaredMismatch = nil
    let expected = try one.format.open(BruteForce(plan: plan))
    #expect(tally == expected, "\(one)")
  }

  /// The tally of a domain, each exact value by MPFR at a precision that tells all of them.
  private struct BruteForce: FormatGenericWork {
    static let precision = 1200
    let plan: Exhaustion

    func run<F: BinaryFloat>(_ format: F.Type) throws -> ExhaustiveTally {
      var writer = ExhaustiveDomain.Writer<F>(plan.domain)
      var tally = ExhaustiveTally()
      for number in 0..<plan.domain.lanes {
        let lane = writer.lane(number)
        let outputs = try plan.implementation.softmax(
          Tensor(geometry: LaneGeometry(shape: [1, lane.count], axis: 1), elements: lane),
          as: F.self
        ).elements
        tally.lanes += 1
        tally.elements += UInt64(outputs.count)
        let before = tally.mismatches
        for (index, y) in outputs.enumerated() {
          let place = ExhaustiveTally.Place(
            lane: number, index: index, output: UInt64(y.bitPattern))
          count(y, lane.map(\.exactDouble), index, place, &tally)
        }
        if tally.mismatches > before { tally.mismatchedLanes += 1 }
      }
      return tally
    }

    private func count<F: BinaryFloat>(
      _ y: F, _ lane: [Double], _ index: Int, _ place: ExhaustiveTally.Place,
      _ tally: inout ExhaustiveTally
    ) {
      let precision = Self.precision
      let maximum = lane.max() ?? 0
      var logSum = BigFloat(precision: precision)
      Self.setLogSum(&logSum, lane, maximum)
      var value = BigFloat(precision: precision)
      // Upward: beside a large difference a tiny ln s is still there.
      if plan.operation == .logSoftmax {
        value.setDifference(BigFloat(maximum), BigFloat(lane[index]), .toNearestOrEven)
        value.formSum(logSum, .up)
        value.formNegation()
      } else {
        value.setSum(BigFloat(maximum), logSum, .up)
      }
      let nearest = F(rounding: value)
      guard y.isFinite else {
        if !y.isNaN, nearest.bitPattern == y.bitPattern {
          tally.overflows = (tally.overflows ?? 0) + 1
        } else {
          tally.mismatches += 1
          ExhaustiveTally.lower(&tally.firstMismatch, place)
        }
        return
      }
      tally.finitePairs += 1
      if y.isZero, y.isNegative { tally.negativeZeros += 1 }
      if y.exactDouble == nearest.exactDouble { tally.correctlyRounded += 1 }
      let (below, above) = (F(rounding: value, .down), F(rounding: value, .up))
      if [below, above].contains(where: { $0.exactDouble == y.exactDouble }) {
        tally.faithful += 1
      }
      var error = BigFloat(precision: precision + 200)
      error.setDifference(BigFloat(y.exactDouble), value, .toNearestOrEven)
      error.formAbsoluteValue()
      let quantum =
        max(value.exponent, F.format.minimumExponent) - (F.format.precision - 1)
      let figure = Self.figure(error, timesPowerOfTwo: -quantum)
      let isNormal = value.exponent >= F.format.minimumExponent
      let extremum = ExhaustiveTally.Extremum(figure: Figure(figure), place: place)
      if isNormal {
        ExhaustiveTally.raise(&tally.maxUlp, extremum)
      } else {
        ExhaustiveTally.raise(&tally.maxUlpSubnormal, extremum)
      }
      var yardstick = BigFloat(copying: value)
      yardstick.formAbsoluteValue()
      if yardstick.compare(1) < 0 { yardstick.assign(1, .toNearestOrEven) }
      if plan.operation == .logSumExp, yardstick.compare(logSum) < 0 {
        yardstick.assign(logSum, .toNearestOrEven)
      }
      error.formQuotient(yardstick, .toNearestOrEven)
      ExhaustiveTally.raise(
        &tally.maxScaled,
        .init(
          figure: Figure(Self.figure(error, timesPowerOfTwo: F.format.precision)), place: place))
    }

    private static func setLogSum(_ result: inout BigFloat, _ lane: [Double], _ maximum: Double) {
      var sum = BigFloat(precision: precision)
      sum.assign(0, .toNearestOrEven)
      var power = BigFloat(precision: precision)
      for logit in lane.sorted(by: <) where logit < maximum {
        var difference = BigFloat(precision: precision)
        difference.setDifference(BigFloat(logit), BigFloat(maximum), .toNearestOrEven)
        power.setExponential(difference, .toNearestOrEven)
        sum.formSum(power, .up)
      }
      let tied = lane.count { $0 == maximum }
      if tied > 1 { sum.formSum(BigFloat(Double(tied - 1)), .up) }
      result.setLogarithmOnePlus(sum, .up)
    }

    /// A number rounded up to 30 bits.
    private static func figure(
      _ value: borrowing BigFloat, timesPowerOfTwo exponent: Int
    ) -> Double {
      var rounded = BigFloat(precision: 30)
      rounded.assign(value, .up)
      rounded.formProduct(withPowerOfTwo: exponent)
      return rounded.isZero ? 0 : max(rounded.double(.up), 0x1p-1022)
    }
  }

  @Test("The filter gives what the arbiter alone gives, on threads, and together with others")
  func filterAndArbiter() async throws {
    let domain = try ExhaustiveDomain(.tuples, format: .float16, length: 2, limit: 64, step: 2)
    let lower = AuditedOperation.logSoftmax
    for (operation, name) in [(lower, "logsumexp-shifted/pairwise"), (.logSumExp, "max-trick")] {
      var one = try plan(name, of: operation, domain)
      let filtered = try await one.run(from: one.start)
      one.threads = 3
      var threaded = try await one.run(from: one.start)
      // How many outputs may raise a maximum depends on what a thread has seen.
      threaded.tally.arbitrated = filtered.tally.arbitrated
      #expect(threaded == filtered)
      one.threads = 1
      one.arbiterOnly = true
      var arbiter = try await one.run(from: one.start)
      #expect(arbiter.tally.arbitrated == arbiter.tally.elements)
      #expect(filtered.tally.arbitrated < 400)
      arbiter.tally.arbitrated = filtered.tally.arbitrated
      #expect(filtered == arbiter)
      var merged = one.start
      one.arbiterOnly = false
      for index in 1...3 {
        one.shard = try Shard(index: index, count: 3)
        try merged.merge(try await one.run(from: one.start))
      }
      merged.tally.arbitrated = filtered.tally.arbitrated
      #expect(merged == filtered)
    }
    let both = [
      try plan("logsumexp", of: .logSoftmax, domain), try plan("max-trick", of: .logSumExp, domain),
    ]
    #expect(!both[0].isJoinable(with: both[1]))
  }

  @Test("Differences say nothing of a logsumexp, which moves with its logits")
  func differences() throws {
    let domain = try ExhaustiveDomain(.differences, format: .float16, limit: 1)
    #expect(throws: UserError.self) { try plan("max-trick", of: .logSumExp, domain) }
    #expect(throws: Never.self) { try plan("max-trick", of: .logSoftmax, domain) }
  }

  /// A correct logsumexp but for one lane, whose output is some units too large.
  private struct FaultyAt: SoftmaxImplementation {
    let logits: [Double]
    let units: Int
    var name: String { "faulty" }
    var summary: String { "errs once" }
    var formats: [FloatFormat] { [.float16] }
    var operation: AuditedOperation { .logSumExp }

    func outputs<F: BinaryFloat, G: BinaryFloat>(
      for inputs: OperationInputs<F>, as output: G.Type
    ) throws -> Tensor<G> {
      let variant = try #require(
        SoftmaxVariant(named: "max-trick/sequential/float32", of: .logSumExp))
      var result = try BuiltInImplementation(variant).outputs(for: inputs, as: output)
      for lane in 0..<inputs.first.geometry.laneCount
      where inputs.first.lane(lane).map(\.exactDouble) == logits {
        let y = result.elements[lane]
        result.elements[lane] = G(bitPattern: y.bitPattern + G.BitPattern(units))
      }
      return result
    }
  }

  @Test("An output beyond the tolerance is found, and so is one that is within it")
  func oneFault() async throws {
    let domain = try ExhaustiveDomain(.tuples, format: .float16, length: 2, limit: 8, step: 0.125)
    let sound = try plan("max-trick/sequential/float32", of: .logSumExp, domain)
    let before = try await sound.run(from: sound.start).tally
    for (units, isBeyond) in [(1, false), (9, true)] {
      let faulty = try Exhaustion(FaultyAt(logits: [3.125, -2.25], units: units), on: domain)
      let state = try await faulty.run(from: faulty.start)
      #expect(state.tally.correctlyRounded + 1 == before.correctlyRounded)
      let certificate = try ExhaustiveCertificate(faulty, state, isShard: false) { "lane \($0)" }
      #expect(certificate.operation == .logSumExp)
      #expect((certificate.beyondTolerance != nil) == isBeyond)
      guard isBeyond else { continue }
      let worst = try #require(certificate.worstScaled)
      #expect(worst.logits == ["0x1.9p+1", "-0x1.2p+1"] && worst.index == 0)
      // 3.13 has 2^-9 as its unit, and u |L| is 2^-11 times 3.13.
      let scaled = try #require(worst.scaled?.value)
      #expect(abs(scaled - Double(units) * 4 / 3.13) < 0.7)
      #expect(certificate.beyondTolerance?.lane == worst.lane)
    }
  }
}
