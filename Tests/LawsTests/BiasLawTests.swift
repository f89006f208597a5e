import FloatFormats
import PropertyTesting
import RealModule
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The law of bias")
struct BiasLawTests {
  @Test("Outputs that are all one ulp too small are within every bound and are found")
  func truncation() async throws {
    let truncated = AlteredSoftmax { _, outputs in
      for index in outputs.indices {
        let bits = Float(outputs[index]).bitPattern
        outputs[index] = Double(Float(bitPattern: max(bits, 1) - 1))
      }
    }
    try await expect(.noBias, finds: truncated)
    #expect(try await row(of: .componentwiseError, on: truncated).verdict == .passed)
  }

  @Test(
    "Where one logit dominates, quotients of float32 lie everywhere between two floats",
    arguments: [1, 2, 3] as [UInt64])
  func quotients(seed: UInt64) {
    // The place of 1/s between two floats below 1, in eighths; sums just above 1 have all of
    // their quotients just past a float.
    var places = [Int](repeating: 0, count: 8)
    var lanes = 0
    for input in Law.noBias.cases(.float32).samples(40, seed: seed) {
      for number in 0..<input.laneCount {
        let lane = input.lane(number)
        guard lane.max() == 0, lane.allSatisfy({ $0 == 0 || $0 < -4 }) else { continue }
        let sum = Float(lane.reduce(0) { $0 + Double.exp($1) })
        let quotient = 0x1p24 / Double(sum)
        places[Int((quotient - quotient.rounded(.down)) * 8)] += 1
        lanes += 1
      }
    }
    #expect(lanes > 1000)
    for place in places { #expect(8 * place > lanes / 2 && 8 * place < 2 * lanes, "\(places)") }
  }
}
