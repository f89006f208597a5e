import AuditedOperations
import Basics
import FloatFormats

/// An input of a law: a tensor of logits, an axis, and the rest that the law decides by chance.
///
/// The logits are numbers of the input format, held in binary64, which contains every format. So
/// laws are ordinary code, written once, and only the call of an implementation knows types.
package struct LawCase: Sendable, Hashable {
  package var geometry: LaneGeometry
  /// The first input, row-major: logits, or stored probabilities.
  package var logits: [Double]
  /// The numbers that the law draws besides, such as a shift, a place or a permutation; the law
  /// says what they mean.
  package var arguments: [Int]
  /// The rule for the inputs beside the first; `nil` where the operation takes one alone, or the
  /// case is made of another that has the rule.
  package var accompanying: AccompanyingInputs?

  /// A case of any shape.
  package init(
    geometry: LaneGeometry, logits: [Double], arguments: [Int] = [],
    accompanying: AccompanyingInputs? = nil
  ) {
    precondition(logits.count == geometry.elementCount, "a case needs one logit per place")
    self.geometry = geometry
    self.logits = logits
    self.arguments = arguments
    self.accompanying = accompanying
  }

  /// A case of one lane.
  package init(lane: [Double], arguments: [Int] = []) {
    self.init(
      geometry: LaneGeometry(outer: 1, length: lane.count, inner: 1), logits: lane,
      arguments: arguments)
  }

  /// A case of lanes of one length, one after the other.
  package init(lanes: [[Double]], arguments: [Int] = []) {
    self.init(
      geometry: LaneGeometry(outer: lanes.count, length: lanes.first?.count ?? 0, inner: 1),
      logits: lanes.flatMap { $0 }, arguments: arguments)
  }

  /// A lane of the case.
  package func lane(_ number: Int) -> [Double] { geometry.lane(number, of: logits) }

  /// The number of lanes.
  package var laneCount: Int { geometry.laneCount }

  /// Whether the case is one lane and nothing else.
  var isSingleLane: Bool { geometry.shape.count == 1 }

  /// The same case with other logits.
  func replacing(logits: [Double]) -> LawCase {
    LawCase(
      geometry: geometry, logits: logits, arguments: arguments, accompanying: accompanying)
  }

  /// Whether no finite logit is larger in magnitude than a limit.
  func staysWithin(_ limit: Double) -> Bool {
    limit == .infinity || logits.allSatisfy { !$0.isFinite || abs($0) <= limit }
  }

  /// A hash of logits, shape and axis (FNV-1a over their encodings), in sixteen hexadecimal digits.
  package var digest: String {
    var hash = FNV1a()
    hash.add(bytesOf: UInt64(geometry.axis))
    for dimension in geometry.shape { hash.add(bytesOf: UInt64(dimension)) }
    for logit in logits { hash.add(bytesOf: logit.bitPattern) }
    for number in accompanying?.integers ?? [] { hash.add(bytesOf: UInt64(number)) }
    let text = String(hash.value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}

extension LaneGeometry {
  /// Lanes of one length in three dimensions (outer, n, inner), or fewer where outer or inner are
  /// 1.
  init(outer: Int, length: Int, inner: Int) {
    let shape = inner == 1 ? outer == 1 ? [length] : [outer, length] : [outer, length, inner]
    guard let geometry = try? LaneGeometry(shape: shape, axis: shape.count == 1 ? 0 : 1) else {
      preconditionFailure("lanes with more elements than an Int can count")
    }
    self = geometry
  }

  /// The elements of a lane.
  package func lane<Element>(_ number: Int, of elements: [Element]) -> [Element] {
    let start = start(ofLane: number)
    if isContiguous { return Array(elements[start..<start + length]) }
    return (0..<length).map { elements[start + $0 * inner] }
  }
}
