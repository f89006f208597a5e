import FloatFormats
import Oracle
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import Basics
@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Verification of saved outputs")
struct VerificationTests {
  /// A tensor in memory, read as if it were saved.
  private struct Source<F: BinaryFloat>: LaneSource {
    let tensor: Tensor<F>
    var shape: [Int] { tensor.geometry.shape }
    var format: FloatFormat { F.format }

    func lane<G: BinaryFloat>(_ number: Int, of geometry: LaneGeometry, as type: G.Type) -> [G] {
      tensor.lane(number).map { G(bitPattern: G.BitPattern($0.bitPattern)) }
    }
  }

  @Test(
    "It has the figures of an audit of the same outputs, on any number of threads, in both tiers")
  func sameAsAudit() async throws {
    for tier in [OracleTier.filtered, .mpfr] {
      for name in ["normal-4", "special", "masked"] {
        let family = try #require(LogitFamily.all.first { $0.name == name })
        let model = try #require(SoftmaxVariant(named: "max-trick"))
        let (samples, length) = (40, 700)
        var plan = AuditPlan(
          implementations: [BuiltInImplementation(model)],
          cells: [
            .init(
              format: .float32, source: .family(family, length: length, samples: samples))
          ])
        plan.oracleTier = tier
        var expected = try await Audit(plan).run()[0]
        expected.nsPerElement = nil
        // What the figures of a page are drawn from is sampled by an audit alone.
        expected.sample = nil
        expected.specialOutputs = nil

        let geometry = try LaneGeometry(shape: [samples, length], axis: 1)
        let logits = Tensor(
          geometry: geometry,
          elements: (0..<samples).flatMap {
            family.lane(seed: plan.seed, length: length, sample: $0, as: Float.self)
          })
        let outputs = try BuiltInImplementation(model).softmax(logits, as: Float.self)
        let pair = try Verification.Pair(
          family: name, logits: Source(tensor: logits), probabilities: Source(tensor: outputs),
          axis: 1)
        for threads in [1, 3] {
          let row = try await Verification(
            pair, implementation: expected.implementation,
            settings: MeasurementSettings(declaredModel: model), threads: threads, tier: tier
          ).run()
          #expect(row == expected)
        }
      }
    }
  }

  @Test("Shapes that differ, and an axis that there is not, are refused")
  func refusals() throws {
    func source(_ shape: [Int]) throws -> Source<Float> {
      let geometry = try LaneGeometry(shape: shape, axis: 0)
      return Source(
        tensor: Tensor(
          geometry: geometry, elements: Array(repeating: 0, count: geometry.elementCount)))
    }
    #expect(
      throws: UserError(
        .malformedInput,
        "the logits x have the shape [2, 3], the probabilities [3, 2]; they must have the same")
    ) {
      _ = try Verification.Pair(
        family: "x", logits: source([2, 3]), probabilities: source([3, 2]), axis: 0)
    }
    #expect(throws: UserError.self) {
      _ = try Verification.Pair(
        family: "x", logits: source([2, 3]), probabilities: source([2, 3]), axis: 2)
    }
  }
}
