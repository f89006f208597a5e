import FloatFormats
import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of masked runs")
struct MaskedRunsLawTests {
  @Test("A NaN behind 1024 masked logits is found")
  func maskedPrefix() throws {
    let poisoned = AlteredSoftmax.inEveryLane { logits, outputs in
      guard logits.count > 1024, logits[..<1024].allSatisfy({ $0 == -.infinity }) else { return }
      for index in outputs.indices { outputs[index] = .nan }
    }
    let lane = MaskedRun(place: .before, run: 1024, length: 1100).lane(.float32)
    try expect(.maskedRuns, finds: poisoned, on: LawCase(lane: lane))
  }

  @Test("Leave the other logits where they are, in each of four places")
  func places() {
    func masked(_ place: MaskedRun.Place) -> [Int] {
      let lane = MaskedRun(place: place, run: 3, length: 9).lane(.float32)
      return lane.indices.filter { lane[$0] == -.infinity }
    }
    #expect(masked(.before) == [0, 1, 2])
    #expect(masked(.behind) == [6, 7, 8])
    #expect(masked(.amid) == [3, 4, 5])
    #expect(masked(.around) == [0, 1, 2, 6, 7, 8])
  }

  @Test("Have runs of every power of two and its neighbours, and a logit that is left")
  func runs() {
    for exponent in 1...13 {
      for place in MaskedRun.Place.allCases {
        let runs = Set(MaskedRun.all.filter { $0.place == place }.map(\.run))
        let power = 1 << exponent
        #expect(runs.isSuperset(of: [power - 1, power, power + 1]), "\(place) \(exponent)")
      }
    }
    for mask in MaskedRun.all {
      #expect(mask.length >= mask.leastLength)
      #expect(mask.lane(.float16).contains { $0 > -.infinity })
    }
    #expect(MaskedRun.all.reduce(0) { $0 + $1.length } <= 2_000_000)
  }
}
