/// The last of what a worker wrote to standard error, and what of it says why it died.
struct LastWords {
  private var bytes: [UInt8] = []

  /// The number of bytes that are kept: a long trace of calls follows the line that matters.
  private static let kept = 1 << 16
  /// The most lines that are shown.
  private static let shownLines = 6

  mutating func append(_ more: some Collection<UInt8>) {
    bytes += more
    if bytes.count > 2 * Self.kept { bytes.removeFirst(bytes.count - Self.kept) }
  }

  /// The lines that say most, to stand behind a sentence; nothing where there are none.
  ///
  /// A runtime that gives up says why in one line, with the reason in it or in the next, and lists
  /// calls after it. Where there is such a line it comes first; else the last lines are shown.
  var sentence: String {
    let lines = bytes.suffix(Self.kept).split(separator: UInt8(ascii: "\n")).map {
      $0.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }.filter { !$0.isEmpty }
    guard !lines.isEmpty else { return "" }
    var chosen: [String] = []
    if let place = lines.lastIndex(where: Self.saysWhy) {
      chosen = lines[place...].prefix(2).map { ForeignText.shown($0) }
      // What our own handler says of the fault stands at the very end.
      if let last = lines.last, Self.isOurs(last) { chosen.append(ForeignText.shown(last)) }
    } else {
      chosen = lines.suffix(Self.shownLines).map { ForeignText.shown($0) }
    }
    return "; its last words: " + chosen.joined(separator: " | ")
  }

  /// The beginnings of what runtimes of C, C++, Rust, Swift and sanitizers say before they end a
  /// process.
  private static let announcements = [
    "panicked at", "terminate called", "Assertion ", "assertion failed", "Fatal error:",
    "fatal error:", "ERROR: AddressSanitizer", "runtime error:", "*** stack smashing",
  ].map { Array($0.utf8) }

  private static func saysWhy(_ line: ArraySlice<UInt8>) -> Bool {
    announcements.contains { contains(line, $0) }
  }

  /// Whether a line is of those that ``PluginWorker`` writes at a fault.
  private static func isOurs(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: "it touched memory".utf8) || line.starts(with: "it wrote to byte".utf8)
      || line.starts(with: "it used an address".utf8)
  }

  private static func contains(_ line: ArraySlice<UInt8>, _ part: [UInt8]) -> Bool {
    guard line.count >= part.count else { return false }
    return (line.startIndex...line.endIndex - part.count).contains {
      line[$0..<$0 + part.count].elementsEqual(part)
    }
  }
}
