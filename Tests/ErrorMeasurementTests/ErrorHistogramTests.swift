import FloatFormats
import TestSupport
import Testing

@testable import ErrorMeasurement
@testable import LogitFamilies

@Suite("Histogram of errors")
struct ErrorHistogramTests {
  /// The upper edge of the bin that holds a magnitude: the next multiple of a 64th of its octave.
  private func upperEdge(of magnitude: Double) -> Double {
    if magnitude == 0 { return 0 }
    let step = Double(sign: .plus, exponent: Int(magnitude.exponent) - 6, significand: 1)
    return ((magnitude / step).rounded(.down) + 1) * step
  }

  private func histogram(_ values: some Sequence<Double>) -> ErrorHistogram {
    var histogram = ErrorHistogram()
    for value in values { histogram.add(value) }
    return histogram
  }

  @Test(
    "A bin runs from its lower edge to just below its upper one",
    arguments: [
      0x1p-40, 1, 1.5, 0.499, 0x1.f8p-1, 0x1.04p0, 0x1.03fffffffffffp0, 0x1.fffffffffffffp0,
      0x1p23, 0x1.fffffffffffffp23, 0x1p24, 0x1.8p60, 0x1p1000, 0x1p-60, 0x1p-1022,
    ] as [Double])
  func edges(magnitude: Double) {
    for share in [0.01, 0.5, 1] {
      let edge = histogram([magnitude]).percentile(share)
      #expect(edge == upperEdge(of: magnitude), "\(magnitude.hexText)")
    }
    let edge = upperEdge(of: magnitude)
    #expect(edge > magnitude && edge <= magnitude * (1 + 1.0 / 64))
    #expect(histogram([edge]).percentile(1) == upperEdge(of: edge))
    #expect(upperEdge(of: edge) > edge)
  }

  @Test("Errors of zero have a bin of their own with the edge 0, and infinite ones are infinite")
  func zeroAndInfinity() {
    let some = histogram([0, 0, 0, 1])
    #expect(some.percentile(0.5) == 0 && some.percentile(0.75) == 0)
    #expect(some.percentile(0.76) == 1 + 1.0 / 64)
    #expect(histogram([1, .infinity]).percentile(1) == .infinity)
    #expect(histogram([1, .greatestFiniteMagnitude]).percentile(1) == .infinity)
    #expect(histogram([]).percentile(0.5) == nil)
    #expect(histogram([]).count == 0 && some.count == 4)
  }

  private func values(_ count: Int, _ random: inout SplitMix64) -> [Double] {
    (0..<count).map { _ in
      switch Int.random(in: 0..<10, using: &random) {
      case 0: 0
      case 1: Double(random.next() >> 40) * 0x1p-40
      case 2: Double.random(in: 0x1p24...0x1p40, using: &random)
      case 3: Double(Int.random(in: 0...8, using: &random)) / 4
      default: Double.random(in: 0...2, using: &random)
      }
    }
  }

  @Test(
    "Percentiles are the upper edges of the sorted values' bins",
    arguments: [1, 2, 3, 20, 99, 100, 101, 1000])
  func percentilesMatchSorting(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let all = values(count, &random)
    let sorted = all.sorted()
    let counted = histogram(all)
    #expect(counted.count == UInt64(count))
    // The share as a whole number of hundredths: its rank without any rounding.
    for hundredths in [1, 25, 50, 75, 95, 99, 100] {
      let rank = (hundredths * count + 99) / 100
      let share = Double(hundredths) / 100
      #expect(
        counted.percentile(share) == upperEdge(of: sorted[rank - 1]), "\(hundredths) of \(count)")
    }
  }

  @Test("Merged halves are the whole in either order", arguments: 0..<5)
  func merging(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let all = values(500, &random)
    let cut = Int.random(in: 0...500, using: &random)
    let (first, second) = (histogram(all[..<cut]), histogram(all[cut...]))
    var forward = first
    forward.merge(second)
    var backward = second
    backward.merge(first)
    let whole = histogram(all)
    #expect(forward == whole && backward == whole && histogram(all.reversed()) == whole)
  }

  @Test("Percentiles are decided where uncertain errors cannot move them", arguments: 0..<200)
  func uncertainErrors(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let known = (0..<Int.random(in: 1...400, using: &random)).map { _ in
      Double.random(in: 0x1p-5...2, using: &random)
    }
    // Each in one of two neighbouring bins.
    let uncertain = (0..<Int.random(in: 0...4, using: &random)).map { _ in
      Int.random(in: 64 * 35..<64 * 41, using: &random)
    }
    var counted = histogram(known)
    counted.addLane(count: uncertain.count) { _, lowest, highest in
      for bin in uncertain {
        lowest?[bin] += 1
        highest?[bin + 1] += 1
      }
      return ((), count: UInt64(uncertain.count))
    }
    func middle(ofBin bin: Int) -> Double {
      let (octave, part) = ((bin - 1) >> 6, (bin - 1) & 63)
      return Double(
        sign: .plus, exponent: octave - 40, significand: 1 + (Double(part) + 0.5) / 64)
    }
    let low = histogram(known + uncertain.map { middle(ofBin: $0) })
    let high = histogram(known + uncertain.map { middle(ofBin: $0 + 1) })
    for shares in [[0.5], [0.95], [0.99], [0.5, 0.95, 0.99], [0.01, 1]] {
      let isSame = shares.allSatisfy { low.percentile($0) == high.percentile($0) }
      #expect(counted.decides(shares) == isSame, "\(shares)")
      for share in shares { #expect(counted.percentile(share) == high.percentile(share)) }
    }
  }
}
