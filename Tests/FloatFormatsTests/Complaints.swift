import Testing

/// The failures of a loop too long for one expectation per step: all are counted, a few are shown.
struct Complaints {
  private(set) var count = 0
  private var shown: [String] = []

  mutating func check(_ holds: Bool, _ text: @autoclosure () -> String) {
    if holds { return }
    count += 1
    if shown.count < 8 { shown.append(text()) }
  }

  func expectNone(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(
      count == 0, "\(count) failures: \(shown.joined(separator: "; "))",
      sourceLocation: sourceLocation)
  }
}
