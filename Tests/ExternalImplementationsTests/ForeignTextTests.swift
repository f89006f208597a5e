import Testing

@testable import ExternalImplementations

@Suite("Text from outside")
struct ForeignTextTests {
  @Test("Ordinary text stays as it is, on one line")
  func ordinary() {
    #expect(ForeignText.shown("no kernel for n > 100") == "no kernel for n > 100")
    #expect(ForeignText.shown("  two\nlines\t of text \n") == "two lines of text")
    #expect(ForeignText.shown("std::bad_alloc in Größe 3") == "std::bad_alloc in Größe 3")
    #expect(ForeignText.shown("") == "")
  }

  @Test("What a terminal obeys is shown as its number")
  func controls() {
    #expect(ForeignText.shown("\u{1B}[31mred") == "\\u{1B}[31mred")
    #expect(ForeignText.shown("a\u{202E}b\u{0}c") == "a\\u{202E}b\\u{0}c")
  }

  @Test("Wherever lines are broken, none begins with a command to a build server")
  func commands() {
    #expect(ForeignText.shown("::error::x") == "\\::error::x")
    #expect(ForeignText.shown("x\n::add-mask::y ##[group]z") == "x \\::add-mask::y \\##[group]z")
  }

  @Test("A long text ends after 1000 bytes and says how long it is")
  func long() {
    let shown = ForeignText.shown([UInt8](repeating: UInt8(ascii: "a"), count: 15_000_000))
    #expect(shown == String(repeating: "a", count: 1000) + " [... 15000000 bytes in all]")
  }
}

@Suite("The last words of a worker")
struct LastWordsTests {
  private func sentence(_ text: String) -> String {
    var words = LastWords()
    words.append(text.utf8)
    return words.sentence
  }

  @Test("Without a line that says why, the last six are shown")
  func last() {
    #expect(sentence("") == "")
    #expect(sentence("one\n\n  two\n") == "; its last words: one | two")
    let lines = (1...9).map { "line \($0)" }
    #expect(
      sentence(lines.joined(separator: "\n"))
        == "; its last words: " + lines.suffix(6).joined(separator: " | "))
  }

  @Test("A panic or exception comes before the calls that led to it")
  func reason() {
    let frames = (0..<40).map { "  \($0): __libc_start_main" }.joined(separator: "\n")
    #expect(
      sentence(
        "thread 'main' panicked at src/lib.rs:7:5:\nindex out of bounds\nstack backtrace:\n"
          + frames)
        == "; its last words: thread 'main' panicked at src/lib.rs:7:5: | index out of bounds")
    #expect(
      sentence(
        "noise\nterminate called after throwing an instance of 'std::out_of_range'\n"
          + "  what():  no tile\n")
        == "; its last words: terminate called after throwing an instance of 'std::out_of_range' | what(): no tile"
    )
  }

  @Test("The reason is found before a trace of many kilobytes")
  func longTrace() {
    let trace = String(repeating: "frame of a call\n", count: 3000)
    #expect(
      sentence("kernel: Assertion `n % 8 == 0' failed.\n" + trace)
        .hasPrefix("; its last words: kernel: Assertion `n % 8 == 0' failed."))
  }
}
