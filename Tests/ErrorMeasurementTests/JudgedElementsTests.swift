import CLaneKernels
import FloatFormats
import Oracle
import TestSupport
import Testing

@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Elements that the kernels judge")
struct JudgedElementsTests {
  /// One lane of a family with outputs near its softmax and some far from it, for one tier at one
  /// dispatch level.
  private struct Judged {
    let lane: FilteredLane
    let outputs: EncodedLane
    let tier: FilterTier
    let level: KernelLevel
    let name: String

    func withReference(
      _ body: (UnsafePointer<lane_reference>, Int32, UnsafeRawPointer?) -> Void
    ) {
      lane.withComparison(tier, outputs) {
        body($0.reference, outputs.format.kernelCode, $0.outputs)
      }
    }

    var elements: [lane_element] {
      var elements = [lane_element](repeating: lane_element(), count: outputs.count)
      withReference { reference, code, bytes in
        lane_judge(reference, code, bytes, 0, outputs.count, &elements)
      }
      return elements
    }
  }

  /// Calls a function with lanes of all families that have a softmax.
  private struct Lanes: FormatGenericWork {
    let lengths: [Int]
    let check: (Judged, inout SplitMix64) throws -> Void

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      let oracle = SoftmaxOracle()
      var random = SplitMix64(seed: 11)
      for family in LogitFamily.all where family.applies(to: F.format) {
        for length in lengths {
          let logits: [F] = family.lane(seed: 5, length: length, sample: 0)
          for level in KernelLevel.available {
            let lane = FilteredLane(
              EncodedLane(logits), in: F.format, oracle: oracle, level: level)
            guard lane.special == nil, length > 0 else { continue }
            let outputs = logits.indices.map { index -> F in
              let nearest = lane.value(at: index).correctlyRounded(F.self)
              return switch Int.random(in: 0..<8, using: &random) {
              case 0: F.zero
              case 1: F.randomNonnegative(&random)
              case 2: nearest.moved(by: Int64.random(in: -9...9, using: &random))
              default: nearest.moved(by: Int64.random(in: -1...1, using: &random))
              }
            }
            for tier in lane.hasSingles ? [FilterTier.single, .pair] : [.pair] {
              let judged = Judged(
                lane: lane, outputs: EncodedLane(outputs), tier: tier, level: level,
                name: "\(family.name)/\(length) \(level.name) \(tier)")
              try check(judged, &random)
            }
          }
        }
      }
    }
  }

  @Test(
    "The error that MPFR finds lies between the bounds of a judged element",
    arguments: FloatFormat.allCases)
  func bounds(format: FloatFormat) throws {
    try format.open(
      Lanes(lengths: [1, 2, 33, 300]) { judged, _ in
        for (index, element) in judged.elements.enumerated()
        where Int(element.kind) >= LANE_ELEMENT_NORMAL {
          let exact = judged.lane.arbiter.value(at: index)
          let y = judged.outputs[index]
          let error = UlpError(of: y, against: exact)
          let name = "\(judged.name)[\(index)] = \(y.hexText)"
          #expect(element.least_ulps <= error.magnitudeUpperBound * (1 + 0x1p-50), "\(name)")
          let least = error.astronomical ?? Double(error.lower) * 0x1p-64
          #expect(element.ulps >= least * (1 - 0x1p-50), "\(name)")
          #expect((Int(element.kind) == LANE_ELEMENT_NORMAL) == exact.isNormal, "\(name)")
          #expect(Int(element.quantum) == Int(exact.quantumExponent) + judged.tier.scale, "\(name)")
        }
      })
  }

  @Test(
    "A search finds every element whose bound reaches the limit, in order and once",
    arguments: FloatFormat.allCases)
  func search(format: FloatFormat) throws {
    try format.open(
      Lanes(lengths: [1, 7, 33, 300, 600]) { judged, random in
        let elements = judged.elements.map { Int($0.kind) < LANE_ELEMENT_NORMAL ? nil : $0 }
        guard let limit = elements.compactMap({ $0 }).randomElement(using: &random) else { return }
        for (ulps, distance) in [(limit.ulps, Double.infinity), (.infinity, limit.distance)] {
          for start in stride(from: 0, to: judged.outputs.count, by: Int(LANE_BLOCK)) {
            let indices = start..<min(start + Int(LANE_BLOCK), judged.outputs.count)
            var found = [UInt32](repeating: 0, count: indices.count)
            judged.withReference { reference, code, bytes in
              let count = lane_find(
                Int32(judged.level.rawValue), reference, code, bytes, indices.lowerBound,
                indices.upperBound, ulps, distance, &found)
              found.removeSubrange(count...)
            }
            #expect(found == found.sorted() && Set(found).count == found.count, "\(judged.name)")
            #expect(found.allSatisfy { indices.contains(Int($0)) }, "\(judged.name)")
            let missed = indices.filter { index in
              guard let element = elements[index] else { return false }
              return (element.ulps >= ulps || element.distance >= distance)
                && !found.contains(UInt32(index))
            }
            #expect(missed.isEmpty, "\(judged.name) \(missed)")
          }
        }
      })
  }

  @Test("A search for large errors leaves the small ones out")
  func selectivity() throws {
    try FloatFormat.float32.open(
      Lanes(lengths: [600]) { judged, _ in
        let ulps = judged.elements.filter { Int($0.kind) == LANE_ELEMENT_NORMAL }.map(\.ulps)
        guard let largest = ulps.max(), ulps.count > 300 else { return }
        var found = [UInt32](repeating: 0, count: 256)
        judged.withReference { reference, code, bytes in
          let count = lane_find(
            Int32(judged.level.rawValue), reference, code, bytes, 0, 256, largest, .infinity,
            &found)
          found.removeSubrange(count...)
        }
        let elements = judged.elements
        for index in found.map(Int.init) where Int(elements[index].kind) >= LANE_ELEMENT_NORMAL {
          // Twice: next to a power of two the ulp may be the smaller one.
          #expect(elements[index].ulps * 2.01 >= largest, "\(judged.name)[\(index)]")
        }
      })
  }
}
