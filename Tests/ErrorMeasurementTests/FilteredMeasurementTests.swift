import FloatFormats
import Oracle
import SoftmaxVariants
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("The measurement through filters")
struct FilteredMeasurementTests {
  /// Whether a lane was sorted for the arbiter.
  private func isSorted(_ lane: FilteredLane) throws -> Bool {
    let inputs = try #require(
      Mirror(reflecting: lane).children.first { $0.label == "$__lazy_storage_$_inputs" })
    return !Mirror(reflecting: inputs.value).children.isEmpty
  }

  /// Sorting takes longer than the filter and the measurement together, and shows in no figure.
  @Test("Lanes that a filter decides are not sorted for the arbiter", arguments: [false, true])
  func sortedLanes(isJudged: Bool) throws {
    let family = try #require(LogitFamily.all.first { $0.name == "normal-4" })
    let variant = try #require(SoftmaxVariant(named: "max-trick/compensated"))
    let oracle = SoftmaxOracle()
    let (count, length) = (200, 100)
    let logits = (0..<count).map { sample -> [Float] in
      family.lane(seed: 5, length: length, sample: sample)
    }
    let outputs = EncodedLanes(
      logits.map { lane in
        var lane = lane
        lane.withUnsafeMutableBufferPointer { variant.evaluate($0) }
        return lane
      })
    let lanes = logits.map { FilteredLane(EncodedLane($0), in: .float32, oracle: oracle) }
    var measurement = FilteredMeasurement(
      lanes: FilteredLanes(LazyLanes(lanes)), oracle: oracle)
    let tolerance = DefaultTolerance(output: .float32, underflow: .gradual)
    let floor = try #require(tolerance.floor(ofLanesOfLength: length))
    let promises =
      isJudged
      ? LanePromises(lanes: count, floor: floor) { _ in .none }
      : LanePromises(Array(repeating: .none, count: count))
    let statistics = measurement.measure(outputs, policy: .nanSomewhere, promises: promises)
    #expect(statistics.elements == UInt64(count * length))
    #expect(try lanes.count { try isSorted($0) } == 0)
    #expect(lanes[0].inputs.outputCount == length)
    #expect(try isSorted(lanes[0]))
  }
}
