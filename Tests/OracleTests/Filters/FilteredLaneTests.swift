import FloatFormats
import MultiPrecision
import Oracle
import TestSupport
import Testing

@testable import AuditedOperations
@testable import LogitFamilies

@Suite("Filters of the oracle")
struct FilteredLaneTests {
  /// Every element of lanes of every family, with and without fused multiply-add.
  private struct Comparison: FormatGenericWork {
    let lengths: [Int]

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      let oracle = SoftmaxOracle()
      for family in LogitFamily.all where family.applies(to: F.format) {
        for length in lengths {
          let logits: [F] = family.lane(seed: 7, length: length, sample: 0)
          let lanes = [KernelLevel.portable, .best].map {
            FilteredLane(EncodedLane(logits), in: F.format, oracle: oracle, level: $0)
          }
          let sorted = DistinctLogits(of: logits)
          let isSpecial =
            sorted.hasNaN || sorted.infinityCount > 0 || (sorted.finiteCount == 0 && length > 0)
          for lane in lanes { #expect((lane.special != nil) == isSpecial) }
          guard !isSpecial, length > 0 else { continue }
          for index in logits.indices {
            let name = "\(family.name)/\(length)[\(index)]"
            if sorted.slots[index] == DistinctLogits.masked {
              for lane in lanes {
                if lane.hasSingles { #expect(lane.single(at: index).high == 0, "\(name)") }
                #expect(lane.pair(at: index).high == 0 && lane.value(at: index).isZero)
              }
              continue
            }
            guard
              let exact = oracle.enclosure(
                slot: Int(sorted.slots[index]), of: OperationLane(.softmax, sorted),
                relativeBits: 150)
            else {
              // So far below the maximum that MPFR's exponents end.
              for lane in lanes {
                #expect(lane.pair(at: index).isVanishing, "\(name) is undecided")
              }
              continue
            }
            for lane in lanes {
              if lane.hasSingles { check(lane.single(at: index), 0, exact, name) }
              check(lane.pair(at: index), -512, exact, name)
            }
          }
        }
      }
    }

    private func check(
      _ estimate: FilteredLane.Estimate, _ scale: Int, _ exact: borrowing Enclosure, _ name: String
    ) {
      var value = BigFloat(precision: 300)
      value.setSum(BigFloat(estimate.high), BigFloat(estimate.low), .toNearestOrEven)
      value.formProduct(withPowerOfTwo: scale)
      if estimate.isVanishing {
        // An upper bound, up to the error of the exponential at the kernel's floor.
        value.formProduct(BigFloat(1 + 0x1p-40), .up)
        #expect(value.compare(exact.upper) >= 0, "\(name) vanishes")
        return
      }
      var error = BigFloat(precision: 300)
      error.setDifference(value, exact.lower, .awayFromZero)
      error.formQuotient(exact.lower, .awayFromZero)
      let relative = abs(error.double(.awayFromZero))
      #expect(relative <= estimate.relativeError, "\(name): \(relative) is beyond the bound")
    }
  }

  @Test("Every estimate is within its bound of the exact value", arguments: FloatFormat.allCases)
  func bounds(format: FloatFormat) throws {
    try format.open(Comparison(lengths: [1, 2, 17, 300]))
  }

  /// Every family, rounded by filters to every format and by MPFR alone.
  private struct RoundingComparison: FormatGenericWork {
    func run<F: BinaryFloat>(_ type: F.Type) throws {
      for format in FloatFormat.allCases { try format.open(To<F>()) }
    }

    struct To<F: BinaryFloat>: FormatGenericWork {
      func run<G: BinaryFloat>(_ type: G.Type) throws {
        let oracle = SoftmaxOracle()
        for family in LogitFamily.all where family.applies(to: F.format) {
          for length in [0, 1, 2, 17, 130] {
            let logits: [F] = family.lane(seed: 11, length: length, sample: 0)
            let exact = oracle.softmax(of: logits, in: G.format)
            guard exact.special == nil else { continue }
            for level in [KernelLevel.portable, .best] {
              let lane = FilteredLane(
                EncodedLane(logits), in: G.format, oracle: oracle, level: level)
              var outputs = [G](repeating: .nan, count: length)
              let undecided = outputs.withUnsafeMutableBufferPointer { lane.roundCorrectly(to: $0) }
              #expect(undecided == nil)
              for index in logits.indices {
                let wanted: G = exact.value(at: index).correctlyRounded()
                #expect(
                  outputs[index].bitPattern == wanted.bitPattern,
                  "\(family.name)/\(length)[\(index)] in \(G.format)")
              }
            }
          }
        }
      }
    }
  }

  @Test("Filters and MPFR round to the same numbers", arguments: FloatFormat.allCases)
  func roundings(format: FloatFormat) throws { try format.open(RoundingComparison()) }

  /// The bits of every estimate.
  private struct Bits: FormatGenericWork {
    let level: KernelLevel

    func run<F: BinaryFloat>(_ type: F.Type) -> [UInt64] {
      let oracle = SoftmaxOracle()
      var bits: [UInt64] = []
      for family in LogitFamily.all where family.applies(to: F.format) {
        for length in [1, 2, 9, 31, 257, 600] {
          let logits: [F] = family.lane(seed: 3, length: length, sample: 0)
          let lane = FilteredLane(
            EncodedLane(logits), in: F.format, oracle: oracle, level: level)
          guard lane.special == nil else { continue }
          for index in logits.indices {
            if lane.hasSingles { bits.append(lane.single(at: index).high.bitPattern) }
            bits.append(lane.pair(at: index).high.bitPattern)
            bits.append(lane.pair(at: index).low.bitPattern)
          }
        }
      }
      return bits
    }
  }

  @Test(
    "All dispatch levels with fused multiply-add give the same bits",
    arguments: FloatFormat.allCases)
  func levels(format: FloatFormat) throws {
    let levels = KernelLevel.available.filter(\.isFused)
    guard let first = levels.first else { return }
    let expected = try format.open(Bits(level: first))
    for level in levels.dropFirst() {
      let same = try format.open(Bits(level: level)) == expected
      #expect(same, "\(level.name)")
    }
  }

  @Test("Encoded lanes read back as the numbers they were")
  func encodedLanes() {
    func check<F: BinaryFloat>(_ type: F.Type, _ random: inout SplitMix64) {
      let values = (0..<300).map { _ in
        F(bitPattern: F.BitPattern(truncatingIfNeeded: random.next()))
      }.filter { !$0.isNaN }
      let lane = EncodedLane(values)
      #expect(lane.values == values.map(\.exactDouble) && lane.count == values.count)
    }
    var random = SplitMix64(seed: 1)
    check(Float16.self, &random)
    check(BFloat16.self, &random)
    check(Float.self, &random)
    check(Double.self, &random)
  }

  @Test("The kernels read every 16-bit number as it is")
  func halves() {
    let oracle = SoftmaxOracle()
    func check<F: BinaryFloat>(_ type: F.Type) {
      // The number itself is the maximum that the kernel finds: in a vector, and among the last
      // elements of a lane.
      for level in KernelLevel.available {
        for bits in stride(from: 0, through: UInt16.max, by: 1) {
          let x = F(bitPattern: F.BitPattern(bits))
          guard x.isFinite else { continue }
          for length in [8, 2] {
            var logits = Array(repeating: -F.infinity, count: length)
            logits[Int(bits) % length] = x
            let lane = FilteredLane(
              EncodedLane(logits), in: .float32, oracle: oracle, level: level)
            if lane.maximum != x.exactDouble || lane.special != nil {
              Issue.record("\(x.hexText) \(level.name)")
            }
          }
        }
        for special in [F.infinity, F.nan] {
          let lane = FilteredLane(
            EncodedLane(Array(repeating: F.one, count: 7) + [special]), in: .float32,
            oracle: oracle, level: level)
          #expect(lane.special == (special.isNaN ? .holdsNaN : .holdsInfinity), "\(level.name)")
        }
      }
    }
    check(Float16.self)
    check(BFloat16.self)
  }
}
