import AuditedOperations
import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import Oracle

@Suite("SoftmaxOracle")
struct SoftmaxOracleTests {
  let oracle = SoftmaxOracle()

  // MARK: Small and masked lanes

  @Test(arguments: FloatFormat.allCases)
  func `an empty lane gives an empty reference`(format: FloatFormat) {
    let reference = oracle.softmax(of: [] as [Float], in: format)
    #expect(reference.count == 0)
    #expect(reference.special == nil)
    #expect(reference.values.isEmpty)
    #expect(reference.format == format)
  }

  @Test(arguments: FloatFormat.allCases)
  func `a lane of one gives exactly 1`(format: FloatFormat) {
    for logit in [0, -0.0, 1, -1e300, 1.7e308, 0x1p-1074] {
      let p = oracle.softmax(of: [logit], in: format).value(at: 0)
      #expect(p.width == 0)
      #expect(end(p.lower, of: p).compare(1) == 0)
      #expect(p.isNormal)
      #expect(p.rounded(in: format) == 1)
    }
  }

  @Test(arguments: FloatFormat.allCases)
  func `a masked logit has probability exactly zero and does not count`(format: FloatFormat) {
    let mask: Double = -.infinity
    let lane = [mask, 2, mask, 2, 1]
    let reference = oracle.softmax(of: lane, in: format)
    let unmasked = oracle.softmax(of: [2.0, 2, 1], in: format)
    #expect(reference.value(at: 0).isZero)
    #expect(reference.value(at: 2).isZero)
    #expect(reference.value(at: 1) == unmasked.value(at: 0))
    #expect(reference.value(at: 4) == unmasked.value(at: 2))
    let single = oracle.softmax(of: [mask, 5], in: format)
    #expect(single.value(at: 0).isZero)
    #expect(single.value(at: 1).rounded(in: format) == 1)
    #expect(single.value(at: 1).width == 0)
  }

  @Test(arguments: FloatFormat.allCases)
  func `-0 counts as +0`(format: FloatFormat) {
    let reference = oracle.softmax(of: [-0.0, 0.0, -0.0, 1], in: format)
    let positive = oracle.softmax(of: [0.0, 0.0, 0.0, 1], in: format)
    for index in 0..<4 {
      #expect(reference.value(at: index) == positive.value(at: index))
    }
    let zeros = oracle.softmax(of: [-0.0, 0.0], in: format)
    #expect(zeros.value(at: 0).width == 0)
    #expect(zeros.value(at: 0).rounded(in: format) == 0.5)
  }

  @Test(arguments: FloatFormat.allCases)
  func `the order of a lane does not matter`(format: FloatFormat) {
    var generator = SplitMix64(seed: 0x9E)
    for _ in 0..<20 {
      var pairs: [(logit: Double, place: Int)] = []
      for place in 0..<12 {
        pairs.append((Double.random(in: -9...9, using: &generator).rounded(), place))
      }
      let first = oracle.softmax(of: pairs.map(\.logit), in: format)
      pairs.shuffle(using: &generator)
      let second = oracle.softmax(of: pairs.map(\.logit), in: format)
      for (index, pair) in pairs.enumerated() {
        #expect(second.value(at: index) == first.value(at: pair.place))
      }
    }
  }

  @Test func `an oracle gives the same whatever lanes it saw before`() {
    var generator = SplitMix64(seed: 0x9F)
    for format in FloatFormat.allCases + FloatFormat.allCases.reversed() {
      let lane = (0..<Int.random(in: 2...40, using: &generator)).map { _ in
        Double.random(in: -50...50, using: &generator)
      }
      _ = oracle.softmax(of: [0, 0x1p-1074], in: .float64)
      let used = oracle.softmax(of: lane, in: format)
      let fresh = SoftmaxOracle().softmax(of: lane, in: format)
      #expect(used.values == fresh.values)
    }
  }

  // MARK: Tied maxima

  /// k tied maxima and something lower: p < 1/k strictly, and the float below or at 1/k.
  private func checkTied(_ k: Int, lower: Double, in format: FloatFormat) {
    let label: Comment = "\(k) maxima and \(lower) in \(format)"
    var lane = [Double](repeating: 0, count: k)
    lane.append(lower)
    let reference = oracle.softmax(of: lane, in: format)
    let p = reference.value(at: 0)
    #expect(!p.isUndecided, label)
    #expect(p.width > 0, label)
    let reciprocal = SoftmaxOracle.reciprocal(of: UInt64(k), in: format)
    #expect(p.rounded(in: format) == reciprocal.rounded(in: format), label)
    // Where 1/k is a float, the open enclosure must end there at the latest, and p must have the
    // exponent of the floats below.
    if k.nonzeroBitCount == 1 {
      let exact = 1 / Double(k)
      #expect(end(p.upper, of: p).compare(exact) <= 0, label)
      #expect(end(p.lower, of: p).compare(exact) < 0, label)
      let exponent = exact.exponent - 1
      let quantum = max(exponent, format.minimumExponent) - (format.precision - 1)
      #expect(p.quantumExponent == Int32(quantum), label)
      #expect(p.isNormal == (exponent >= format.minimumExponent), label)
      if exact >= format.leastSubnormal {
        let unit = Double(sign: .plus, exponent: quantum, significand: 1)
        #expect(Double(p.floorUnits) * unit == exact - unit, label)
        #expect(Double(p.ceilingUnits) * unit == exact, label)
      }
    }
    let last = reference.value(at: k)
    #expect(!last.isUndecided, label)
    #expect(!last.isZero, label)
  }

  @Test(arguments: FloatFormat.allCases)
  func `tied maxima over a far lower logit stay strictly below 1 over k`(format: FloatFormat) {
    for lower in [-1000, -1e5, -1e9, -1e18, -1e30, -3.4e38, -1e300, -1.7e308] {
      for k in [1, 2, 3, 4, 5, 7, 8, 1000, 1024] { checkTied(k, lower: lower, in: format) }
    }
  }

  @Test(arguments: FloatFormat.allCases)
  func `tied maxima whose share is subnormal are decided as well`(format: FloatFormat) {
    for k in [8192, 16_384, 16_385, 32_768, 65_536] {
      for lower in [-1000, -1e300] { checkTied(k, lower: lower, in: format) }
    }
  }

  @Test(arguments: FloatFormat.allCases)
  func `a far lower logit has a positive probability that rounds to zero`(format: FloatFormat) {
    for distance in [1100, 1e6, 1e9, 1e19, 1e300] {
      let p = oracle.softmax(of: [0, -distance], in: format).value(at: 1)
      #expect(!p.isZero)
      #expect(!p.isUndecided)
      #expect(!p.isNormal)
      #expect(p.floorUnits == 0)
      #expect(p.ceilingUnits == 1)
      #expect(p.rounded(in: format) == 0)
    }
  }

  @Test(arguments: FloatFormat.allCases)
  func `a difference beyond binary64 is no trouble`(format: FloatFormat) {
    let reference = oracle.softmax(of: [1.7e308, -1.7e308, 1.7e308], in: format)
    #expect(reference.value(at: 0).rounded(in: format) == 0.5)
    #expect(reference.value(at: 0).floorUnits == (1 << UInt64(format.precision)) - 1)
    #expect(reference.value(at: 1).rounded(in: format) == 0)
    #expect(!reference.value(at: 1).isZero)
  }

  @Test(arguments: FloatFormat.allCases)
  func `logits 2^-1074 apart are told apart`(format: FloatFormat) {
    let reference = oracle.softmax(of: [0, 0x1p-1074], in: format)
    let half = UInt64(1) << UInt64(format.precision)
    let below = reference.value(at: 0)
    let above = reference.value(at: 1)
    #expect(below.floorUnits == half - 1)
    #expect(below.ceilingUnits == half)
    #expect(below.quantumExponent == Int32(-1 - format.precision))
    #expect(above.floorUnits == half / 2)
    #expect(above.ceilingUnits == half / 2 + 1)
    #expect(above.quantumExponent == Int32(-format.precision))
    #expect(below.rounded(in: format) == 0.5)
    #expect(above.rounded(in: format) == 0.5)
    #expect(reference.refinements == 2)
  }

  @Test func `a second-order difference is told apart as well`() {
    // p of the middle pair is (1 - 2^-2150) / 4 or so.
    let tiny = 0x1p-1074
    let reference = oracle.softmax(of: [-tiny, 0, 0, tiny], in: .float64)
    let p = reference.value(at: 1)
    #expect(!p.isUndecided)
    #expect(p.floorUnits == (1 << 53) - 1)
    #expect(p.ceilingUnits == 1 << 53)
  }

  // MARK: Against the definition

  private func check(_ lane: [Double], in format: FloatFormat, precision: Int = 2600) {
    let reference = oracle.softmax(of: lane, in: format)
    let maximum = lane.max() ?? 0
    for index in lane.indices {
      let p = reference.value(at: index)
      let label: Comment = "element \(index) of \(lane.map(\.hexText)) in \(format)"
      #expect(!p.isUndecided, label)
      guard maximum - lane[index] < 0x1p28 else {
        #expect(p.floorUnits == 0 && p.ceilingUnits == 1 && p.nearestUnits == 0, label)
        continue
      }
      let exact = referenceProbability(lane, index, precision: precision)
      let isInside = p.holds(exact)
      #expect(isInside, label)
      // p / ulp(p) from above, whatever its size.
      var ulps = BigFloat(copying: exact)
      ulps.formProduct(withPowerOfTwo: -Int(p.quantumExponent))
      #expect(ulps.compare(p.upperBound) <= 0, label)
      if p.isNormal { #expect(ulps.compare(p.upperBound * (1 - 0x1p-40)) >= 0, label) }
      // 2^-40 ulp or better.
      #expect(p.width <= 1 << 24, label)
      #expect(p.isNormal == (exact.compare(format.leastNormal) >= 0), label)
      #expect(p.rounded(in: format) == rounded(exact, in: format), label)
      let slot = Int(reference.logits.slots[index])
      #expect(
        rounded(.softmax, slot: slot, logits: reference.logits, in: format, by: oracle)
          == rounded(exact, in: format), label)
      guard
        let enclosure = oracle.enclosure(
          of: .softmax, slot: slot, logits: reference.logits, relativeBits: 400)
      else {
        Issue.record("no enclosure of \(label)")
        continue
      }
      let isTight = enclosure.isTight(relativeBits: 400)
      #expect(isTight, label)
      let encloses = enclosure.holds(exact)
      #expect(encloses, label)
      // Both hold one number. A p within 2^-400 of a float is located on one side, and enclosed on
      // both.
      let agrees =
        end(p.lower, of: p).compare(enclosure.upper) < 0
        && end(p.upper, of: p).compare(enclosure.lower) > 0
      #expect(agrees, label)
    }
  }

  private func checkRandomLanes<F: BinaryFloat>(_ type: F.Type, in formats: [FloatFormat]) {
    var generator = SplitMix64(seed: 0x50F7 + UInt64(F.format.precision))
    for k in 0..<12 {
      let spread = [0.01, 1, 8, 30, 100, 700][k % 6]
      let lane = (0..<6).map { _ in
        F(rounding: Double.random(in: -spread...spread, using: &generator)).exactDouble
      }
      for format in formats { check(lane, in: format, precision: 1200) }
    }
    for _ in 0..<8 {
      var lane: [Double] = []
      while lane.count < 5 {
        let value = F(bitPattern: F.BitPattern(truncatingIfNeeded: generator.next()))
        if value.isFinite { lane.append(value.exactDouble) }
      }
      for format in formats { check(lane, in: format) }
    }
  }

  @Test func `random float16 lanes agree with the definition`() {
    checkRandomLanes(Float16.self, in: FloatFormat.allCases)
  }

  @Test func `random bfloat16 lanes agree with the definition`() {
    checkRandomLanes(BFloat16.self, in: [.bfloat16, .float32])
  }

  @Test func `random float32 lanes agree with the definition`() {
    checkRandomLanes(Float.self, in: [.float16, .bfloat16, .float32, .float64])
  }

  @Test func `random float64 lanes agree with the definition`() {
    checkRandomLanes(Double.self, in: [.float32, .float64])
  }

  @Test(arguments: FloatFormat.allCases)
  func `probabilities near the thresholds of the subnormals are right`(format: FloatFormat) {
    let quantum = format.quantumExponent
    for threshold in [format.minimumExponent, quantum, quantum - 1, quantum - 63, quantum - 65] {
      let logarithm = Double(threshold) * 0.6931471805599453
      for factor in [1, 1 + 0x1p-52, 1 - 0x1p-52, 1 - 0x1p-20] {
        let logit = logarithm * factor
        check([0, logit], in: format, precision: 3000)
        check([logit, -3, 0, -0.5], in: format, precision: 3000)
      }
    }
  }

  @Test func `the format of the logits does not matter, their values do`() {
    let halves: [Float16] = [1.5, -2, 0.25, 3]
    let doubles: [Double] = [1.5, -2, 0.25, 3]
    for format in FloatFormat.allCases {
      #expect(
        oracle.softmax(of: halves, in: format).values
          == oracle.softmax(of: doubles, in: format).values)
    }
  }

  // MARK: The precision cap

  @Test func `what the precision cap leaves open is undecided and never a number`() {
    let capped = SoftmaxOracle(precisionCap: 512)
    let reference = capped.softmax(of: [0, 0x1p-1074], in: .float64)
    #expect(reference.value(at: 0).isUndecided)
    #expect(reference.value(at: 1).isUndecided)
    #expect(reference.refinements == 2)
    // The same oracle decides what can be decided.
    let easy = capped.softmax(of: [0.0, 1], in: .float64)
    #expect(!easy.value(at: 0).isUndecided)
    #expect(easy.refinements == 0)
    // One undecided value does not take the others along.
    let mixed = capped.softmax(of: [0, 0x1p-1074, -1], in: .float64)
    #expect(!mixed.value(at: 2).isUndecided)
  }

  @Test func `the first precision leaves room beyond every format`() {
    for format in FloatFormat.allCases {
      let first = SoftmaxOracle.firstPrecision(for: format)
      #expect(first >= format.precision + 56)
      #expect(first >= 64)
    }
  }

  @Test func `a long lane of few distinct logits costs as many exponentials as there are of those`()
  {
    var generator = SplitMix64(seed: 0x200)
    let lane = (0..<200_000).map { _ in
      Float16(bitPattern: 0x3C00 + UInt16(generator.next() & 7))
    }
    let reference = oracle.softmax(of: lane, in: .float16)
    #expect(reference.values.count == 8)
    #expect(reference.logits.multiplicities.reduce(0) { $0 + Int($1) } == lane.count)
    let total = zip(reference.values, reference.logits.multiplicities).reduce(0.0) {
      $0 + $1.0.approximate * Double($1.1)
    }
    #expect(abs(total - 1) < 1e-12)
  }
}
