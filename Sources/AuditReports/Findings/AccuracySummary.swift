import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import LogitFamilies

/// All cells of one implementation in one pair of formats, called with the same parameters, taken
/// together.
package struct AccuracySummary: ScopedRow, Sendable {
  package let implementation: String
  package let inputFormat: FloatFormat
  package let outputFormat: FloatFormat
  package let operation: AuditedOperation
  package let parameters: RowParameters?
  package let rows: [AccuracyRow]
  /// The standard by which the results judged the rows; `nil` where they do not say.
  package private(set) var judging: MeasurementJudging?
  /// The standing of all its figures and laws by the policy of a gate; `nil` where there is no
  /// gate.
  private(set) var policyStanding: Standing?
  /// The laws that were checked on the same implementation in the same formats.
  private(set) var laws: [PropertyRow] = []
  /// The letter of the results file; nil where there is only one, or none is needed.
  var sourceLabel: String?
  /// The name of the results file.
  var sourceName = ""

  /// The summaries of several results, each in its order, together what stands under one heading.
  static func summaries(of sources: ReportSources) -> [AccuracySummary] {
    let all = sources.labelled.map { label, source in
      summaries(of: source.results).map { summary in
        var summary = summary
        summary.sourceLabel = label
        summary.sourceName = source.name
        return summary
      }
    }
    return sources.count > 1 ? inOrder(all.flatMap { $0 }) : all.first ?? []
  }

  /// The summaries of a result, in its order.
  package static func summaries(of results: AuditResults) -> [AccuracySummary] {
    let laws = Dictionary(grouping: results.properties, by: \.scope)
    let judgements = Dictionary(grouping: results.gate?.judgements ?? [], by: \.scope)
    let summaries = results.accuracy.grouped(by: \.scope).map { rows in
      let scope = rows[0].scope
      return AccuracySummary(
        implementation: scope.implementation, inputFormat: scope.input,
        outputFormat: scope.output, operation: scope.operation,
        parameters: scope.parameters, rows: rows,
        judging: results.judging,
        policyStanding: results.gate.map { _ in Standing(judgements[scope] ?? []) },
        laws: laws[scope] ?? [])
    }
    return inOrder(summaries)
  }

  /// Together what stands under one heading, headings by format and then as they come.
  private static func inOrder(_ summaries: [AccuracySummary]) -> [AccuracySummary] {
    var headings: [String: Int] = [:]
    for summary in summaries where headings[summary.heading] == nil {
      headings[summary.heading] = headings.count
    }
    func place(_ summary: AccuracySummary) -> (Int, Int) {
      (
        FloatFormat.everyOne.firstIndex(of: summary.inputFormat) ?? 0,
        headings[summary.heading] ?? 0
      )
    }
    return summaries.enumerated()
      .sorted {
        let (a, b) = (place($0.element), place($1.element))
        return a == b ? $0.offset < $1.offset : a < b
      }
      .map(\.element)
  }

  /// The sum of a count over the rows.
  func total(_ count: (AccuracyRow) -> UInt64) -> UInt64 {
    rows.reduce(0) { $0.addingCapped(count($1)) }
  }

  /// The largest of a figure over the rows; NaN where one is NaN.
  private func maximum(_ figure: (AccuracyRow) -> Figure?) -> Double? {
    let values = rows.compactMap { figure($0)?.value }
    return values.contains(where: \.isNaN) ? .nan : values.max()
  }

  var elements: UInt64 { total(\.elements) }
  var mismatches: UInt64 { total(\.mismatches) }
  var mismatchesInDomain: UInt64 { total(\.mismatchesInDomain) }
  var undecided: UInt64 { total(\.undecided) }
  var outsideDomain: UInt64 { total { $0.bound?.outsideDomain ?? 0 } }
  var maxRatio: Double? { maximum { $0.bound?.maxRatio } }
  /// The reasons for unanswered calls, by kind, in the order of the rows.
  var failures: [(kind: AccuracyRow.Failure.Kind, failures: [AccuracyRow.Failure])] {
    let all = rows.compactMap(\.failure)
    let kinds: [AccuracyRow.Failure.Kind] = [.crash, .hang, .refusal, .rubbish, .notMeasured]
    return kinds.compactMap { kind in
      let some = all.filter { $0.kind == kind }
      return some.isEmpty ? nil : (kind, some)
    }
  }
  var misconduct: [Misconduct] { rows.flatMap { $0.misconduct ?? [] } }
  /// Whether something is wrong with a row.
  var isFailure: Bool { rows.contains { $0.isFailure(under: judging) } }
  /// Outputs that should be judged and have no bound.
  var withoutBound: UInt64 { judging?.judge == .nothing ? 0 : total(\.withoutBound) }
  /// Whether errors were compared with a bound or a limit, or no output lacks one.
  var comparesSomething: Bool {
    withoutBound == 0 || !(judging?.limits ?? []).isEmpty
      || rows.contains { $0.bound?.maxRatio != nil }
  }
  /// The first row with the largest part of its bound, among those that exceed it.
  var mostExceeded: AccuracyRow? {
    rows.filter(\.exceedsBound).reduce(nil) { worst, row in
      guard let worst, let most = worst.bound?.maxRatio?.value else { return row }
      let ratio = row.bound?.maxRatio?.value ?? 0
      return most.isNaN || !(ratio > most) && !ratio.isNaN ? worst : row
    }
  }
  /// Whether errors were compared with something in every row that has any, as far as bounds reach.
  ///
  /// Lanes beyond the domain of a bound are no objection where other lanes are within it.
  var isJudged: Bool {
    let judged = rows.filter { $0.finitePairs > 0 && $0.isJudged(under: judging) }
    return judged.isEmpty
      ? rows.allSatisfy { $0.isJudged(under: judging) }
      : rows.allSatisfy { $0.bound != nil || $0.isJudged(under: judging) }
  }
  /// The laws that the implementation breaks, in their order.
  var brokenLaws: [String] { laws.filter { $0.verdict == .failed }.map(\.law).uniqued() }

  var finitePairs: UInt64 { total(\.finitePairs) }
  /// The number of outputs that the plain maxima rest on.
  var normalPairs: UInt64 { total(\.normalPairs) }
  /// The share of outputs that are 0 although the exact value is positive; nil where nobody
  /// counted.
  var zeros: Double? {
    let counted = rows.filter { $0.zeros != nil && $0.finitePairs > 0 }
    let pairs = counted.reduce(0.0) { $0 + Double($1.finitePairs) }
    return pairs > 0 ? counted.reduce(0.0) { $0 + Double($1.zeros ?? 0) } / pairs : nil
  }
  /// Whether most exact values lie below the normal range, where the plain maxima do not look.
  ///
  /// Quantised outputs have no ranges.
  var isMostlySubnormal: Bool {
    leading != .maxSteps && finitePairs > 0 && normalPairs < finitePairs / 2
  }
  /// The rows of families that stand for what programs compute every day.
  var ordinary: AccuracySummary { only { Self.ordinaryFamilies.contains($0.family) } }
  private static let ordinaryFamilies = Set(
    LogitFamily.all.filter(\.isOrdinary).map(\.name)
      + AttentionFamily.all.filter(\.isOrdinary).map(\.name))
  /// The recipes that wrong outputs look like, in the order of the rows.
  var resemblances: [String] { rows.compactMap(\.resembles).uniqued() }

  /// The recipe that most rows with wrong outputs look like, and their number; the first of several
  /// that are as frequent.
  var usualResemblance: (recipe: String, rows: Int)? {
    let groups = rows.compactMap(\.resembles).grouped { $0 }
    let most = groups.reduce(0) { max($0, $1.count) }
    return groups.first { $0.count == most }.map { ($0[0], most) }
  }

  var maxUlp: Double? { self[.maxUlp] }
  var maxUlpSubnormal: Double? { self[.maxUlpSubnormal] }
  var maxNormUlp: Double? { self[.maxNormUlp] }
  var maxSumError: Double? { self[.maxSumError] }
  var meanUlp: Double? { self[.meanUlp] }
  var correctlyRounded: Double? { self[.correctlyRounded] }
  var faithful: Double? { self[.faithful] }

  /// A figure of all rows together; nil where no row has it, or there is no such thing.
  ///
  /// Infinite errors make a mean infinite.
  subscript(descriptor: FigureDescriptor) -> Double? {
    switch descriptor.merging {
    case .largest: maximum { $0.figures[descriptor] }
    case .sum:
      rows.compactMap { $0.figures[descriptor]?.value }.reduce(nil) { ($0 ?? 0) + $1 }
    case .mean(over: .normal): mean(over: \.normalPairs) { $0.figures[descriptor]?.value }
    case .mean(over: .likely):
      mean(over: \.countOfLikely) { $0.figures[descriptor]?.value }
    case .mean(over: .finite): mean(over: \.finitePairs) { $0.figures[descriptor]?.value }
    case .none: nil
    }
  }

  /// Nanoseconds an element over cells with at least 128 elements to a lane, where calls cost
  /// little.
  ///
  /// Over all cells where there are no such cells.
  var nsPerElement: Double? {
    let timed = rows.filter { $0.nsPerElement != nil }
    let long = timed.contains { $0.length >= 128 } ? timed.filter { $0.length >= 128 } : timed
    let elements = long.reduce(0.0) { $0 + Double($1.elements) }
    guard elements > 0 else { return nil }
    return long.reduce(0.0) { $0 + Double($1.elements) * ($1.nsPerElement?.value ?? 0) } / elements
  }

  /// The rows among these for which a condition holds, as a summary of their own.
  func only(_ isIncluded: (AccuracyRow) -> Bool) -> AccuracySummary {
    AccuracySummary(
      implementation: implementation, inputFormat: inputFormat, outputFormat: outputFormat,
      operation: operation, parameters: parameters, rows: rows.filter(isIncluded), judging: judging,
      policyStanding: policyStanding, laws: laws,
      sourceLabel: sourceLabel, sourceName: sourceName)
  }

  /// The lanes that were measured: figures of others cannot be compared with these.
  var lanes: Set<Lanes> { Set(rows.map(Lanes.init)) }

  /// The lanes of one row.
  struct Lanes: Hashable {
    let family: String
    let length: Int
    let count: UInt64
    init(_ row: AccuracyRow) {
      (family, length, count) = (row.family, row.length, row.lanes)
    }
  }

  /// The row with the largest part of a bound, and a witness of it.
  var worstOfBound: AccuracyRow? {
    func part(_ row: AccuracyRow) -> Double {
      let ratio = row.bound?.maxRatio?.value ?? 0
      return ratio.isNaN ? .infinity : ratio
    }
    let witnessed = rows.filter { $0.bound?.worst != nil }
    return witnessed.first { row in !witnessed.contains { part($0) > part(row) } }
  }

  /// The row with the largest error in the normal range.
  var worstRow: AccuracyRow? {
    rows.filter { $0.worst != nil && $0.maxUlp != nil }
      .max { ($0.maxUlp?.value ?? 0) < ($1.maxUlp?.value ?? 0) }
  }

  /// The mean of a figure over all outputs that it counts, from the rows' means over theirs.
  private func mean(
    over count: KeyPath<AccuracyRow, UInt64>, of figure: (AccuracyRow) -> Double?
  ) -> Double? {
    var (sum, weight) = (0.0, 0.0)
    for row in rows {
      guard let value = figure(row), row[keyPath: count] > 0 else { continue }
      sum += value * Double(row[keyPath: count])
      weight += Double(row[keyPath: count])
    }
    return weight > 0 ? sum / weight : nil
  }

  /// The implementation's name without the format it computes in, which stands in the heading.
  var nameWithoutComputingFormat: String {
    let parts = implementation.split(separator: "/")
    guard parts.count == 3 else { return implementation }
    return parts.prefix(2).joined(separator: "/")
  }

  /// The name in a report: without the computing format, with the letter of the results file where
  /// there are several.
  var shortName: String { named(nameWithoutComputingFormat) }

  /// A name with the letter of the results file where there are several.
  func named(_ name: String) -> String { sourceLabel.map { "\(name) · \($0)" } ?? name }

  /// The first part of the name: what summations and formats are variations of.
  var algorithm: String {
    implementation.split(separator: "/").first.map(String.init) ?? implementation
  }

  /// The heading under which the summary stands: its operation, formats and parameters.
  var heading: String {
    var text =
      operation == .softmax ? formatPair : "\(operation), \(formatPair)"
    let parts = implementation.split(separator: "/")
    if parts.count == 3 { text += ", computed in \(parts[2])" }
    if let parameters { text += ", \(parameters.text)" }
    return text
  }
}

extension AccuracyRow {
  /// The outputs whose exact probability is at least 2^-20; 0 where nobody counted.
  fileprivate var countOfLikely: UInt64 { self.likelyPairs ?? 0 }
}

extension UInt64 {
  /// The sum, or the largest number where it is beyond that: only a forged file goes so far.
  func addingCapped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
