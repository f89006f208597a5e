/// The notes of a property on a case besides its verdict.
package struct Observations: Sendable {
  /// The nearness of the case to the worst imaginable; targeting looks for high scores.
  package private(set) var score: Double?
  /// The labels of the case, each once, in the order given.
  package private(set) var labels: [String] = []
  /// Notes in the property's own words, counted in the report.
  package private(set) var events: [String] = []

  package init() {}

  /// Gives the case a score; of several the largest counts, and a NaN none.
  package mutating func score(_ value: Double) {
    guard !value.isNaN else { return }
    score = max(score ?? value, value)
  }

  /// Counts the case under a label.
  package mutating func label(_ name: String) {
    if !labels.contains(name) { labels.append(name) }
  }

  /// Counts the case under a label where the condition holds.
  package mutating func label(_ name: String, where condition: Bool) {
    if condition { label(name) }
  }

  /// Counts an event.
  package mutating func event(_ text: String) { events.append(text) }
}
