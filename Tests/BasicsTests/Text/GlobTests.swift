import Testing

@testable import Basics

@Suite("Globs")
struct GlobTests {
  @Test(
    "A glob matches as a shell does, slashes too; a name matches itself alone",
    arguments: [
      ("max-trick/pairwise", "max-trick", false), ("max-trick", "max-trick", true),
      ("max-trick/pairwise", "max-trick*", true), ("max-trick/pairwise", "*/pairwise", true),
      ("dust", "d?st", true), ("dust", "d[aeiou]st", true), ("dust", "d[!u]st", false),
    ])
  func matching(name: String, pattern: String, matches: Bool) {
    #expect(Glob.matches(name, pattern) == matches)
  }
}
