#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A softmax in a shared library: the file, and what the names of its functions begin with.
package struct PluginPlace: Sendable, Hashable {
  package let path: String
  /// The text before `_softmax_f32` and the other names; nil where they stand alone.
  package let prefix: String?

  package init(path: String, prefix: String? = nil) {
    self.path = path
    self.prefix = prefix
  }

  /// Takes apart `lib.so` or `lib.so:PREFIX`; a file whose name has a colon is still a file.
  package init(parsing text: String) {
    guard !FileManager.default.fileExists(atPath: text), let colon = text.lastIndex(of: ":"),
      colon > text.startIndex, Self.isPrefix(text[text.index(after: colon)...])
    else {
      self.init(path: text)
      return
    }
    self.init(path: String(text[..<colon]), prefix: String(text[text.index(after: colon)...]))
  }

  /// Whether a text can begin the name of a C function.
  private static func isPrefix(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    else { return false }
    return text.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  /// A name of the interface as it is in this library.
  func symbol(_ name: String) -> String { prefix.map { "\($0)_\(name)" } ?? name }

  /// The name of a softmax that was given none: its prefix, or its file without folders and
  /// extensions.
  var defaultName: String {
    if let prefix { return prefix }
    let file = path.split(separator: "/").last ?? Substring(path)
    return String(file.split(separator: ".", omittingEmptySubsequences: false).first ?? file)
  }
}
