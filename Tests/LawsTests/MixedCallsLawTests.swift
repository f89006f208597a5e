import AuditRecords
import FloatFormats
import SoftmaxVariants
import Synchronization
import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of mixed calls")
struct MixedCallsLawTests {
  @Test("Outputs that depend on the format of the call before are found")
  func otherFormats() async throws {
    let seen = Mutex(false)
    let choosing = AlteredSoftmax { call, outputs in
      let isLate = seen.withLock { seen in
        defer { seen = seen || call.format == .float64 }
        return seen
      }
      if isLate, !outputs.isEmpty { outputs[0] *= 1 - 0x1p-22 }
    }
    try await expect(.mixedCalls, finds: choosing)
  }

  @Test("A plan that is looked up by the number of elements is found")
  func otherShapes() async throws {
    let plans = Mutex<[Int: LaneGeometry]>([:])
    let planning = AlteredSoftmax { call, outputs in
      let plan = plans.withLock { plans in
        let plan = plans[outputs.count] ?? call.geometry
        plans[outputs.count] = plan
        return plan
      }
      // Lanes as they lay in the first call of the size.
      if plan != call.geometry { outputs.reverse() }
    }
    try await expect(.mixedCalls, finds: planning)
  }

  @Test("Forms of a gradient of stored probabilities, which are no round numbers, keep it")
  func storedProbabilities() async throws {
    let forms = BuiltInImplementation.all(of: .softmaxBackward)
      .filter { $0.name.hasSuffix("/pairwise") }
    let plan = CheckPlan(
      implementations: forms, formats: [.float16, .float32], laws: [.mixedCalls], effort: 0.05)
    let rows = try await Check(plan).run()
    #expect(rows.count == 2 * forms.count)
    #expect(rows.allSatisfy { $0.verdict == .passed }, "\(rows.compactMap(\.reason))")
  }

  /// The numbers that a result may be looked up by, and none of which tells all logits.
  private static let keys: [String: @Sendable ([Double]) -> [Double]] = [
    "both ends": { [$0.first, $0.last].compactMap { $0 } },
    "all but the last": { $0.dropLast() },
    "all but the first": { Array($0.dropFirst()) },
    "the total": { [$0.reduce(0, +)] },
    "the largest and the least": { [$0.max(), $0.min()].compactMap { $0 } },
    "the set": { $0.sorted() },
  ]

  @Test(
    "A result that is looked up by less than all logits is found", arguments: keys.keys.sorted())
  func someLogits(name: String) async throws {
    struct Kept {
      var geometry: LaneGeometry
      var key: [Double]
      var outputs: [Double]
    }
    let key = try #require(Self.keys[name])
    let kept = Mutex<Kept?>(nil)
    let forgetful = AlteredSoftmax { call, outputs in
      let right = outputs
      outputs = kept.withLock { kept in
        if let kept, kept.geometry == call.geometry, kept.key == key(call.logits) {
          return kept.outputs
        }
        kept = Kept(geometry: call.geometry, key: key(call.logits), outputs: right)
        return right
      }
    }
    try await expect(.mixedCalls, finds: forgetful)
  }

  @Test("Read the same logits along other axes and in other shapes, each once")
  func otherReadings() throws {
    let input = LawCase(
      geometry: try LaneGeometry(shape: [3, 4], axis: 1), logits: (0..<12).map(Double.init))
    let readings = input.otherReadings
    #expect(Set(readings.map(\.geometry)).count == readings.count)
    #expect(readings.allSatisfy { $0.logits == input.logits && $0.geometry != input.geometry })
    #expect(readings.contains { $0.geometry.shape == [3, 4] && $0.geometry.axis == 0 })
    #expect(readings.contains { $0.geometry.length == 12 })
  }
}
