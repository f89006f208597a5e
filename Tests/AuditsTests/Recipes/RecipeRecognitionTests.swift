import FloatFormats
import Foundation
import Testing

@testable import AuditedOperations
@testable import Audits

/// What outputs are taken for; the outputs are computed here, by arithmetic of their own.
@Suite("Recognition of wrong recipes")
struct RecipeRecognitionTests {
  private typealias Lane = RecipeRecognition.Lane

  private static let logits: [[Double]] = [
    [2, 1, 0.5, -1, 0.25], [-3, 0, 1.5, 1, -0.5], [0.75, 4, -2, 3, 1],
  ]

  private static func softmax(_ x: [Double]) -> [Double] {
    let sum = x.reduce(0) { $0 + Foundation.exp($1) }
    return x.map { Foundation.exp($0) / sum }
  }

  private func statement(
    _ format: FloatFormat, _ logits: [[Double]], _ recipe: ([Double]) -> [Double]
  ) throws -> String? {
    let shape = [logits.count, logits[0].count]
    return try statement(format, logits.flatMap { $0 }, logits.flatMap(recipe), shape)
  }

  private func statement(
    _ format: FloatFormat, _ logits: [Double], _ outputs: [Double], _ shape: [Int], axis: Int = 1
  ) throws -> String? {
    let rounded = try format.open(Rounding(values: outputs))
    return TensorRecipe(geometry: try LaneGeometry(shape: shape, axis: axis), format: format) {
      Lane(
        logits: $0.places(ofLane: $1).map { logits[$0] },
        outputs: $0.places(ofLane: $1).map { rounded[$0] })
    }.statement(worst: nil)
  }

  private struct Rounding: FormatGenericWork {
    let values: [Double]
    func run<F: BinaryFloat>(_ type: F.Type) -> [Double] {
      values.map { F(rounding: $0).exactDouble }
    }
  }

  @Test("Recipes within lanes are told in every format", arguments: FloatFormat.allCases)
  func lanes(format: FloatFormat) throws {
    let softmax = Self.softmax
    let recipes: [(String?, ([Double]) -> [Double])] = [
      (nil, { softmax($0) }),
      ("all zeros", { $0.map { _ in 0 } }),
      ("the same number everywhere", { $0.map { _ in 0.2 } }),
      ("the logits themselves", { $0 }),
      (
        "the softmax of the logits divided by 100 (a temperature)",
        { softmax($0.map { $0 / 100 }) }
      ),
      ("the softmax of the logits times 0.5 (a temperature)", { softmax($0.map { $0 * 0.5 }) }),
      ("the softmax of the logits times 2 (a temperature)", { softmax($0.map { $0 * 2 }) }),
      ("the softmax of the negated logits", { softmax($0.map { -$0 }) }),
      (
        "powers of 2 in place of e, divided by their sum",
        { softmax($0.map { $0 * Foundation.log(2) }) }
      ),
      (
        "the logarithms of the softmax: exp of them sums to 1",
        { softmax($0).map { Foundation.log($0) } }
      ),
      ("exponentials of the logits, not divided by their sum", { $0.map { Foundation.exp($0) } }),
      (
        "exponentials of the logits less their maximum, not divided by their sum",
        { x in x.map { Foundation.exp($0 - (x.max() ?? 0)) } }
      ),
      ("the softmax in percent", { softmax($0).map { 100 * $0 } }),
      ("1 less the softmax", { softmax($0).map { 1 - $0 } }),
      ("sigmoids of the single logits", { $0.map { 1 / (1 + Foundation.exp(-$0)) } }),
      (
        "logits divided by their sum, without an exponential",
        { x in x.map { $0 / x.reduce(0, +) } }
      ),
      (
        "the softmax of lanes with one more logit of 0 (1 is added to the sum)",
        { Array(softmax($0 + [0]).dropLast()) }
      ),
      (
        "1 at the largest logit and 0 at the others",
        { x in x.map { $0 == x.max() ? 1 : 0 } }
      ),
      ("the softmax in another order", { softmax($0).reversed() }),
      ("0.5 times the softmax", { softmax($0).map { $0 / 2 } }),
      (nil, { x in x.indices.map { 0.1 + 0.07 * Double($0 * $0 % 3) + x[$0] * 0.01 } }),
    ]
    for (expected, recipe) in recipes {
      let found = try statement(format, Self.logits, recipe)
      #expect(found == expected)
    }
  }

  @Test("A factor near 1 is told by its digits")
  func nearlyOne() throws {
    let found = try statement(.float32, Self.logits) { logits in
      Self.softmax(logits).map { $0 * 1.001 }
    }
    #expect(found == "1.001 times the softmax")
  }

  @Test("Recipes that look beyond lanes are told", arguments: FloatFormat.allCases)
  func tensors(format: FloatFormat) throws {
    let logits = (0..<60).map { Double(($0 * 37) % 61) / 16 - 2 }
    let shape = [3, 4, 5]
    for axis in 0..<3 {
      let geometry = try LaneGeometry(shape: shape, axis: axis)
      var outputs = logits
      for lane in 0..<geometry.laneCount {
        let places = geometry.places(ofLane: lane)
        for (place, p) in zip(places, Self.softmax(places.map { logits[$0] })) {
          outputs[place] = p
        }
      }
      for asked in 0..<3 {
        let found = try statement(format, logits, outputs, shape, axis: asked)
        #expect(found == (asked == axis ? nil : "the softmax along axis \(axis)"))
      }
    }
    let whole = try statement(format, logits, Self.softmax(logits), shape)
    #expect(
      whole == "exponentials divided by the sum over the whole tensor (the global-sum result)")
  }

  @Test("Exponentials that overflow are told, and where they do")
  func overflow() throws {
    let lanes: [[Double]] = [[100, 1, 2], [90, 95, 0.5]]
    func naive(_ x: [Double]) -> [Double] {
      let powers = x.map { Float(Foundation.exp($0)) }
      let sum = powers.reduce(0, +)
      return powers.map { Double($0 / sum) }
    }
    let found = try statement(.float32, lanes, naive)
    #expect(
      found == "exponentials from which no maximum was subtracted: they overflow beyond 88.7")
  }

  @Test("One wrong lane among right ones is told by its number")
  func oneLane() throws {
    let logits = Self.logits.flatMap { $0 }
    var outputs = Self.logits.flatMap(Self.softmax)
    for place in 10..<15 { outputs[place] = 0 }
    let found = TensorRecipe(
      geometry: try LaneGeometry(shape: [3, 5], axis: 1), format: .float64
    ) {
      Lane(
        logits: $0.places(ofLane: $1).map { logits[$0] },
        outputs: $0.places(ofLane: $1).map { outputs[$0] })
    }.statement(worst: 2)
    #expect(found == "all zeros, in lane 2")
  }

  @Test("NaNs and infinities are no recipe's, however few", arguments: [1, 2, 5])
  func noNumbers(length: Int) throws {
    let logits = Self.logits.map { Array($0.prefix(length)) }
    for value in [Double.nan, .infinity] {
      #expect(try statement(.float32, logits) { $0.map { _ in value } } == nil)
    }
    // One NaN in a lane of numbers that are right hides none of them, and makes no recipe.
    let one = try statement(.float32, logits) { lane in
      lane.indices.map { $0 == 0 ? .nan : Self.softmax(lane)[$0] }
    }
    #expect(one == nil)
  }

  @Test("A softmax whose numbers a narrower format has was computed in it")
  func widened() throws {
    let pairs: [(narrow: FloatFormat, wide: FloatFormat)] = [
      (.bfloat16, .float32), (.float16, .float32), (.float32, .float64), (.bfloat16, .float64),
    ]
    for (narrow, wide) in pairs {
      #expect(
        try statement(wide, Self.logits) { Self.softmax($0).map(narrow.rounded) }
          == "numbers of \(narrow.rawValue) alone: the softmax computed in \(narrow.rawValue), and widened"
      )
    }
    // What has all digits of its format is none of another.
    #expect(try statement(.float64, Self.logits, Self.softmax) == nil)
    #expect(try statement(.float32, Self.logits, Self.softmax) == nil)
    // One output in three has the digits of float32.
    let mixed = try statement(.float32, Self.logits) { lane in
      Self.softmax(lane).enumerated().map {
        $0.offset % 3 == 0 ? $0.element : FloatFormat.bfloat16.rounded($0.element)
      }
    }
    #expect(mixed == nil)
    // Powers of two are numbers of every format.
    let equal = try statement(.float32, [[1, 1, 1, 1], [1, 1, -800, -800]]) { lane in
      lane.map { $0 == 1 ? 1 / Double(lane.count { $0 == 1 }) : 0 }
    }
    #expect(equal == nil)
  }
}
