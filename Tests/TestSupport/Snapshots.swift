import Foundation

/// Texts that were looked at once and must not change unnoticed.
///
/// They are the files of the folder `Snapshots` beside the tests, which is a resource of their
/// bundle. With the environment variable `RECORD_SNAPSHOTS=1` they are written anew into the source
/// tree, and every comparison fails, so that nobody takes a recording for a test.
package struct Snapshots: Sendable {
  private let bundled: URL
  private let source: URL

  /// The snapshots of the tests in a bundle, one of whose source files is given.
  package init(of bundle: Bundle, testFile: String = #filePath) {
    bundled = (bundle.resourceURL ?? bundle.bundleURL).appendingPathComponent("Snapshots")
    source = URL(fileURLWithPath: testFile).deletingLastPathComponent()
      .appendingPathComponent("Snapshots")
  }

  /// Says how a text differs from its snapshot; nil where it does not.
  package func difference(of text: String, from name: String) throws -> String? {
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: source.appendingPathComponent(name))
      return "\(name) was recorded; look at it and run again without RECORD_SNAPSHOTS"
    }
    guard
      let data = FileManager.default.contents(atPath: bundled.appendingPathComponent(name).path)
    else { return "there is no snapshot \(name); make it with RECORD_SNAPSHOTS=1" }
    let expected = String(decoding: data, as: UTF8.self)
    guard expected != text else { return nil }
    let (old, new) = (lines(of: expected), lines(of: text))
    let line =
      zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
    func shown(_ lines: [String]) -> String {
      line < lines.count ? "\"\(lines[line])\"" : "nothing"
    }
    return "\(name), line \(line + 1): \(shown(old)) is expected, there is \(shown(new))"
  }

  private func lines(of text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
