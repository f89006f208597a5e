import AuditRecords

/// The errors of quantised outputs in steps: |q - (v / scale + zero point)|, the exact value kept
/// within the integers of the type.
struct StepErrors: MeasuredFigure {
  private(set) var largest = CertifiedMaximum()
  /// The sums of errors of outputs above and below the exact value, in units of 2^-32.
  private var above: UInt128 = 0
  private var below: UInt128 = 0
  private var count: UInt64 = 0

  /// Takes the error of an output into account.
  mutating func add(_ exact: ExactSteps, _ difference: Int, at place: ElementLocation) {
    let units = exact.distance(from: difference)
    count += 1
    if exact.exceeds(difference) { below += UInt128(units) } else { above += UInt128(units) }
    largest.update(Double(units) * 0x1p-32, at: place)
  }

  mutating func merge(_ other: StepErrors) {
    largest.merge(other.largest)
    above += other.above
    below += other.below
    count += other.count
  }

  func movedLanes(by offset: Int) -> StepErrors {
    var moved = self
    moved.largest = largest.movedLanes(by: offset)
    return moved
  }

  /// Sets the figures of a row, where outputs are quantised.
  func write(to row: inout AccuracyRow) {
    guard count > 0 else { return }
    // Nothing else is known of their errors.
    row.meanScaled = nil
    row.maxSteps = largest.figure.map { Figure($0) }
    row.meanSteps = Figure(Double(above + below) * 0x1p-32 / Double(count))
    row.meanSignedSteps = Figure(
      (above >= below ? Double(above - below) : -Double(below - above)) * 0x1p-32 / Double(count))
  }
}
