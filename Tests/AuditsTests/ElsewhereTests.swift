import FloatFormats
import Oracle
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import ErrorMeasurement
@testable import LogitFamilies

/// Gives the same number everywhere.
private struct ConstantOutput: SoftmaxImplementation {
  let value: Double
  var name: String { "constant-output" }
  var summary: String { "the same number everywhere" }
  var formats: [FloatFormat] { FloatFormat.allCases }

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    Tensor(
      geometry: inputs.first.geometry,
      elements: Array(repeating: G(rounding: value), count: inputs.first.geometry.elementCount))
  }
}

@Suite("Would it pass elsewhere?")
struct ElsewhereTests {
  private func row(
    _ implementation: any SoftmaxImplementation, _ family: String, _ format: FloatFormat,
    length: Int, samples: Int = 1, tier: OracleTier = .filtered, judges: Bool = true
  ) async throws -> AccuracyRow {
    let family = try #require(LogitFamily.all.first { $0.name == family })
    let model: SoftmaxVariant = try #require(SoftmaxVariant(named: "max-trick/pairwise/float32"))
    var plan = AuditPlan(
      implementations: [implementation],
      cells: [.init(format: format, source: .family(family, length: length, samples: samples))],
      settings: MeasurementSettings(
        declaredModel: DeclaredModel(model),
        judgesElsewhere: judges))
    plan.oracleTier = tier
    return try #require(try await Audit(plan).run().first)
  }

  private func accepting(_ row: AccuracyRow) -> [String] {
    (row.elsewhere ?? []).filter { $0.rejected + $0.undecided == 0 }.map(\.tolerance)
  }

  @Test("All zeros for a long uniform row pass what many trust, and fail here")
  func zeros() async throws {
    let zeros = ConstantOutput(value: 0)
    let long = try await row(zeros, "constant", .float32, length: 131_072)
    #expect(accepting(long) == ["torch.testing.assert_close", "onnxruntime tests"])
    #expect(long.isFailure)
    #expect((long.maxUlp?.value ?? 0) >= 0x1p23)
    // 1/1000 in bfloat16: within 2e-2 of anything, and within 1e-2.
    let short = try await row(zeros, "constant", .bfloat16, length: 1000)
    #expect(
      accepting(short) == [
        "onnxruntime tests", "JAX test_util", "TensorFlow assertAllCloseAccordingToType",
      ])
    #expect(short.isFailure)
    // 3 n + 3 numbers of float16 are all from 0 to 1 for n of 5119 and more.
    let half = try await row(zeros, "constant", .float16, length: 6000)
    #expect(accepting(half).contains("WebNN"))
    let shorter = try await row(zeros, "constant", .float16, length: 600)
    #expect(!accepting(shorter).contains("WebNN"))
  }

  @Test("A good softmax is accepted by all that ask for no more than its bound")
  func good() async throws {
    let good = BuiltInImplementation(try #require(SoftmaxVariant(named: "max-trick/pairwise")))
    let row = try await row(good, "normal-4", .float32, length: 128, samples: 4)
    #expect(!row.isFailure)
    #expect(row.elsewhere?.count == 9)
    #expect(row.elsewhere?.allSatisfy { $0.judged == 512 } == true)
    for name in ["torch.testing.assert_close", "numpy.allclose", "WebNN", "oneDNN benchdnn"] {
      #expect(accepting(row).contains(name), "\(name)")
    }
  }

  @Test("NaN is accepted by none, and lanes without a softmax are not judged")
  func specials() async throws {
    let nan = try await row(ConstantOutput(value: .nan), "normal-4", .float32, length: 8)
    #expect(nan.elsewhere?.allSatisfy { $0.rejected == 8 } == true)
    let special = try await row(
      ConstantOutput(value: .nan), "special", .float32, length: 8, samples: 4)
    #expect(special.elsewhere == nil)
  }

  @Test(
    "Both tiers count alike, and nobody is judged who did not ask", arguments: FloatFormat.allCases)
  func tiers(format: FloatFormat) async throws {
    for name in ["naive/sequential", "logsumexp/sequential"] {
      let variant = BuiltInImplementation(try #require(SoftmaxVariant(named: name)))
      for family in ["normal-4", "dust", "random-bits"] {
        let one = try await row(variant, family, format, length: 33, samples: 3)
        let other = try await row(variant, family, format, length: 33, samples: 3, tier: .mpfr)
        #expect(one.elsewhere == other.elsewhere)
        let silent = try await row(variant, family, format, length: 33, samples: 3, judges: false)
        #expect(silent.elsewhere == nil)
      }
    }
  }

  @Test("Every tolerance has a label of at most five characters and a name of its own")
  func names() {
    let all = ToleranceInUse.all
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(Set(all.map(\.label)).count == all.count)
    for tolerance in all {
      #expect(tolerance.label.count <= 5)
      #expect(FloatFormat.allCases.contains(where: tolerance.covers))
    }
  }

  @Test("A tolerance of one's own is judged by beside the others, at its edge too")
  func own() async throws {
    // Four equal logits: 1/4. Half of that is off by 1/8.
    for (absolute, rejected) in [(0.125, 0), (0x1.FFFFFFFFFFFFFp-4, 4), (0, 4)]
      as [(Double, UInt64)]
    {
      let own = OwnTolerance(relative: 0, absolute: absolute)
      var plan = AuditPlan(
        implementations: [ConstantOutput(value: 0.125)],
        cells: [
          .init(
            format: .float32,
            source: .tensor(
              name: "equal",
              .float32(
                Tensor(
                  geometry: try LaneGeometry(shape: [4], axis: 0), elements: [1, 1, 1, 1]))))
        ],
        settings: MeasurementSettings(judgesElsewhere: true))
      plan.settings.ownTolerance = own
      for tier in [OracleTier.filtered, .mpfr] {
        plan.oracleTier = tier
        let counts = try #require(try await Audit(plan).run().first?.elsewhere)
        let last = try #require(counts.last)
        #expect(last.tolerance == "your own, |y - p| <= \(absolute) + 0.0 p")
        #expect(last.judged == 4 && last.rejected == rejected && last.undecided == 0)
      }
    }
  }

  @Test(
    "That a format cannot keep a tolerance is said where half an ulp near 1/2 exceeds it, and only there"
  )
  func impossible() {
    // Half an ulp of bfloat16 from 1/2 to 1 is 2^-9.
    #expect(OwnTolerance(relative: 1e-5, absolute: 1e-5).impossibility(in: .bfloat16) != nil)
    #expect(OwnTolerance(relative: 0, absolute: 0x1p-9).impossibility(in: .bfloat16) == nil)
    #expect(OwnTolerance(relative: 0, absolute: 0x1.FFFFp-10).impossibility(in: .bfloat16) != nil)
    #expect(OwnTolerance(relative: 0x1p-8, absolute: 0).impossibility(in: .bfloat16) == nil)
    #expect(OwnTolerance(relative: 1e-5, absolute: 1e-5).impossibility(in: .float32) == nil)
    #expect(OwnTolerance(relative: 1e-9, absolute: 0).impossibility(in: .float32) != nil)
  }
}
