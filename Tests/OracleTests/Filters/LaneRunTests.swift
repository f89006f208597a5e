import CLaneKernels
import FloatFormats
import LogitFamilies
import Testing

@testable import Oracle

@Suite("Runs of short lanes")
struct LaneRunTests {
  private static let lengths = [1, 2, 3, 7, 8, 9, 31, 32, 33, 64, 100, 257, LaneRun.greatestLength]

  /// Compares the probabilities of runs with those of lanes by themselves.
  private struct Comparison: FormatGenericWork {
    func run<F: BinaryFloat>(_ type: F.Type) throws {
      let oracle = SoftmaxOracle()
      let families = LogitFamily.all.filter { $0.applies(to: F.format) }
      for length in LaneRunTests.lengths {
        let logits = (0..<40).map { number -> [F] in
          families[number % families.count].lane(seed: 3, length: length, sample: number)
        }
        let row = EncodedLanes(logits)
        for level in KernelLevel.available {
          var next = 0
          while next < row.count {
            let lane = FilteredLane(row[next], in: F.format, oracle: oracle, level: level)
            guard
              let run = LaneRun(
                from: next, of: row, in: F.format, oracle: oracle, level: Int32(level.rawValue))
            else {
              #expect(!lane.isFiltered, "\(length) \(level.name) \(next)")
              next += 1
              continue
            }
            for number in run.lanes {
              let lane = FilteredLane(row[number], in: F.format, oracle: oracle, level: level)
              #expect(lane.isFiltered)
              for tier in lane.tiers { compare(run, number, lane, tier) }
              #expect(run.topQuantumFloor(of: number) == lane.topQuantumFloor)
              #expect(run.maximum(of: number) == lane.maximum)
              #expect(abs(run.massBelowMaximum(of: number) - lane.massBelowMaximum) <= 0x1p-40)
            }
            next = run.lanes.upperBound
          }
        }
      }
    }

    /// Compares what the kernels get: the same numbers, and a bound that is no less.
    private func compare(_ run: LaneRun, _ number: Int, _ lane: FilteredLane, _ tier: FilterTier) {
      var own: [(high: Double, low: Double)] = []
      var bound = 0.0
      func look(_ reference: UnsafePointer<lane_reference>) -> [(high: Double, low: Double)] {
        let reference = reference.pointee
        return (0..<lane.count).map {
          (reference.high[$0] * reference.factor, reference.low?[$0] ?? 0)
        }
      }
      func take(_ reference: UnsafePointer<lane_reference>) {
        own = look(reference)
        bound = reference.pointee.relative_error
      }
      switch tier {
      case .single: lane.withSingles(take)
      case .pair: lane.withPairs(take)
      }
      run.withReference(tier, of: number..<number + 1) { reference in
        #expect(look(reference).elementsEqual(own, by: ==), "\(lane.count) \(number) \(tier)")
        // The bound is that of all lanes of the run.
        #expect(reference.pointee.relative_error >= bound)
      }
      run.withReference(tier, of: run.lanes) { reference in
        #expect(reference.pointee.relative_error >= bound)
        let start = (number - run.lanes.lowerBound) * lane.count
        #expect(reference.pointee.high[start] * reference.pointee.factor == own[0].high)
      }
    }
  }

  @Test(
    "The probabilities of a lane in a run are those of the lane by itself, bit for bit",
    arguments: FloatFormat.everyOne)
  func probabilities(format: FloatFormat) throws { try format.open(Comparison()) }

  @Test("A run ends where a lane is special or constant, and at its capacity")
  func ends() throws {
    let plain: [Float] = [1, 2, 3]
    let others: [[Float]] = [
      [.nan, 1, 2], [.infinity, 0, 1], [-.infinity, -.infinity, -.infinity], [2, 2, 2],
      [2, -.infinity, 2],
    ]
    let oracle = SoftmaxOracle()
    func run(_ lanes: [[Float]], from first: Int) -> Range<Int>? {
      LaneRun(
        from: first, of: EncodedLanes(lanes), in: .float32, oracle: oracle, level: 0)?.lanes
    }
    for other in others {
      #expect(run([plain, plain, other, plain], from: 0) == 0..<2)
      #expect(run([plain, plain, other, plain], from: 2) == nil)
      #expect(run([plain, plain, other, plain], from: 3) == 3..<4)
    }
    #expect(run([plain, [1, -.infinity, 2]], from: 0) == 0..<2)
    let most = LaneRun.capacity / 3
    #expect(run(Array(repeating: plain, count: most + 5), from: 0) == 0..<most)
    let long = Array(repeating: Float(1), count: LaneRun.greatestLength) + [2]
    #expect(run([long], from: 0) == nil)
    #expect(run([Array(long.dropFirst())], from: 0) == 0..<1)
    #expect(run([[]], from: 0) == nil)
  }

  @Test("Outputs are added up as far as none has a mismatch, and close to exactly")
  func sums() throws {
    let logits: [[Double]] = [
      [0, 1, 2, 3, 4], [0, 1, -.infinity, 3, 4], [4, 3, 2, 1, 0], [0, 1, 2, 3, 5],
    ]
    // 2^-60 is lost in a sum in binary64.
    let good: [Double] = [1, 0x1p-60, 0x1p-60, 0, 0]
    let masked: [Double] = [1, 0, -0.0, 0x1p-60, 0]
    let oracle = SoftmaxOracle()
    let run = try #require(
      LaneRun(from: 0, of: EncodedLanes(logits), in: .float64, oracle: oracle, level: 0))
    #expect(run.lanes == 0..<4)
    var sums = [lane_pair](repeating: lane_pair(), count: 4)
    func add(_ outputs: [[Double]], from first: Int = 0) -> Range<Int> {
      sums.withUnsafeMutableBufferPointer {
        run.add(EncodedLanes(outputs), from: first, .pair, $0.baseAddress)
      }
    }
    #expect(add([good, masked, good, good]) == 0..<4)
    #expect(sums[0].high == 1 && sums[0].low == 0x1p-59)
    #expect(sums[1].high == 1 && sums[1].low == 0x1p-60)
    for bad in [Double.nan, .infinity, -1, -0x1p-1074] {
      var outputs = [good, masked, good, good]
      outputs[2][3] = bad
      #expect(add(outputs) == 0..<2)
      #expect(add(outputs, from: 2) == 2..<2)
      #expect(add(outputs, from: 3) == 3..<4)
    }
    // The output of a logit of -inf is not 0.
    #expect(add([good, good, good, good]) == 0..<1)
  }
}
