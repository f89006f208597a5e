import Foundation

/// The sources of the package as text.
struct SourceTree {
  /// A file of Swift.
  struct File {
    /// The name of its target.
    var target: String
    /// The folders from that of the target to the file; empty for files at its root.
    var folder: String
    var path: String
    /// The text without comments, and with empty literals of strings.
    var code: String
    /// The lines as they are.
    var lines: [String]

    /// The modules that the file imports.
    var imports: Set<String> {
      Set(
        lines.compactMap { line in
          let words = line.split(separator: " ").drop { $0.hasPrefix("@") }
          return words.count == 2 && words.first == "import" ? words.last.map(String.init) : nil
        })
    }

    /// The types that the file declares and other files can name.
    var types: Set<String> {
      let kinds: Set<Substring> = ["struct", "enum", "class", "actor", "protocol", "typealias"]
      let modifiers: Set<Substring> = ["public", "package", "final", "indirect", "nonisolated"]
      return Set(
        lines.compactMap { line in
          let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
            .drop { modifiers.contains($0) }
          guard line.first?.isLetter == true, words.count > 1,
            kinds.contains(words[words.startIndex])
          else { return nil }
          return String(words[words.startIndex + 1])
        })
    }

    /// The words of the code that begin with a capital letter.
    var names: Set<String> {
      let words = code.utf8.split { byte in
        !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) && byte != UInt8(ascii: "_")
      }
      return Set(words.lazy.compactMap { String($0) }.filter { $0.first?.isUppercase == true })
    }
  }

  /// The folder of the package.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  /// The sources and tests of this package, read once.
  static let all = Result { try SourceTree() }

  /// The files of `Sources`.
  let files: [File]
  /// The files of `Tests`.
  let tests: [File]

  /// Reads the sources and the tests beside these.
  init() throws {
    files = try Self.files(in: Self.root.appendingPathComponent("Sources"))
    tests = try Self.files(in: Self.root.appendingPathComponent("Tests"))
  }

  /// The files of Swift below a folder whose folders are targets.
  private static func files(in place: URL) throws -> [File] {
    let folder = place.resolvingSymlinksInPath()
    var files: [File] = []
    let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    for path in paths.sorted() where path.hasSuffix(".swift") {
      let text = try String(
        contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      // Tools lie in a folder of their own.
      let parts = path.split(separator: "/").map(String.init).drop { $0 == "Tools" }
      files.append(
        File(
          target: parts.first ?? "", folder: parts.dropFirst().dropLast().joined(separator: "/"),
          path: path, code: code(of: text),
          lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)))
    }
    return files
  }

  /// The targets of the manifest in its order, tests left out.
  func targets() throws -> [String] {
    let manifest = try String(
      contentsOf: Self.root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let targets = manifest.prefix(
      upTo: manifest.range(of: "TestSupport")?.lowerBound ?? manifest.endIndex)
    return targets.matches(of: /\.(?:target|executableTarget|systemLibrary)\(\s*name: "([\w-]+)"/)
      .map { String($0.1) }
  }

  /// The text without comments, and with empty literals of strings.
  private static func code(of text: String) -> String {
    var code: [UInt8] = []
    let bytes = Array(text.utf8)
    let (quote, slash, escape, newline) = (
      UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "\n")
    )
    var place = 0
    func isAt(_ pattern: [UInt8]) -> Bool { bytes[place...].starts(with: pattern) }
    while place < bytes.count {
      if isAt([slash, slash]) {
        while place < bytes.count, bytes[place] != newline { place += 1 }
      } else if bytes[place] == quote {
        let end = isAt([quote, quote, quote]) ? [quote, quote, quote] : [quote]
        place += end.count
        while place < bytes.count, !isAt(end) { place += bytes[place] == escape ? 2 : 1 }
        place += end.count
        code += [quote, quote]
      } else {
        code.append(bytes[place])
        place += 1
      }
    }
    return String(decoding: code, as: UTF8.self)
  }
}
