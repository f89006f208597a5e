import FloatFormats
import MultiPrecision
import Oracle
import TestSupport
import Testing

@testable import AuditRecords
@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Judging by the tolerances in use elsewhere")
struct ToleranceJudgementTests {
  private let oracle = SoftmaxOracle()

  /// Both judgements of one output; the interval's may be open.
  private func judge<G: BinaryFloat>(
    _ rule: ToleranceInUse.Rule, _ output: G, lane: some ExactLane, index: Int
  ) -> (interval: Acceptance, exact: Acceptance) {
    let intervals = MagnitudeIntervals(of: lane)
    let interval = IntervalJudgement(
      y: output.exactDouble, lower: intervals.lower[index], upper: intervals.upper[index],
      place: G.format.orderedIndex(of: output.exactDouble),
      lowerPlace: intervals.lowerPlaces[index],
      upperPlace: intervals.upperPlaces[index])
    let exact = ExactJudgement(
      y: output.exactDouble, lane: lane, index: index, oracle: oracle)
    let conditions = AcceptanceCondition.all(of: rule, length: lane.count)
    return (
      conditions.reduce(.rejected) { $0.or(interval.judge($1)) },
      conditions.reduce(.rejected) { $0.or(exact.judge($1)) }
    )
  }

  /// |y - p| against a + r p at 600 bits, from the definition of softmax; nil where that is too
  /// close to call.
  private func truth(
    _ y: Double, relative: Double, absolute: Double, logits: [Double], index: Int
  ) -> Bool? {
    var sum = BigFloat(precision: 600)
    sum.assign(0, .toNearestOrEven)
    var own = BigFloat(precision: 600)
    for (place, logit) in logits.enumerated() where logit > -.infinity {
      var term = BigFloat(precision: 600)
      term.setExponential(BigFloat(logit), .toNearestOrEven)
      sum.formSum(term, .toNearestOrEven)
      if place == index { own.assign(term, .toNearestOrEven) }
    }
    if logits[index] == -.infinity { own.assign(0, .toNearestOrEven) }
    own.formQuotient(sum, .toNearestOrEven)
    var distance = BigFloat(precision: 600)
    distance.setDifference(BigFloat(y), own, .toNearestOrEven)
    distance.formAbsoluteValue()
    own.formProduct(BigFloat(relative), .toNearestOrEven)
    own.formSum(BigFloat(absolute), .toNearestOrEven)
    distance.formDifference(own, .toNearestOrEven)
    guard abs(distance.double(.toNearestOrEven)) > 0x1p-400 else { return nil }
    return distance.isNegative
  }

  @Test(
    "At the edges of every additive tolerance both judgements are right",
    arguments: FloatFormat.allCases)
  func edges(format: FloatFormat) throws {
    try format.open(Edges(suite: self))
  }

  private struct Edges: FormatGenericWork {
    let suite: ToleranceJudgementTests

    func run<F: BinaryFloat>(_ format: F.Type) throws {
      let oracle = SoftmaxOracle()
      var open = 0
      for family in ["normal-4", "llm-peaked", "masked", "constant"] {
        guard let family = LogitFamily.all.first(where: { $0.name == family }) else { continue }
        let logits: [F] = family.lane(seed: 7, length: 9, sample: 1)
        let exact = logits.map(\.exactDouble)
        let filtered = FilteredLane(EncodedLane(logits), in: F.format, oracle: oracle)
        let located = oracle.softmax(of: logits, in: F.format)
        for tolerance in ToleranceInUse.all {
          guard case .close(let relative, let absolute) = tolerance.rule(F.format) else { continue }
          for index in logits.indices {
            let p = filtered.value(at: index).approximate
            let distance = absolute + relative * p
            for edge in [p + distance, p - distance, p] {
              for step in Int64(-2)...2 {
                let output = F(orderedIndex: F(rounding: edge).orderedIndex + step)
                guard
                  let isClose = suite.truth(
                    output.exactDouble, relative: relative, absolute: absolute, logits: exact,
                    index: index)
                else { continue }
                let expected: Acceptance = isClose ? .accepted : .rejected
                let name =
                  "\(tolerance.name), \(output.hexText) for \(logits.map(\.hexText)) at \(index)"
                for result in [
                  suite.judge(
                    .close(relative: relative, absolute: absolute), output, lane: filtered,
                    index: index),
                  suite.judge(
                    .close(relative: relative, absolute: absolute), output, lane: located,
                    index: index),
                ] {
                  #expect(result.exact == expected, "\(name)")
                  #expect(result.interval == expected || result.interval == .open, "\(name)")
                  if result.interval == .open { open += 1 }
                }
              }
            }
          }
        }
      }
      // Some edges are too fine for an interval, or the exact judgement would be there for nothing.
      if F.format == .float64 { #expect(open > 0) }
    }
  }

  @Test("Equality, which only rational probabilities reach, is decided exactly")
  func equality() {
    // p = 1/8; 1/8 + 2^-12 + 2^-10/8 is a float.
    let lane = oracle.softmax(of: [Float](repeating: 3, count: 8), in: .float32)
    let edge = Float(0.125 + 0x1p-12 + 0x1p-13)
    let rule = ToleranceInUse.Rule.close(relative: 0x1p-10, absolute: 0x1p-12)
    #expect(judge(rule, edge, lane: lane, index: 0).exact == .accepted)
    #expect(
      judge(rule, Float(orderedIndex: edge.orderedIndex + 1), lane: lane, index: 0).exact
        == .rejected)
    let strict = ToleranceInUse.Rule.strictlyWithin(0x1p-12)
    let near = Float(0.125 + 0x1p-12)
    #expect(judge(strict, near, lane: lane, index: 0).exact == .rejected)
    #expect(
      judge(strict, Float(orderedIndex: near.orderedIndex - 1), lane: lane, index: 0).exact
        == .accepted)
    for output in [edge, near] {
      for rule in [rule, strict] {
        let result = judge(rule, output, lane: lane, index: 0)
        #expect(result.interval == .open || result.interval == result.exact)
      }
    }
    // 1/3 of a lane of 3, where no float is a third.
    let thirds = oracle.softmax(of: [Float](repeating: 3, count: 3), in: .float32)
    #expect(
      judge(.close(relative: 0, absolute: 0), Float(1) / 3, lane: thirds, index: 0).exact
        == .rejected)
    #expect(judge(.nearest, Float(1) / 3, lane: thirds, index: 0).exact == .accepted)
  }

  @Test("A masked element is 0, from which only an absolute tolerance allows a distance")
  func masked() {
    let lane = oracle.softmax(of: [0, -.infinity] as [Float], in: .float32)
    let rule = ToleranceInUse.Rule.close(relative: 0.5, absolute: 1e-5)
    for (output, expected) in [
      (Float(0), Acceptance.accepted), (9e-6, .accepted), (-9e-6, .accepted), (2e-5, .rejected),
    ] {
      #expect(judge(rule, output, lane: lane, index: 1).exact == expected)
      #expect(judge(rule, output, lane: lane, index: 1).interval == expected)
    }
  }

  @Test("WebNN counts numbers of the format from the correctly rounded one, 3 n + 3 of them")
  func places() throws {
    let lane = oracle.softmax(of: [0, 1, 2] as [Float], in: .float32)
    let right = lane.value(at: 1).correctlyRounded(Float.self)
    for (distance, expected) in [
      (Int64(12), Acceptance.accepted), (-12, .accepted), (13, .rejected), (-13, .rejected),
    ] {
      let output = Float(orderedIndex: right.orderedIndex + distance)
      let result = judge(.places(each: 3, more: 3), output, lane: lane, index: 1)
      #expect(result.exact == expected)
      #expect(result.interval == expected)
    }
  }

  @Test("benchdnn changes its rule at p = 1e-5, and takes anything within 2^-23")
  func benchdnn() throws {
    let rule = try #require(
      ToleranceInUse.all.first { $0.name == "oneDNN benchdnn" }?.rule(.float32))
    // p is about 0.99998 and 1.7e-5, or 4.5e-5 and 2e-9.
    let lane = oracle.softmax(of: [0, -11, -20] as [Float], in: .float32)
    let small = lane.value(at: 1).approximate
    let tiny = lane.value(at: 2).approximate
    func outcome(_ value: Double, _ index: Int) -> Acceptance {
      judge(rule, Float(value), lane: lane, index: index).exact
    }
    #expect(outcome(small * (1 + 1e-6), 1) == .accepted)
    #expect(outcome(small + 0x1p-24, 1) == .accepted)
    #expect(outcome(small + 0x1p-22, 1) == .rejected)
    #expect(outcome(tiny + 0x1p-22, 2) == .accepted)
    #expect(outcome(tiny + 0x1p-18, 2) == .rejected)
  }
}
