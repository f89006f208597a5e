import Basics

/// The implementations that share a plot: all of a pair of formats where they are few, else
/// algorithm by algorithm.
struct Lineup: Sendable {
  struct Member: Sendable {
    var name: String
    var style: Int
    var summary: AccuracySummary
  }

  struct Panel: Sendable {
    var title: String
    var members: [Member]
  }

  let heading: String
  let panels: [Panel]

  /// As many as there are colours and shapes.
  private static let room = 8

  var summaries: [AccuracySummary] { panels.flatMap(\.members).map(\.summary) }

  /// The lineups of summaries, one for each heading.
  static func lineups(of summaries: [AccuracySummary]) -> [Lineup] {
    var headings: [String] = []
    for summary in summaries where headings.last != summary.heading {
      headings.append(summary.heading)
    }
    return headings.map { heading in
      Lineup(heading: heading, panels: panels(of: summaries.filter { $0.heading == heading }))
    }
  }

  private static func panels(of summaries: [AccuracySummary]) -> [Panel] {
    if summaries.count <= room {
      return [panel("", summaries) { $0.shortName }]
    }
    var algorithms: [String] = []
    for summary in summaries where !algorithms.contains(summary.algorithm) {
      algorithms.append(summary.algorithm)
    }
    let groups = algorithms.map { algorithm in summaries.filter { $0.algorithm == algorithm } }
    // The same variation has the same colour in every plot.
    let variations = groups.filter { $0.count > 1 }.flatMap { $0.map(variation) }.uniqued()
    var panels: [Panel] = []
    var single: [AccuracySummary] = []
    for (algorithm, group) in zip(algorithms, groups) {
      guard group.count > 1 else {
        single += group
        continue
      }
      for part in group.chunks(of: room) {
        panels.append(
          Panel(
            title: algorithm,
            members: part.map { summary in
              let name = variation(summary)
              return Member(
                name: name, style: (variations.firstIndex(of: name) ?? 0) % room, summary: summary)
            }))
      }
    }
    for part in single.chunks(of: room) { panels.append(panel("", part) { $0.shortName }) }
    return panels
  }

  /// The words that tell an implementation from the others of its algorithm.
  private static func variation(_ summary: AccuracySummary) -> String {
    let rest = summary.nameWithoutComputingFormat.dropFirst(summary.algorithm.count)
    return summary.named(rest.isEmpty ? summary.algorithm : String(rest.dropFirst()))
  }

  private static func panel(
    _ title: String, _ summaries: [AccuracySummary], name: (AccuracySummary) -> String
  ) -> Panel {
    Panel(
      title: title,
      members: summaries.enumerated().map { Member(name: name($1), style: $0, summary: $1) })
  }

  /// A title for a plot of a panel.
  func title(of panel: Panel) -> String {
    panel.title.isEmpty ? heading : "\(panel.title), \(heading)"
  }
}

extension Array {
  /// The elements in order, so many at a time.
  func chunks(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
