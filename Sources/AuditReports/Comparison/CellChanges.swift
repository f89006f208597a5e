import AuditRecords
import AuditedOperations

/// The changes in the cells of two results, beyond those that the choice of lanes explains.
struct CellChanges {
  private typealias Change = ResultsComparison.Change

  private(set) var changes: [ResultsComparison.Change] = []
  private(set) var compared = ResultsComparison.Compared()
  private(set) var remarks: [String] = []
  /// The pairs whose lanes are drawn alike, by softmax in the order of the later file.
  private var drawnAlike: [(before: AccuracyRow, after: AccuracyRow)] = []
  private let areDrawnAsOne: Bool
  private let isSameTier: Bool
  /// The standard of the rows of the later file.
  private let judging: MeasurementJudging?

  init(before: AuditResults, after: AuditResults) {
    areDrawnAsOne =
      before.seed == after.seed && before.tool.version == after.tool.version
    isSameTier = before.oracle.tier == after.oracle.tier
    judging = after.judging
    let pairs = Self.pairs(before.accuracy, after.accuracy)
    let earlier = Set(before.accuracy.map(\.scope))
    let later = Set(after.accuracy.map(\.scope))
    for row in before.accuracy.first(ofEach: \.scope) where !later.contains(row.scope) {
      note(row, .notMeasured, .presence, inCell: false, "vanished")
    }
    for row in after.accuracy.first(ofEach: \.scope) where !earlier.contains(row.scope) {
      let fails = after.accuracy.contains {
        $0.scope == row.scope && $0.isFailure(under: judging)
      }
      note(
        row, .appeared, .presence, inCell: false,
        "was not there before\(fails ? "; fails by what it is judged by" : "")")
    }
    for row in pairs.onlyBefore where later.contains(row.scope) {
      note(row, .notMeasured, .presence, "the cell is not measured any more")
    }
    for row in pairs.onlyAfter where earlier.contains(row.scope) {
      if row.isFailure(under: judging) {
        note(row, .worse, .witness, "a cell that was not measured before fails: \(Self.fault(row))")
      } else {
        note(row, .appeared, .presence, "the cell was not measured before")
      }
    }
    for (old, new) in pairs.shared { compare(old, new) }
    testDrawnAlike()
  }

  // MARK: Pairs of cells

  private static func pairs(
    _ before: [AccuracyRow], _ after: [AccuracyRow]
  ) -> (
    shared: [(AccuracyRow, AccuracyRow)], onlyBefore: [AccuracyRow], onlyAfter: [AccuracyRow]
  ) {
    var waiting = Dictionary(grouping: before, by: \.cell)
    var shared: [(AccuracyRow, AccuracyRow)] = []
    var onlyAfter: [AccuracyRow] = []
    for row in after {
      let place = row.cell
      let candidates = waiting[place] ?? []
      // A cell that is there twice meets its own shape first.
      guard
        let index = candidates.firstIndex(where: { $0.shape == row.shape && $0.axis == row.axis })
          ?? candidates.indices.first
      else {
        onlyAfter.append(row)
        continue
      }
      shared.append((candidates[index], row))
      waiting[place]?.remove(at: index)
    }
    var left = waiting
    let onlyBefore = before.filter { row in
      guard let index = left[row.cell]?.firstIndex(of: row) else { return false }
      left[row.cell]?.remove(at: index)
      return true
    }
    return (shared, onlyBefore, onlyAfter)
  }

  // MARK: One pair

  private mutating func compare(_ old: AccuracyRow, _ new: AccuracyRow) {
    let relation = LaneRelation(old, new, areDrawnAsOne: areDrawnAsOne)
    switch relation {
    case .same: compared.sameLanes += 1
    case .extended, .shortened: compared.nestedLanes += 1
    case .drawnAlike: compared.drawnAlike += 1
    case .unrelated: compared.unrelated += 1
    }
    let wasMeasured = old.failure?.kind != .notMeasured
    guard new.failure?.kind != .notMeasured else {
      if wasMeasured {
        note(new, .notMeasured, .presence, "not called any more: \(new.failure?.explanation ?? "")")
      }
      return
    }
    guard wasMeasured else {
      if new.isFailure(under: judging) {
        note(new, .worse, .witness, "could not be called before, fails now: \(Self.fault(new))")
      } else {
        note(new, .appeared, .presence, "could not be called before")
      }
      return
    }
    if relation == .unrelated, Self.shareLanes(old, new, areDrawnAsOne) {
      remarks.append(
        "\(new.subject) in \(new.formatPair), \(new.family), length \(new.length): the witnesses show "
          + "that the lanes are not what they were, although seed, version and file say so.")
    }
    if new.undecided > old.undecided {
      note(new, .notMeasured, .presence, "\(new.undecided) outputs are undecided")
    }
    var told = compareFigures(old, new, relation)
    if relation == .drawnAlike { drawnAlike.append((old, new)) }
    told.formUnion(compareConduct(old, new))
    compareBound(old, new, told)
    if !told.contains("mismatches"), !told.contains("mismatchesInDomain"),
      old.mismatchesInDomain == 0, new.mismatchesInDomain > 0
    {
      note(new, .worse, .witness, "\(new.mismatchesInDomain) mismatches that no domain excuses")
    }
  }

  /// Whether two cells say that they have lanes in common.
  private static func shareLanes(
    _ old: AccuracyRow, _ new: AccuracyRow, _ areDrawnAsOne: Bool
  ) -> Bool {
    old.family.hasPrefix("file:") ? old.shape == new.shape && old.axis == new.axis : areDrawnAsOne
  }

  /// Compares the figures that the relation of the lanes allows to compare; the keys of those that
  /// changed.
  private mutating func compareFigures(
    _ old: AccuracyRow, _ new: AccuracyRow, _ relation: LaneRelation
  ) -> Set<String> {
    guard relation != .drawnAlike, relation != .unrelated else { return [] }
    var told = Set<String>()
    var figures = ComparedFigure.certified
    if old.bound?.model == new.bound?.model { figures.append(.boundRatio) }
    if relation == .same { figures += ComparedFigure.statistical }
    for figure in figures {
      // Each excused mismatch is a mismatch: what the first count tells the second need not repeat.
      if figure.key == "mismatchesInDomain", told.contains("mismatches") { continue }
      guard let earlier = figure.value(old), let later = figure.value(new),
        differs(earlier, later, figure)
      else { continue }
      // A figure that is no number is worse than any.
      let isWorse = later.isNaN || later > earlier
      guard relation == .same || isFact(figure, old, new, isWorse: isWorse, relation) else {
        continue
      }
      told.insert(figure.key)
      changes.append(
        Change(
          direction: isWorse ? .worse : .better,
          evidence: relation == .same ? .sameLanes : .nestedLanes, decides: figure.isCertified,
          implementation: new.implementation, inputFormat: new.inputFormat,
          outputFormat: new.outputFormat, operation: new.operation,
          parameters: new.parameters, family: new.family,
          length: new.length, figure: figure.key, before: Figure(earlier), after: Figure(later),
          explanation: figure.label))
    }
    return told
  }

  /// Whether two values of a figure differ; statistics of two tiers agree to six digits where they
  /// are the same.
  private func differs(_ earlier: Double, _ later: Double, _ figure: ComparedFigure) -> Bool {
    if earlier.isNaN && later.isNaN || earlier == later { return false }
    guard !figure.isCertified, !isSameTier else { return true }
    return !(abs(later - earlier) <= 4e-6 * max(abs(later), abs(earlier)))
  }

  /// Whether the figures of nested lanes differ by more than the lanes that only one side has can
  /// explain.
  ///
  /// A maximum or a count over more lanes is at least that over fewer. So it is a fact where fewer
  /// lanes have the larger one; and where more lanes have it, it is one if the witness stands in a
  /// lane that both have.
  private func isFact(
    _ figure: ComparedFigure, _ old: AccuracyRow, _ new: AccuracyRow, isWorse: Bool,
    _ relation: LaneRelation
  ) -> Bool {
    let hasMoreLanesWithLarger = isWorse == (relation == .extended)
    guard hasMoreLanesWithLarger else { return true }
    let larger = isWorse ? new : old
    guard !figure.isCount, let lane = figure.lane(larger) else { return false }
    return lane < min(old.laneCount, new.laneCount)
  }

  /// Crashes, hangs, refusals and misconduct that are new or gone.
  private mutating func compareConduct(_ old: AccuracyRow, _ new: AccuracyRow) -> Set<String> {
    var told = Set<String>()
    switch (old.failure, new.failure) {
    case (nil, let failure?):
      note(new, .worse, .witness, "\(failure.kind.rawValue): \(failure.explanation)")
      told = ["mismatches"]
    case (let failure?, nil):
      note(new, .better, .witness, "no \(failure.kind.rawValue) any more")
      told = ["mismatches"]
    case (let earlier?, let later?) where earlier.kind != later.kind:
      note(new, .changed, .witness, "\(earlier.kind.rawValue) before, now \(later.kind.rawValue)")
      told = ["mismatches"]
    default: break
    }
    let (earlier, later) = (old.misconduct ?? [], new.misconduct ?? [])
    for seen in later where !earlier.contains(where: { $0.kind == seen.kind }) {
      note(new, .worse, .witness, seen.explanation)
    }
    for seen in earlier where !later.contains(where: { $0.kind == seen.kind }) {
      note(new, .better, .witness, "no more: \(seen.explanation)")
    }
    return told
  }

  private mutating func compareBound(_ old: AccuracyRow, _ new: AccuracyRow, _ told: Set<String>) {
    switch (old.bound, new.bound) {
    case (let earlier?, nil):
      note(new, .notMeasured, .presence, "no bound is declared any more, before \(earlier.model)")
    case (nil, let later?):
      note(new, .appeared, .presence, "judged by the bound of \(later.model)")
    case (let earlier?, let later?) where earlier.model != later.model:
      note(
        new, .changed, .presence,
        "judged by the bound of \(later.model), before by that of \(earlier.model)")
    default: break
    }
    guard !told.contains(ComparedFigure.boundRatio.key), new.exceedsBound, !old.exceedsBound else {
      return
    }
    note(new, .worse, .witness, "exceeds its bound by a factor of \(Self.ratio(new))")
  }

  // MARK: Cells with other lanes

  private mutating func testDrawnAlike() {
    guard !drawnAlike.isEmpty else { return }
    var groups: [RowScope: [(before: AccuracyRow, after: AccuracyRow)]] = [:]
    var order: [RowScope] = []
    for pair in drawnAlike {
      if groups[pair.after.scope] == nil { order.append(pair.after.scope) }
      groups[pair.after.scope, default: []].append(pair)
    }
    // Both tests of a cell and the sign test of each figure, each in both directions.
    let tests = 2 * (2 * drawnAlike.count + ComparedFigure.counted.count * order.count)
    let limit = SamplingTest.falseAlarm / Double(tests)
    for pair in drawnAlike {
      testCell(pair.before, pair.after, .worse, limit)
      testCell(pair.after, pair.before, .better, limit)
    }
    for subject in order {
      guard let pairs = groups[subject] else { continue }
      for figure in ComparedFigure.counted { testSigns(figure, pairs, limit) }
    }
  }

  /// Tests whether one side of a cell is worse than the other; the direction says that of the
  /// change.
  private mutating func testCell(
    _ good: AccuracyRow, _ bad: AccuracyRow, _ direction: Change.Direction, _ limit: Double
  ) {
    if let largest = good.maxUlp?.value {
      let lanes = SamplingTest.lanes(of: bad, above: largest)
      let probability = SamplingTest.dominance(lanes: lanes)
      if probability <= limit {
        add(
          direction, good, bad, "maxUlp", largest, bad.maxUlp?.value, probability,
          "\(lanes) lanes or more hold an error above all \(direction == .worse ? "before" : "now")"
        )
      }
    }
    let probability = SamplingTest.mismatchedLanes(
      Int(clamping: bad.mismatchedLanes), against: Int(clamping: good.mismatchedLanes),
      of: good.laneCount)
    if probability <= limit {
      add(
        direction, good, bad, "mismatchedLanes", Double(good.mismatchedLanes),
        Double(bad.mismatchedLanes), probability, "lanes with mismatches")
    }
  }

  private mutating func add(
    _ direction: Change.Direction, _ good: AccuracyRow, _ bad: AccuracyRow, _ figure: String,
    _ least: Double, _ most: Double?, _ probability: Double, _ explanation: String
  ) {
    let (before, after) = direction == .worse ? (least, most) : (most, least)
    changes.append(
      Change(
        direction: direction, evidence: .statistics, decides: true,
        implementation: good.implementation, inputFormat: good.inputFormat,
        outputFormat: good.outputFormat, operation: good.operation,
        parameters: good.parameters, family: good.family,
        length: good.length, figure: figure, before: before.map { Figure($0) },
        after: after.map { Figure($0) }, probability: Figure(probability), explanation: explanation)
    )
  }

  private mutating func testSigns(
    _ figure: ComparedFigure, _ pairs: [(before: AccuracyRow, after: AccuracyRow)],
    _ limit: Double
  ) {
    var (larger, smaller) = (0, 0)
    for pair in pairs {
      guard let earlier = figure.value(pair.before), let later = figure.value(pair.after) else {
        continue
      }
      if later > earlier { larger += 1 }
      if later < earlier { smaller += 1 }
    }
    let most = max(larger, smaller)
    let probability = SamplingTest.tail(of: larger + smaller, atLeast: most)
    guard probability <= limit, let row = pairs.first?.after else { return }
    let isWorse = larger > smaller
    changes.append(
      Change(
        direction: isWorse ? .worse : .better, evidence: .statistics, decides: true,
        implementation: row.implementation, inputFormat: row.inputFormat,
        outputFormat: row.outputFormat, operation: row.operation,
        parameters: row.parameters, figure: figure.key,
        probability: Figure(probability),
        explanation:
          "\(figure.label): \(isWorse ? "larger" : "smaller") in \(most) of \(larger + smaller) cells"
      ))
  }

  // MARK: Sentences

  private mutating func note(
    _ row: AccuracyRow, _ direction: ResultsComparison.Change.Direction,
    _ evidence: ResultsComparison.Change.Evidence, inCell: Bool = true, _ explanation: String
  ) {
    changes.append(
      Change(
        direction: direction, evidence: evidence,
        decides: direction == .worse || direction == .notMeasured,
        implementation: row.implementation, inputFormat: row.inputFormat,
        outputFormat: row.outputFormat, operation: row.operation,
        parameters: row.parameters, family: inCell ? row.family : nil,
        length: inCell ? row.length : nil,
        explanation: explanation))
  }

  private static func fault(_ row: AccuracyRow) -> String {
    if let failure = row.failure { return "\(failure.kind.rawValue), \(failure.explanation)" }
    if row.exceedsBound { return "it exceeds its bound by a factor of \(ratio(row))" }
    if row.mismatchesInDomain > 0 { return "\(row.mismatchesInDomain) mismatches" }
    return row.misconduct?.first?.explanation ?? "it exceeds the limit in ULP that was set"
  }

  private static func ratio(_ row: AccuracyRow) -> String {
    FigureText.maximum(row.bound?.maxRatio?.value)
  }
}

extension AccuracyRow {
  fileprivate var exceedsBound: Bool { self.bound?.maxRatio.map { !($0.value <= 1) } ?? false }
}

extension Sequence {
  /// The first element for each value of a key.
  fileprivate func first(ofEach key: (Element) -> some Hashable) -> [Element] {
    func filtered<Key: Hashable>(_ key: (Element) -> Key) -> [Element] {
      var seen = Set<Key>()
      return filter { seen.insert(key($0)).inserted }
    }
    return filtered(key)
  }
}
