import Basics

/// The choice of a length: every binade of a long range comes as often as another, and edges come
/// more often.
package struct LengthChoice: Sendable {
  private let kind: ChoiceKind
  private let edges: [ChoiceValue]
  private let range: ClosedRange<Int>

  /// - Parameter edges: Lengths that come more often, where the range has them; an end of it among
  ///   them.
  package init(_ range: ClosedRange<Int>, edges: [Int]) {
    self.range = range
    let bounds = Int64(range.lowerBound)...Int64(range.upperBound)
    kind = .integer(bounds, simplest: bounds.lowerBound)
    self.edges = edges.filter(range.contains).map { .integer(Int64($0)) }
  }

  /// A length; the shortest is the simplest.
  package func draw(from source: inout ChoiceSource) throws -> Int {
    let value = try source.choose(kind, edges: edges) { random in
      if random.integer(0...3) == 0 { return edges[random.integer(0...edges.count - 1)] }
      let width = range.upperBound - range.lowerBound
      let reach = Int.bitWidth - width.leadingZeroBitCount
      let most = min(width, (1 << random.integer(0...reach)) - 1)
      return .integer(Int64(range.lowerBound + random.integer(0...most)))
    }
    guard case .integer(let count) = value else { wrongType(of: value) }
    return Int(count)
  }
}
