/// The notes of a property on a case besides its verdict.
public struct Observations: Sendable {
  /// The nearness of the case to the worst imaginable; targeting looks for high scores.
  public private(set) var score: Double?
  /// The labels of the case, each once, in the order given.
  public private(set) var labels: [String] = []
  /// Notes in the property's own words, counted in the report.
  public private(set) var events: [String] = []

  public init() {}

  /// Gives the case a score; of several the largest counts, and a NaN none.
  public mutating func score(_ value: Double) {
    guard !value.isNaN else { return }
    score = max(score ?? value, value)
  }

  /// Counts the case under a label.
  public mutating func label(_ name: String) {
    if !labels.contains(name) { labels.append(name) }
  }

  /// Counts the case under a label where the condition holds.
  public mutating func label(_ name: String, where condition: Bool) {
    if condition { label(name) }
  }

  /// Counts an event.
  public mutating func event(_ text: String) { events.append(text) }
}
