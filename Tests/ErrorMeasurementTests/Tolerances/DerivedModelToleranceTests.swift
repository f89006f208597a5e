import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle
import SoftmaxVariants
import TestSupport
import Testing

@testable import ErrorMeasurement

/// Built-in losses, gradients and Jacobians are judged by the bounds that they have.
@Suite("The bounds of built-in losses and gradients judge them")
struct DerivedModelToleranceTests {
  static let operations: [AuditedOperation] = [
    .crossEntropy, .softmaxVJP, .softmaxBackward, .logSoftmaxVJP, .crossEntropyVJP,
    .softmaxJacobian,
  ]

  private static func judge(
    _ implementation: BuiltInImplementation, _ format: FloatFormat = .float32,
    _ settings: MeasurementSettings = MeasurementSettings()
  ) -> LaneJudge {
    LaneJudge(implementation, input: format, output: format, settings: settings)
  }

  /// Lanes of an operation whose numbers are of every format.
  private static func lanes(_ operation: AuditedOperation) -> [OperationLane] {
    var random = SplitMix64(seed: 0x1055)
    return (0..<60).map { place in
      let length = [1, 2, 3, 5, 17, 32][place % 6]
      let spread = [2.0, 16, 60][place % 3]
      func number(_ size: Double) -> Double {
        (4 * random.uniform(-size, size)).rounded() / 4
      }
      let logits = (0..<length).map { _ in number(spread) }
      let upstream = (0..<length).map { _ in number(spread) }
      let target = Int64(random.next() % UInt64(length))
      let smoothing = [0, 0.125, 0.1][place % 3]
      switch operation.inputs {
      case [.logits, .upstream]:
        return OperationLane(
          operation, logits: DistinctLogits(exactly: logits), upstream: upstream)
      case [.probabilities, .upstream]:
        return OperationLane(
          operation, probabilities: logits.map { ($0.magnitude + 1) / 128 }, upstream: upstream)
      case [.logits, .targets]:
        return OperationLane(
          operation, logits: DistinctLogits(exactly: logits), target: target,
          CrossEntropyParameters(labelSmoothing: smoothing))
      default: return OperationLane(operation, exactly: logits)
      }
    }
  }

  @Test("Their judge is the model of their name, unless something else is asked for")
  func judges() throws {
    for operation in Self.operations {
      for implementation in BuiltInImplementation.all(of: operation) {
        let judge = Self.judge(implementation)
        #expect(judge.modelName == implementation.name && judge.excusesDomain)
        var none = MeasurementSettings()
        none.ignoresOwnModel = true
        var flush = MeasurementSettings()
        flush.underflow = .flush
        for settings in [none, flush] {
          #expect(
            Self.judge(implementation, .float32, settings).modelName
              == MeasurementJudging.undeclared)
        }
      }
    }
  }

  @Test(
    "A model that somebody declares judges others, and promises nothing where they may flush",
    arguments: operations)
  func declared(operation: AuditedOperation) throws {
    let name = try #require(BuiltInImplementation.all(of: operation).first).name
    let model = try #require(DeclaredModel(named: name, of: operation))
    var settings = MeasurementSettings(declaredModel: model)
    let lane = try #require(Self.lanes(operation).first)
    let judge = LaneJudge(
      nil, of: operation, input: .float32, output: .float32, settings: settings)
    #expect(judge.modelName == name && !judge.excusesDomain)
    #expect(try judge.promise(on: lane).bounds?.count == lane.outputCount)
    settings.underflow = .flush
    let flushing = LaneJudge(
      nil, of: operation, input: .float32, output: .float32, settings: settings)
    #expect(flushing.modelName == name)
    #expect(try flushing.promise(on: lane).isOutsideDomain)
    #expect(DeclaredModel(named: "magic", of: operation) == nil)
  }

  @Test(
    "What declares nothing is tolerated all that a built-in form may err", arguments: operations)
  func defaultIsWider(operation: AuditedOperation) throws {
    let lanes = Self.lanes(operation)
    for format in [FloatFormat.float16, .bfloat16, .float32, .float64] {
      let tolerance = DefaultTolerance(operation, output: format, underflow: .gradual)
      for implementation in BuiltInImplementation.all(of: operation) {
        let judge = Self.judge(implementation, format)
        var bounded = 0
        for lane in lanes {
          guard let bounds = try judge.promise(on: lane).bounds else { continue }
          bounded += 1
          let wide = try #require(tolerance.tolerance(of: lane)?.bounds)
          for (own, other) in zip(bounds, wide) {
            #expect(own <= other, "\(operation) \(implementation.name) in \(format)")
          }
        }
        #expect(2 * bounded > lanes.count)
      }
    }
  }
}
