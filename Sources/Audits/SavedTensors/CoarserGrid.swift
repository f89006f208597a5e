import AuditedOperations
import Basics
import FloatFormats

/// The numbers of a narrower format, among which values of a wider one may lie.
///
/// A softmax that is computed in bfloat16 and saved as float32 is off by up to 2^15 ulp of float32
/// however good it is. What it is worth shows in ulp of the format that it was computed in.
package enum CoarserGrid {
  /// The narrowest format that has all finite values of a tensor; nil where that is its own, or
  /// where too few values tell.
  package static func format(of source: some LaneSource) throws -> FloatFormat? {
    try source.format.open(Search(source: source))
  }

  /// Counts the values of a tensor that a format does not have.
  package static func countOutside(_ format: FloatFormat, of source: some LaneSource) throws -> Int
  {
    try outside(format, of: source).count
  }

  /// The values of a tensor that a format does not have.
  static func outside(_ format: FloatFormat, of source: some LaneSource) throws -> Outsiders {
    try source.format.open(Count(source: source, grid: format))
  }

  /// The values of a tensor that lie on no grid.
  struct Outsiders {
    fileprivate(set) var count = 0
    /// The first of them in row-major order, with its indices; `nil` where there is none.
    fileprivate(set) var first: (value: Double, indices: [Int])?
  }

  /// The formats with fewer digits, those with the fewest first.
  package static func narrower(
    than format: FloatFormat, among formats: [FloatFormat] = FloatFormat.everyOne
  ) -> [FloatFormat] {
    formats.filter { $0.precision < format.precision }
      .sorted { ($0.precision, $0) < ($1.precision, $1) }
  }

  /// The formats that have all values seen so far.
  struct Candidates {
    /// The number of values, none of them powers of two, that tell that they lie on a grid by
    /// intent: of random ones a grid of bfloat16 among float32 numbers holds one in 2^16.
    private static let tellingValues = 8

    private var grids: [FloatFormat]
    private var telling = 0

    init(narrowerThan format: FloatFormat, among formats: [FloatFormat] = FloatFormat.allCases) {
      grids = CoarserGrid.narrower(than: format, among: formats)
    }

    var isEmpty: Bool { grids.isEmpty }

    /// The format with the fewest digits; nil where none is left, or where too few values tell.
    var narrowest: FloatFormat? { telling >= Self.tellingValues ? grids.first : nil }

    mutating func add(_ value: Double) {
      grids.removeAll { !Self.holds(value, in: $0) }
      if value.isFinite, value != 0, value.significand != 1 { telling += 1 }
    }

    static func holds(_ value: Double, in format: FloatFormat) -> Bool {
      value.isNaN || format.holds(value)
    }
  }

  /// Calls a function with the values of each lane until it says that it has seen enough.
  private static func forEachLane<F: BinaryFloat>(
    of source: some LaneSource, as type: F.Type, _ body: ([F]) -> Bool
  ) throws {
    let geometry = try LaneGeometry(shape: source.shape, axis: -1)
    guard geometry.length > 0 else { return }
    for number in 0..<geometry.laneCount where !body(source.lane(number, of: geometry, as: F.self))
    {
      return
    }
  }

  private struct Search<Source: LaneSource>: FormatGenericWork {
    let source: Source

    func run<F: BinaryFloat>(_ format: F.Type) throws -> FloatFormat? {
      var candidates = Candidates(narrowerThan: F.format, among: FloatFormat.everyOne)
      try CoarserGrid.forEachLane(of: source, as: F.self) { lane in
        for element in lane {
          candidates.add(element.exactDouble)
          if candidates.isEmpty { return false }
        }
        return true
      }
      return candidates.narrowest
    }
  }

  private struct Count<Source: LaneSource>: FormatGenericWork {
    let source: Source
    let grid: FloatFormat

    func run<F: BinaryFloat>(_ format: F.Type) throws -> Outsiders {
      var outsiders = Outsiders()
      var place = 0
      try CoarserGrid.forEachLane(of: source, as: F.self) { lane in
        for (index, element) in lane.enumerated() {
          let value = element.exactDouble
          guard !Candidates.holds(value, in: grid) else { continue }
          if outsiders.count == 0 { outsiders.first = (value, indices(at: place + index)) }
          outsiders.count += 1
        }
        place += lane.count
        return true
      }
      return outsiders
    }

    /// The indices of a place in row-major order.
    private func indices(at place: Int) -> [Int] {
      var rest = place
      var indices: [Int] = []
      for dimension in source.shape.reversed() {
        indices.append(rest % dimension)
        rest /= dimension
      }
      return indices.reversed()
    }
  }
}
