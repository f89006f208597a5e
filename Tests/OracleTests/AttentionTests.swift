import AuditedOperations
import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import Oracle

/// Exact rows of attention whose values algebra tells, and the filter against MPFR.
@Suite("Rows of attention")
struct AttentionTests {
  private func row(
    _ query: [Double], _ keys: [[Double]], _ values: [[Double]],
    _ modifiers: LaneModifiers = .none
  ) -> AttentionRow {
    AttentionRow(
      query: query,
      head: AttentionHead(
        keys: keys.flatMap { $0 }, values: values.flatMap { $0 }, count: keys.count,
        dimension: query.count, valueDimension: values.first?.count ?? 1),
      modifiers: modifiers)
  }

  private func output(
    _ row: AttentionRow, _ part: AttentionPart = .output, in format: FloatFormat = .float32
  ) -> LaneReference {
    SoftmaxOracle().reference(of: OperationLane(row, part), in: format)
  }

  @Test("Equal scores give the mean of the values, exactly, whatever the dimension")
  func equalScores() {
    for dimension in [1, 2, 3, 4, 9] {
      let query = [Double](repeating: 1, count: dimension)
      // The same numbers in another order have the same product with ones.
      let keys = (0..<4).map { shift in
        (0..<dimension).map { Double(($0 + shift) % dimension) * 0.1 }
      }
      let reference = output(row(query, keys, [[1, 0], [2, 1], [3, -1], [6, 0]]))
      #expect(reference.value(at: 0).width == 0)
      #expect(reference.value(at: 0).correctlyRounded(Float.self) == 3)
      #expect(reference.value(at: 1).isZero && reference.value(at: 1).isBalanced)
    }
  }

  @Test("Groups of equal scores with one mean give it, and a sink counts as a value of 0")
  func groupsOfOneMean() {
    let keys = [[1.0], [1.0], [2.0], [2.0], [7.0]]
    let values = [[1.0, 5], [3, -5], [0, 1], [4, -1], [2, 0]]
    let reference = output(row([0.3], keys, values))
    #expect(reference.value(at: 0).width == 0)
    #expect(reference.value(at: 0).correctlyRounded(Double.self) == 2)
    #expect(reference.value(at: 1).isBalanced && reference.value(at: 1).isZero)
    let sink = output(row([0.3], keys, values, LaneModifiers(sink: 0.25)))
    #expect(sink.value(at: 0).correctlyRounded(Double.self) < 2)
    #expect(sink.value(at: 1).isBalanced && sink.value(at: 1).isZero)
  }

  @Test("A score too far away to be seen leaves the side on which the output lies")
  func dominantScores() {
    let far = row([1], [[0], [-1e6]], [[0.5], [1]], LaneModifiers(scale: 1))
    let value = output(far).value(at: 0)
    #expect(!value.isUndecided && value.width > 0)
    #expect(value.correctlyRounded(Float.self) == 0.5)
    let distance = SoftmaxOracle().distance(
      from: 0.5, slot: 0, of: OperationLane(far, .output), relativeBits: 40)
    guard let distance else {
      Issue.record("the distance is undecided")
      return
    }
    let (isZero, exponent) = (distance.upper.isZero, distance.upper.exponent)
    #expect(!isZero && exponent < -1_000_000)
  }

  @Test("What stands in a hidden key does not matter, NaN and infinity included")
  func hiddenKeys() {
    let hidden = LaneModifiers(mask: [0, -.infinity, 0])
    let one = output(
      row([1, 2], [[1, 0], [.nan, 1], [0, 1]], [[1], [.infinity], [2]], hidden))
    let other = output(row([1, 2], [[1, 0], [9, 9], [0, 1]], [[1], [-7], [2]], hidden))
    #expect(one.special == nil && one.values == other.values)
    let plain = output(row([1, 2], [[1, 0], [0, 1]], [[1], [2]]))
    #expect(one.values == plain.values)
  }

  @Test("A query that sees no key has no output, and a logsumexp of -inf; a sink gives 0")
  func noKey() {
    let nothing = row([1], [[1], [2]], [[1], [2]], LaneModifiers(mask: [-.infinity, -.infinity]))
    #expect(output(nothing).special == .fullyMasked)
    #expect(output(nothing, .logSumExp).value(at: 0) == .negativeInfinity)
    var withSink = nothing.modifiers
    withSink.sink = 3
    let sunk = row([1], [[1], [2]], [[1], [2]], withSink)
    #expect(output(sunk).value(at: 0) == .zero)
    #expect(output(sunk, .logSumExp).value(at: 0).correctlyRounded(Float.self) == 3)
    let empty = row([1], [], [])
    #expect(output(empty).special == .fullyMasked)
  }

  @Test("A NaN that counts leaves no output; infinite values of one sign are one")
  func specialNumbers() {
    #expect(output(row([.nan], [[1]], [[1]])).special == .holdsNaN)
    #expect(output(row([1], [[.infinity]], [[1]])).special == .holdsInfinity)
    #expect(output(row([1], [[1], [2]], [[.nan, 1], [1, 1]])).special == .holdsNaN)
    let infinite = output(row([1], [[1], [2]], [[.infinity, 1], [1, 1]]))
    #expect(infinite.special == nil && infinite.value(at: 0) == .positiveInfinity)
    #expect(infinite.value(at: 1).correctlyRounded(Float.self) == 1)
    let capped = output(
      row([1], [[.infinity], [-.infinity]], [[1], [3]], LaneModifiers(softcap: 1)))
    // k tanh(inf) = k: (e + 3 / e) / (e + 1 / e) for scores of 1 and -1.
    #expect(capped.value(at: 0).correctlyRounded(Float.self) == 0x1.3d082ap+0)
  }

  @Test("A row is ordinary only where its exact scores, sink and values have nothing special")
  func ordinaryRows() {
    let numbers: [Double] = [0, 1e200, -1e308, .nan, .infinity]
    let addends: [Double] = [0, -.infinity, .nan, .infinity]
    var random = SplitMix64(seed: 21)
    func pick(_ from: [Double]) -> Double {
      random.next() % 3 == 0 ? from[Int(random.next() % UInt64(from.count))] : 1
    }
    var ordinary = 0
    for trial in 0..<400 {
      let count = trial % 4
      let modifiers = LaneModifiers(
        softcap: trial % 3 == 0 ? 2 : nil, mask: (0..<count).map { _ in pick(addends) },
        sink: [nil, 0, -.infinity, .nan, .infinity][trial % 5])
      let row = row(
        [pick(numbers)], (0..<count).map { _ in [pick(numbers)] },
        (0..<count).map { _ in [pick(numbers)] }, modifiers)
      guard row.isOrdinary else { continue }
      ordinary += 1
      let scores = AttentionScores(row)
      #expect(!scores.hasNaN && scores.infinityCount == 0 && !scores.isEmpty)
      #expect(!row.head.values.contains { !$0.isFinite })
    }
    #expect(ordinary > 60)
    #expect(row([1], [[2]], [[3]]).isOrdinary && !row([1], [], [[Double]]()).isOrdinary)
  }

  @Test("The filter encloses what MPFR finds, at every level", arguments: KernelLevel.available)
  func filterAgrees(_ level: KernelLevel) {
    let oracle = SoftmaxOracle()
    var random = SplitMix64(seed: 20)
    var undecided = 0
    for trial in 0..<60 {
      let format = FloatFormat.allCases[trial % 4]
      let (count, dimension, width) = (1 + trial * 7 % 40, [1, 3, 8, 17][trial / 4 % 4], 3)
      func number() -> Double { format.rounded(random.normal() * (trial % 5 == 0 ? 8 : 1)) }
      let head = AttentionHead(
        keys: (0..<count * dimension).map { _ in number() },
        values: (0..<count * width).map { $0 % 3 == 2 ? 1.5 : number() }, count: count,
        dimension: dimension, valueDimension: width)
      var modifiers = LaneModifiers()
      if trial % 3 == 1 { modifiers.scale = 0.3 }
      if trial % 4 == 2 { modifiers.softcap = 2.5 }
      if trial % 5 == 3 {
        modifiers.mask = (0..<count).map { key in
          key % 3 == 1 ? -.infinity : format.rounded(random.normal())
        }
      }
      if trial % 7 == 4 { modifiers.sink = format.rounded(random.normal()) }
      let row = AttentionRow(
        query: (0..<dimension).map { _ in number() }, head: head, modifiers: modifiers)
      let planes = AttentionPlanes(head)
      for part in AttentionPart.allCases {
        let lane = OperationLane(row, part)
        let filtered = FilteredAttentionRow(
          lane, planes, in: format, storedAs: format, oracle: oracle, level: level)
        let exact = oracle.reference(of: lane, in: format)
        #expect(filtered.special == exact.special && filtered.count == exact.count)
        undecided += filtered.refinements
        for index in 0..<exact.count {
          let (one, other) = (filtered.value(at: index), exact.value(at: index))
          let name = "trial \(trial), \(part) \(index): \(one), not \(other)"
          #expect(
            one.nearestUnits == other.nearestUnits && one.floorUnits == other.floorUnits
              && one.quantumExponent == other.quantumExponent
              && one.isNegative == other.isNegative, "\(name)")
          #expect(one.lower <= other.upper && other.lower <= one.upper, "\(name)")
          guard let size = filtered.approximateYardstick(at: index), size > 0,
            let yardstick = oracle.yardstick(slot: index, of: lane, relativeBits: 60)
          else { continue }
          let ratio = size / yardstick.lower.double(.toNearestOrEven)
          #expect(abs(ratio - 1) < 0x1p-40, "\(name)")
        }
      }
    }
    // One channel in three is constant, and exact but beside a sink.
    #expect(undecided < 20)
  }
}
