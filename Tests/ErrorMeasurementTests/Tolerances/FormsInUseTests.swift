import FloatFormats
import Foundation
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditedOperations
@testable import ErrorMeasurement

/// A form of a softmax in float32, with functions that err by a pattern of up to 3 places.
private struct Form: Sendable, CustomStringConvertible {
  enum Argument: CaseIterable { case difference, scaled, fused }
  enum Sum: CaseIterable { case direct, online, late }
  enum End: CaseIterable { case division, reciprocal, logarithm }

  let argument: Argument
  let sum: Sum
  let end: End

  static let all = Argument.allCases.flatMap { argument in
    Sum.allCases.flatMap { sum in
      End.allCases.filter { sum != .late || $0 != .logarithm }.map {
        Form(argument: argument, sum: sum, end: $0)
      }
    }
  }

  var description: String { "\(argument), \(sum), \(end)" }

  private static let log2E: Float = 0x1.715476p0

  /// e^(x - m), the argument formed as the form does, moved by a number of floats.
  private func term(_ x: Float, _ m: Float, _ places: (Float) -> Int) -> Float {
    let value: Float
    switch argument {
    case .difference: value = exp(x - m)
    case .scaled: value = exp2((x - m) * Self.log2E)
    case .fused: value = exp2((-(m * Self.log2E)).addingProduct(x, Self.log2E))
    }
    return x == m ? value : moved(value, places(x - m))
  }

  private func moved(_ value: Float, _ places: Int) -> Float {
    guard value > 0, value < .infinity else { return value }
    return Float(bitPattern: UInt32(max(0, Int(value.bitPattern) + places)))
  }

  func softmax(_ lane: [Float], _ places: (Float) -> Int) -> [Float] {
    var scale = lane[0]
    var total: Float = 0
    switch sum {
    case .direct:
      scale = lane.max() ?? 0
      for x in lane { total += term(x, scale, places) }
    case .online, .late:
      let threshold: Float = sum == .late ? 5.545 : 0
      for x in lane {
        if x - scale > threshold {
          total *= term(scale, x, places)
          scale = x
        }
        total += term(x, scale, places)
      }
    }
    switch end {
    case .division: return lane.map { term($0, scale, places) / total }
    case .reciprocal:
      let nearest = 1 / total
      let rest = Float(1).addingProduct(-nearest, total)
      let other = rest == 0 ? nearest : moved(nearest, rest > 0 ? 1 : -1)
      return lane.map { term($0, scale, places) * other }
    case .logarithm:
      let logSum = argument == .difference ? log(total) : log2(total)
      let own = logSum == 0 ? 0 : moved(abs(logSum), -places(logSum)) * (logSum < 0 ? -1 : 1)
      return lane.map { x in
        let value: Float
        switch argument {
        case .difference: value = exp((x - scale) - own)
        case .scaled: value = exp2((x - scale) * Self.log2E - own)
        case .fused: value = exp2((-(scale * Self.log2E)).addingProduct(x, Self.log2E) - own)
        }
        return moved(value, places(x - scale))
      }
    }
  }

  /// Whether the form is sound on a lane: fused products and rescaling are for maxima near 0.
  func covers(_ lane: LaneProfile) -> Bool {
    argument != .fused || sum == .direct || abs(lane.maximum) <= 64
  }

  /// The bound of this form alone, written from its derivation in first-order terms that are raised
  /// by a thousandth.
  func bounds(_ lane: LaneProfile) -> [Double] {
    let u = 0x1p-24
    let slope = argument == .scaled ? 3 * u : argument == .fused ? 2 * u : u
    let shift = argument == .fused ? u * u * abs(lane.maximum) : 0
    let deferred = sum == .late ? lane.distances.filter { $0 <= 5.5453 }.max() ?? 0 : 0
    let ranks = lane.logits.map { x in Double(Set(lane.logits.filter { $0 > x }).count) }
    func slip(_ index: Int) -> Double {
      slope * max(lane.distances[index], deferred - lane.distances[index]) + shift
    }
    var spread = 0.0
    for (index, logit) in lane.logits.enumerated() {
      var merged = 0.0
      if sum != .direct {
        merged = 9 * u * ranks[index]
        if argument == .fused, logit < lane.maximum {
          merged += u * (abs(lane.maximum) + max(abs(logit), abs(lane.maximum)))
        }
      }
      spread += lane.probability(index) * expm1(slip(index) + merged)
    }
    let sigma = log1p(spread) + 8 * u - log1p(-Double(lane.count - 1) * u)
    return lane.distances.indices.map { index in
      let d = lane.distances[index]
      let last =
        switch end {
        case .division: u
        case .reciprocal: 3 * u
        case .logarithm: 8 * u * (lane.logSum + sigma) + u * (d + lane.logSum)
        }
      return lane.probability(index) * expm1(slip(index) + sigma + 8 * u + last) * 1.001
        + 5 * 0x1p-149
    }
  }
}

@Suite("The forms of softmax in use")
struct FormsInUseTests {
  /// Lanes on which arguments, sums, rescaling and the end err most.
  static let lanes: [(name: String, lane: [Float])] = {
    var random = SplitMix64(seed: 29)
    func uniform() -> Float { Float(random.next() >> 40) * 0x1p-24 }
    let shuffled = (0..<120).map { _ in uniform() * 20 }
    return [
      ("pair of the field", [-28.41567, -65.5]), ("pair", [0, -9.7]), ("far pair", [0, -86.6]),
      ("equal", Array(repeating: 1.5, count: 100)),
      ("staircase", (0..<300).map { Float($0) * 0x1p-20 }),
      ("steep staircase", (0..<90).map { Float($0) * 0.7 }),
      ("ascending", shuffled.sorted()), ("descending", shuffled.sorted(by: >)),
      ("shuffled", shuffled), ("steps of 5.5", (0..<20).map { Float($0) * 5.5 }),
      ("dust", [0] + (0..<250).map { _ in -8 - uniform() }),
      ("large offset", (0..<40).map { _ in 16_000 + uniform() * 30 }),
      ("larger offset", (0..<40).map { _ in -3_000_000 + (uniform() * 100).rounded() / 4 }),
      ("subnormal", [0, -87.9, -95, -102, -103.9, -104.5]),
    ]
  }()

  /// Errors of functions in floats, by the argument: all to one side, to both, and as far as the
  /// tolerance goes.
  static let patterns: [@Sendable (Float) -> Int] = [
    { _ in 0 }, { _ in 3 }, { _ in -3 }, { abs($0) > 1 ? 3 : -3 }, { abs($0) > 1 ? -3 : 3 },
    { $0.bitPattern &* 0x9E37_79B9 >> 31 == 0 ? 3 : -3 },
  ]

  @Test("Every form with functions good to 4 ulp keeps the tolerance", arguments: lanes)
  func keepTolerance(lane: (name: String, lane: [Float])) throws {
    let profile = try #require(LaneProfile(lane.lane))
    let bounds = try #require(
      DefaultTolerance(output: .float32, underflow: .gradual).tolerance(of: profile)
    ).bounds
    for form in Form.all where form.covers(profile) {
      for (number, pattern) in Self.patterns.enumerated() {
        let outputs = form.softmax(lane.lane, pattern)
        let worst =
          outputs.indices.map {
            abs(Double(outputs[$0]) - profile.probability($0)) / bounds[$0]
          }.max() ?? 0
        #expect(worst <= 1, "\(form), pattern \(number): \(worst)")
      }
    }
  }

  @Test(
    "The tolerance is the largest of the forms' bounds, or at most a quarter more", arguments: lanes
  )
  func isNoWider(lane: (name: String, lane: [Float])) throws {
    let profile = try #require(LaneProfile(lane.lane))
    let bounds = try #require(
      DefaultTolerance(output: .float32, underflow: .gradual).tolerance(of: profile)
    ).bounds
    let forms = Form.all.filter { $0.covers(profile) }.map { $0.bounds(profile) }
    for index in bounds.indices {
      let largest = forms.map { $0[index] }.max() ?? 0
      #expect(bounds[index] <= 1.25 * largest, "\(index): \(bounds[index] / largest)")
      #expect(bounds[index] * 1.003 >= largest, "\(index): \(bounds[index] / largest)")
    }
  }

  @Test("The lane on which exp2 of a scaled difference was flagged is within the tolerance")
  func fieldReport() throws {
    let lane: [Float] = [-28.41567, -65.5]
    let profile = try #require(LaneProfile(lane))
    let bound = try #require(
      DefaultTolerance(output: .float32, underflow: .gradual).tolerance(of: profile)
    ).bounds[1]
    // 7.842965e-17 exactly; 7.842993e-17 was computed.
    #expect(abs(profile.probability(1) - 7.842965e-17) < 1e-22)
    #expect(bound > 7.842993e-17 - 7.842965e-17)
    #expect(bound < 2 * (7.842993e-17 - 7.842965e-17) * 1.5)
  }

  @Test(
    "1/n may be an ulp off, and the exponential of -log n, and the sum; more is not tolerated",
    arguments: [1, 2, 3, 10, 100, 5000])
  func equalLogits(count: Int) throws {
    let n = Double(count)
    let tolerance = DefaultTolerance(output: .float32, underflow: .gradual)
    let allowed = try #require(tolerance.boundForEqualLogits(count: count)) * n * 0x1p24
    // In units of u: n - 1 additions, and three roundings, or 9 log n and an exponential good to
    // 4 ulp.
    let expected = n - 1 + max(3, 9 * log(n) + 8)
    #expect(abs(allowed - expected) < 0.001 * expected)
    let profile = try #require(LaneProfile([Float](repeating: 2, count: count)))
    let whole = try #require(tolerance.tolerance(of: profile)).bounds[0]
    #expect(allowed <= whole * n * 0x1p24)
  }
}
