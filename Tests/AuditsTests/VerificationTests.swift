import FloatFormats
import Oracle
import SoftmaxVariants
import TestSupport
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
            settings: MeasurementSettings(declaredModel: DeclaredModel(model)),
            threads: threads, tier: tier
          ).run()
          #expect(row == expected)
        }
      }
    }
  }

  @Test(
    "The largest part of the default tolerance is that of all bounds, wherever its lane is",
    arguments: [0, 211, 399])
  func defaultTolerance(worst: Int) async throws {
    // More than one chunk: what is known of the lanes before decides which bounds are evaluated.
    let (samples, length) = (400, 300)
    let family = try LogitFamily.named("normal-4")
    let exact = try BuiltInImplementation(#require(SoftmaxVariant(named: "max-trick/compensated")))
    let geometry = try LaneGeometry(shape: [samples, length], axis: 1)
    let logits = Tensor(
      geometry: geometry,
      elements: (0..<samples).flatMap {
        family.lane(seed: 3, length: length, sample: $0, as: Float.self)
      })
    var outputs = try exact.softmax(logits, as: Float.self)
    for lane in 0..<samples {
      // Errors grow from lane to lane, that of the worst lane most.
      let factor = 1 + Float(lane == worst ? 3 * samples : lane) * 0x1p-27
      for place in geometry.places(ofLane: lane) { outputs.elements[place] *= factor }
    }
    let pair = try Verification.Pair(
      family: family.name, logits: Source(tensor: logits), probabilities: Source(tensor: outputs),
      axis: 1)
    let judge = LaneJudge(nil, input: .float32, output: .float32, settings: .init())
    var expected = AccuracyStatistics()
    var measurement = LaneMeasurement(oracle: SoftmaxOracle())
    let oracle = SoftmaxOracle()
    for lane in stride(from: worst % 20, to: samples, by: 20) {
      let promise = try judge.promise(on: LaneProfile(logits.lane(lane)))
      measurement.measure(
        outputs.lane(lane), lane: lane,
        reference: oracle.softmax(of: logits.lane(lane), in: .float32), policy: .nanSomewhere,
        promise: promise, into: &expected)
    }
    #expect(expected.maxRatio.location?.lane == worst)
    for threads in [1, 2] {
      let row = try await Verification(
        pair, implementation: "saved", settings: .init(), threads: threads
      ).run()
      #expect(row.bound?.maxRatio?.value == expected.maxRatio.figure)
      #expect(row.bound?.worst?.sample == worst)
      #expect(row.bound?.worst?.index == expected.maxRatio.location?.index)
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
