import FloatFormats
import MultiPrecision
import Oracle
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import LogitFamilies

@Suite("Blame: which stage makes the error")
struct BlameFinderTests {
  private func blames(
    _ names: [String], of operation: AuditedOperation = .softmax, _ family: String,
    _ format: FloatFormat, length: Int, samples: Int = 2, output: FloatFormat? = nil
  ) async throws -> [String: StageBlame] {
    let family = try #require(LogitFamily.all.first { $0.name == family })
    let implementations = try names.map {
      BuiltInImplementation(try #require(SoftmaxVariant(named: $0, of: operation)))
    }
    let plan = AuditPlan(
      implementations: implementations,
      cells: [.init(format: format, source: .family(family, length: length, samples: samples))],
      outputFormat: output, threads: 2)
    let rows = try await BlameFinder(plan).explain(Audit(plan).run())
    return Dictionary(
      uniqueKeysWithValues: rows.compactMap { row in
        row.leadingWitness?.blame.map { (row.implementation, $0) }
      })
  }

  @Test(
    "Followed through its stages, every variant gives the output that it gives",
    arguments: FloatFormat.allCases)
  func sameOutputs(format: FloatFormat) throws {
    try format.open(SameOutputs())
  }

  private struct SameOutputs: FormatGenericWork {
    func run<C: BinaryFloat>(_ format: C.Type) throws {
      let variants = [AuditedOperation.softmax, .logSoftmax, .logSumExp]
        .flatMap { SoftmaxVariant.all(of: $0) }
      for family in [
        "normal-4", "dust", "masked", "staircase-up", "random-bits", "subnormal-results",
      ] {
        guard let family = LogitFamily.all.first(where: { $0.name == family }),
          family.applies(to: C.format)
        else { continue }
        let lane: [C] = family.lane(seed: 3, length: 19, sample: 0)
        for variant in variants where variant.accumulation == nil {
          var outputs = lane
          outputs.withUnsafeMutableBufferPointer { variant.evaluate($0) }
          for index in variant.operation == .logSumExp ? [0] : [0, 7, 18] {
            let result = variant.trace(lane, at: index, output: C.self, StageTrace())
            #expect(
              C(rounding: result.computed).hexText == outputs[index].hexText,
              "\(variant.name) of \(variant.operation), \(family.name), element \(index)")
          }
        }
      }
    }
  }

  @Test("With all stages but one exact, only that one errs: one rounding is half an ulp at most")
  func oneStage() throws {
    // Equal logits: nothing errs but the division.
    let trace = StageTrace()
    let variant = try #require(SoftmaxVariant(named: "max-trick/sequential"))
    let result = variant.trace(
      [Float](repeating: 5, count: 3), at: 1, output: Float.self, trace)
    #expect(trace.stages == [.subtraction, .exponential, .sum, .division])
    var third = BigFloat(precision: 200)
    third.setQuotient(BigFloat(1), BigFloat(3), .toNearestOrEven)
    for alternative in result.alternatives {
      let distance = alternative.distance(from: third, unitExponent: -25)
      if alternative.stage == .division {
        #expect(abs(distance) < 1e-40)
      } else {
        // fl(1/3) = 1/3 + 2^-25/3.
        #expect(abs(distance - 1.0 / 3) < 1e-12)
      }
    }
  }

  @Test("A sequential sum of dust is to blame, a pairwise one is not")
  func sums() async throws {
    let found = try await blames(
      ["max-trick/sequential", "max-trick/pairwise"], "dust", .float32, length: 4096)
    let sequential = try #require(found["max-trick/sequential"])
    #expect(sequential.isOwn)
    #expect(sequential.parts.first?.stage == .sum)
    #expect(abs(sequential.parts[0].ulp) > 0.9 * abs(sequential.ulp.value))
    let pairwise = try #require(found["max-trick/pairwise"])
    #expect(abs(pairwise.parts.first { $0.stage == .sum }?.ulp ?? 1) < 1)
  }

  @Test("The offset is what logsumexp loses on logits far from 0")
  func offsets() async throws {
    let found = try await blames(
      ["logsumexp/pairwise"], "offset", .float32, length: 128, samples: 16)
    let blame = try #require(found["logsumexp/pairwise"])
    let first = try #require(blame.parts.first)
    #expect([.offset, .secondSubtraction].contains(first.stage), "\(blame)")
  }

  @Test(
    "Rounding to the output format is blamed where nothing else errs",
    arguments: [FloatFormat.float16, .bfloat16])
  func outputRounding(format: FloatFormat) async throws {
    let found = try await blames(
      ["max-trick/pairwise/float32"], "normal-4", format, length: 128)
    let blame = try #require(found["max-trick/pairwise/float32"])
    #expect(blame.parts.first?.stage == .outputRounding)
    #expect(abs(blame.ulp.value) <= 0.51)
  }

  @Test("With the logarithm alone exact a log-softmax of equal logits is -ln 3, as MPFR has it")
  func exactLogarithm() throws {
    let trace = StageTrace()
    let variant = try #require(
      SoftmaxVariant(named: "logsumexp-shifted/sequential", of: .logSoftmax))
    let result = variant.trace(
      [Float](repeating: 5, count: 3), at: 1, output: Float.self, trace)
    #expect(
      trace.stages == [.subtraction, .exponential, .sum, .logarithm, .secondSubtraction])
    var value = BigFloat(precision: 200)
    value.setLogarithm(BigFloat(3), .toNearestOrEven)
    value.formNegation()
    var error = BigFloat(precision: 200)
    error.setDifference(BigFloat(result.computed), value, .toNearestOrEven)
    let computed = error.double(.toNearestOrEven) * 0x1p23
    #expect(computed != 0)
    for alternative in result.alternatives {
      let distance = alternative.distance(from: value, unitExponent: -23)
      if alternative.stage == .logarithm {
        #expect(abs(distance) < 1e-30)
      } else {
        #expect(abs(distance - computed) < 1e-12, "\(alternative.stage)")
      }
    }
  }

  @Test("The sum of dust and the offset are to blame in logarithms as in softmaxes")
  func logarithms() async throws {
    let names = ["logsumexp-shifted/sequential", "logsumexp-shifted/pairwise"]
    let sums = try await blames(names, of: .logSoftmax, "dust", .float32, length: 4096)
    let sequential = try #require(sums[names[0]])
    #expect(sequential.isOwn && sequential.parts.first?.stage == .sum)
    #expect(abs(sequential.parts[0].ulp) > 0.9 * abs(sequential.ulp.value))
    let offset = try await blames(
      ["logsumexp/pairwise"], of: .logSoftmax, "offset", .float32, length: 128, samples: 16)
    #expect(offset["logsumexp/pairwise"]?.parts.first?.stage == .offset)
    let total = try await blames(
      ["max-trick/pairwise"], of: .logSumExp, "offset", .float32, length: 128, samples: 16)
    #expect(total["max-trick/pairwise"]?.parts.first?.stage == .offset)
  }

  @Test("The parts add up to the error but for products of errors")
  func additivity() async throws {
    for format in [FloatFormat.float32, .float64] {
      let names = SoftmaxVariant.all.filter { $0.accumulation == nil }.map(\.name)
      let found = try await blames(names, "normal-4", format, length: 128)
      #expect(found.count == names.count)
      for (name, blame) in found {
        let sum = blame.parts.reduce(0) { $0 + $1.ulp }
        #expect(abs(sum - blame.ulp.value) < 1e-2, "\(name) in \(format): \(blame)")
      }
    }
  }

  @Test("An overflow is named and not divided up")
  func overflow() throws {
    let variant = try #require(SoftmaxVariant(named: "naive/sequential"))
    let trace = StageTrace()
    _ = variant.trace([200, 0] as [Float], at: 0, output: Float.self, trace)
    #expect(trace.overflow == .exponential)
    let sums = StageTrace()
    _ = variant.trace([88.5, 88.5, 88.5] as [Float], at: 0, output: Float.self, sums)
    #expect(sums.overflow == .sum)
  }
}
