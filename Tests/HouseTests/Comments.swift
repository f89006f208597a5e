import Foundation

/// The comments of the sources, the tests and the scripts.
struct Comments {
  /// A line that holds nothing but a comment.
  struct Line {
    var path: String
    var number: Int
    var text: String

    var isDocumentation: Bool { body.hasPrefix("///") }
    /// The text without the indentation.
    var body: Substring { Substring(text.utf8.drop { $0 == UInt8(ascii: " ") }) }
  }

  /// The comments of this package, read once.
  static let all = Result { try Comments(root: SourceTree.root) }

  let lines: [Line]

  init(root: URL) throws {
    var lines: [Line] = []
    for path in try Self.paths(root) {
      guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      else { continue }
      let language = Self.language(of: path, text)
      guard language != .other else { continue }
      lines += Self.comments(in: text, language).map {
        Line(path: path, number: $0.number, text: $0.text)
      }
    }
    self.lines = lines
  }

  /// The first lines of the documentation comments.
  var summaries: [Line] {
    var summaries: [Line] = []
    var last: (path: String, number: Int)?
    for line in lines where line.isDocumentation {
      if last?.path != line.path || last?.number != line.number - 1 { summaries.append(line) }
      last = (line.path, line.number)
    }
    return summaries
  }

  enum Language {
    case slashes
    case hashes
    case other
  }

  private static func paths(_ root: URL) throws -> [String] {
    var paths = ["Package.swift", ".ci/run"]
    for folder in ["Sources", "Tests", "scripts"] {
      let base = root.appendingPathComponent(folder).resolvingSymlinksInPath()
      let inside = FileManager.default.enumerator(atPath: base.path)?.allObjects as? [String] ?? []
      paths += inside.filter { !$0.contains(".build/") }.sorted().map { "\(folder)/\($0)" }
    }
    return paths
  }

  private static func language(of path: String, _ text: String) -> Language {
    switch URL(fileURLWithPath: path).pathExtension {
    case "swift", "c", "h", "cpp", "js": .slashes
    case "py", "sh": .hashes
    default: text.hasPrefix("#!") ? .hashes : .other
    }
  }

  /// The lines that hold nothing but a comment, counted from 1; those in long literals are not.
  private static func comments(
    in text: String, _ language: Language
  ) -> [(number: Int, text: String)] {
    var comments: [(number: Int, text: String)] = []
    var isInLiteral = false
    var isInBlock = false
    for (index, line) in text.utf8.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    ).enumerated() {
      let body = Substring(line.drop { $0 == UInt8(ascii: " ") })
      if !isInBlock, body.contains("\"\"\"") {
        // One that ends where it begins is none that goes on.
        if body.components(separatedBy: "\"\"\"").count % 2 == 0 { isInLiteral.toggle() }
        continue
      }
      if isInLiteral { continue }
      let isComment: Bool
      switch language {
      case .slashes:
        if body.hasPrefix("/*") { isInBlock = true }
        isComment = isInBlock || body.hasPrefix("//")
        if isInBlock, body.contains("*/") { isInBlock = false }
      case .hashes: isComment = body.hasPrefix("#") && !body.hasPrefix("#!")
      case .other: isComment = false
      }
      if isComment { comments.append((index + 1, String(Substring(line)))) }
    }
    return comments
  }
}
