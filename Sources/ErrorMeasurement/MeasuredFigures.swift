import AuditRecords

/// Figures that lanes are measured for beside errors in ULP, each in a file of its own.
struct MeasuredFigures: Sendable, Equatable {
  var scaled = ScaledErrors()
  var variation = TotalVariation()
  var consequences = Consequences()
  var steps = StepErrors()

  /// All of them.
  private static let all: [Entry] = [
    Entry(\.scaled), Entry(\.variation), Entry(\.consequences), Entry(\.steps),
  ]

  /// Takes over what other lanes have.
  mutating func merge(_ other: MeasuredFigures) {
    for entry in Self.all { entry.merge(&self, other) }
  }

  /// The figures of lanes that are counted from somewhere else.
  func movedLanes(by offset: Int) -> MeasuredFigures {
    var moved = self
    for entry in Self.all { entry.moveLanes(&moved, offset) }
    return moved
  }

  /// Sets the figures of a row, whose counts are known.
  func write(to row: inout AccuracyRow) {
    for entry in Self.all { entry.write(self, &row) }
  }

  /// A figure, whatever its type.
  private struct Entry: Sendable {
    let merge: @Sendable (inout MeasuredFigures, MeasuredFigures) -> Void
    let moveLanes: @Sendable (inout MeasuredFigures, Int) -> Void
    let write: @Sendable (MeasuredFigures, inout AccuracyRow) -> Void

    init<Measured: MeasuredFigure>(
      _ path: any WritableKeyPath<MeasuredFigures, Measured> & Sendable
    ) {
      merge = { $0[keyPath: path].merge($1[keyPath: path]) }
      moveLanes = { $0[keyPath: path] = $0[keyPath: path].movedLanes(by: $1) }
      write = { $0[keyPath: path].write(to: &$1) }
    }
  }
}

/// The part of a figure that the lanes of a cell contribute: a commutative monoid with exact sums.
protocol MeasuredFigure: Sendable, Equatable {
  /// Takes over what other lanes have.
  mutating func merge(_ other: Self)
  /// The figure of lanes that are counted from somewhere else.
  func movedLanes(by offset: Int) -> Self
  /// Sets the figures of a row, whose counts are known.
  func write(to row: inout AccuracyRow)
}
