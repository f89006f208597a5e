/// A decision as it was made: what was asked and what came out.
package struct RecordedChoice: Hashable, Sendable {
  package let kind: ChoiceKind
  package let value: ChoiceValue

  /// The simplicity index of the value.
  package var index: UInt64 { kind.index(of: value) }
  /// Whether nothing simpler was permitted.
  package var isSimplest: Bool { value == kind.simplest }
}

/// A run of choices that belong together, such as those of one array element.
package struct Span: Hashable, Sendable {
  /// The meaning of the span; spans of one label can stand in for each other.
  package internal(set) var label: String
  /// The first choice.
  package let start: Int
  /// One past the last choice.
  package internal(set) var end: Int
  /// The index of the enclosing span.
  package let parent: Int?
  /// Whether the generator threw away what it made of these choices.
  package internal(set) var isDiscarded = false

  package var range: Range<Int> { start..<end }
}

/// Compares sequences by length, then choice by choice: shorter is simpler, then the lower index
/// decides.
///
/// The order has no infinite descent, so a shrinker that only accepts simpler sequences ends.
func isSimpler(_ a: [RecordedChoice], than b: [RecordedChoice]) -> Bool {
  if a.count != b.count { return a.count < b.count }
  for (left, right) in zip(a, b) {
    let (leftIndex, rightIndex) = (left.index, right.index)
    if leftIndex != rightIndex { return leftIndex < rightIndex }
  }
  return false
}
