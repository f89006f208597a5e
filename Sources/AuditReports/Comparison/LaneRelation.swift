import AuditRecords

/// The relation between the lanes of a cell in an earlier results file and those of the same cell
/// in a later one.
///
/// Lane k of a family depends on the seed, the format, the length, k and the program's families
/// alone. So equal seeds, versions of the program and cells mean equal lanes, and the smaller of
/// two numbers of samples takes the first lanes of the larger. The lanes of a file are those of the
/// file: that a file of the same name and shape is the same is assumed, as long as no pair of
/// witnesses shows otherwise.
enum LaneRelation: Equatable {
  /// The same lanes: certified figures are facts about the same real numbers, and any difference is
  /// one of the softmax.
  case same
  /// The earlier lanes are the first of the later ones.
  case extended
  /// The later lanes are the first of the earlier ones.
  case shortened
  /// As many lanes of the same family with another seed: each pair of lanes could as well have come
  /// the other way round.
  case drawnAlike
  /// Nothing relates them.
  case unrelated

  /// - Parameter areDrawnAsOne: Whether the seeds and the versions of the program are equal.
  init(_ before: AccuracyRow, _ after: AccuracyRow, areDrawnAsOne: Bool) {
    let isFile = before.family.hasPrefix("file:")
    let (earlier, later) = (before.laneCount, after.laneCount)
    if Self.contradict(before, after), isFile || areDrawnAsOne {
      self = .unrelated
    } else if isFile {
      self = before.shape == after.shape && before.axis == after.axis ? .same : .unrelated
    } else if areDrawnAsOne {
      self = later == earlier ? .same : later > earlier ? .extended : .shortened
    } else {
      self = later == earlier ? .drawnAlike : .unrelated
    }
  }

  /// Whether witnesses show one lane with two contents.
  private static func contradict(_ before: AccuracyRow, _ after: AccuracyRow) -> Bool {
    guard let one = before.worst, let other = after.worst, one.sample == other.sample else {
      return false
    }
    return one.logits != other.logits || one.elided != other.elided
  }
}

extension AccuracyRow {
  /// The number of lanes of the cell, whether or not they were answered.
  var laneCount: Int {
    self.shape.enumerated().reduce(1) { count, dimension in
      dimension.offset == self.axis
        ? count : count.multipliedReportingOverflow(by: dimension.element).0
    }
  }
}
