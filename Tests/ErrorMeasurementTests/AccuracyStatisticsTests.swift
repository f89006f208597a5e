import FloatFormats
import Oracle
import TestSupport
import Testing

@testable import ErrorMeasurement

@Suite("Statistics of a cell")
struct AccuracyStatisticsTests {
  private func expectMergesToWhole<F: BinaryFloat>(
    _ cell: MeasuredCell<F>, cuts: [Int], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let whole = cell.statistics
    for cut in cuts {
      let first = cell.statistics(of: 0..<cut)
      let second = cell.statistics(of: cut..<cell.lanes.count)
      var forward = first
      forward.merge(second)
      var backward = second
      backward.merge(first)
      #expect(forward == whole, "\(F.format), cut at \(cut)", sourceLocation: sourceLocation)
      #expect(backward == whole, "\(F.format), cut at \(cut)", sourceLocation: sourceLocation)
    }
    // Even and odd lanes, as shards take them.
    var interleaved = cell.statistics(of: stride(from: 1, to: cell.lanes.count, by: 2))
    interleaved.merge(cell.statistics(of: stride(from: 0, to: cell.lanes.count, by: 2)))
    #expect(interleaved == whole, "\(F.format), even and odd", sourceLocation: sourceLocation)
    var withEmpty = whole
    withEmpty.merge(AccuracyStatistics())
    var fromEmpty = AccuracyStatistics()
    fromEmpty.merge(whole)
    #expect(withEmpty == whole && fromEmpty == whole, sourceLocation: sourceLocation)
  }

  @Test(
    "Two halves merged in either order are the whole", arguments: FloatFormat.allCases,
    [true, false])
  func halvesMergeToWhole(format: FloatFormat, mismatches: Bool) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws {
      var cell = try MeasuredCell<F>.random(seed: 23, lanes: 40, mismatches: mismatches)
      // Every lane twice, so that maxima tie; promises of every kind; special and empty lanes.
      cell.lanes += cell.lanes
      for number in cell.lanes.indices {
        let count = cell.lanes[number].logits.count
        switch number % 5 {
        case 0: cell.lanes[number].promise = .outsideDomain
        case 1: break
        default:
          cell.lanes[number].promise = .bounded(
            Array(repeating: F.format.unitRoundoff, count: count))
        }
      }
      cell.lanes.insert(([.nan, .one], [.nan, .nan], .none), at: 7)
      cell.lanes.insert(([.infinity, .one], [.one, .zero], .none), at: 40)
      cell.lanes.insert(([], [], .none), at: 50)
      expectMergesToWhole(cell, cuts: [0, 1, 20, cell.lanes.count / 2, 100, cell.lanes.count])
    }
    try check(format.type)
  }

  @Test("Ratios that round to neighbouring figures merge to the largest")
  func neighbouringRatios() throws {
    // The same error under bounds that differ by 2^-49: the ratios lie on both sides of a figure.
    let y = 0x1.2345679abcdefp-2
    let exact = ExactSoftmax.probabilities([0, 0.3])
    let error = try exact[0].distance(from: y, inUnitsOfPowerOfTwo: 0)
    let figure = try error.figure()
    for grid in [0.75, 1, 3] {
      var cell = MeasuredCell<Double>([([0, 0.3], [y, 0.5]), ([0, 0.3], [y, 0.5])])
      for change in [0x1p-50, 0x1p-45, 0x1p-40, 0x1p-35, 0x1p-31, 0x1p-29] {
        cell.lanes[0].promise = .bounded([figure / grid * (1 + change), 1])
        cell.lanes[1].promise = .bounded([figure / grid * (1 - change), 1])
        expectMergesToWhole(cell, cuts: [1])
      }
    }
    // A ratio of 0 and one that is too small for binary64.
    var cell = MeasuredCell<Double>([([0, 0], [0.5, 0.5]), ([0, -1000], [1, 0])])
    cell.lanes[0].promise = .bounded([1, 1])
    cell.lanes[1].promise = .bounded([0x1p970, 0x1p-60])
    expectMergesToWhole(cell, cuts: [1])
    #expect(cell.statistics.maxRatio.figure == 0x1p-1022)
  }

  @Test("The larger maximum wins, the earlier place on a tie, in any order of updates and merges")
  func certifiedMaxima() {
    func maximum(_ updates: [(Double, Int, Int)]) -> CertifiedMaximum {
      var maximum = CertifiedMaximum()
      for (figure, lane, index) in updates {
        maximum.update(figure, at: ElementLocation(lane: lane, index: index))
      }
      return maximum
    }
    let first = maximum([(1, 0, 3), (2, 1, 0), (2, 1, 4), (1.5, 2, 0)])
    #expect(first.figure == 2 && first.location == ElementLocation(lane: 1, index: 0))
    let (earlier, later) = (ElementLocation(lane: 0, index: 9), ElementLocation(lane: 1, index: 1))
    #expect(!first.canBeRaised(by: 2, at: later) && first.canBeRaised(by: 2 + 0x1p-50, at: later))
    #expect(first.canBeRaised(by: 2, at: earlier) && !first.canBeRaised(by: 1.5, at: earlier))
    #expect(CertifiedMaximum().canBeRaised(by: 0, at: later))
    let others = [
      maximum([(2, 0, 9)]), maximum([(2, 1, 1)]), maximum([(3, 5, 5)]), CertifiedMaximum(),
      maximum([(0, 0, 0)]), maximum([(.infinity, 7, 7)]),
    ]
    let winners = [
      others[0], first, others[2], first, first, others[5],
    ]
    for (other, winner) in zip(others, winners) {
      var forward = first
      forward.merge(other)
      var backward = other
      backward.merge(first)
      #expect(forward == winner && backward == winner)
    }
  }
}
