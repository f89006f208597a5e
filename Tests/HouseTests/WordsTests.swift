import Testing

@Suite("The words of the house")
struct WordsTests {
  let comments: Comments

  init() throws { comments = try Comments.all.get() }

  @Test("A summary says what a thing is or does, and begins with no question word")
  func summariesAreNoQuestions() {
    let summaries = comments.summaries.filter { $0.path.hasPrefix("Sources/") }
    #expect(summaries.count > 3000)
    let words: Set<Substring> = [
      "What", "Which", "How", "Where", "When", "Who", "Whose", "Whom", "Why", "Whatever", "Whoever",
    ]
    for line in summaries {
      let first = line.body.dropFirst(3).split { !$0.isLetter }.first ?? ""
      #expect(!words.contains(first), "\(line.path):\(line.number): \(line.body)")
    }
  }

  @Test("Comments are at most 100 columns wide")
  func commentsAreNarrow() {
    #expect(Set(comments.lines.map { $0.path.prefix { $0 != "/" } }).count >= 4)
    #expect(comments.lines.count > 8000)
    for line in comments.lines {
      if line.text.utf8.count <= 100 { continue }
      #expect(line.text.count <= 100, "\(line.path):\(line.number): \(line.text.count) columns")
    }
  }

  @Test("The comments found are those that a file has")
  func commentsAreFound() throws {
    let own = comments.lines.filter { $0.path.hasSuffix("CForeignCalls.h") }
    #expect(own.contains { $0.isDocumentation })
    #expect(comments.lines.contains { $0.path == "scripts/test" && $0.number == 2 })
    #expect(
      comments.lines.contains { $0.path.hasSuffix("softmax_audit.h") && $0.body.hasPrefix("*") })
  }
}
