#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Patterns for names, as a shell has them.
package enum Glob {
  /// Whether a text has the characters of a glob.
  package static func isGlob(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  /// Whether a name matches a glob, in which `*` matches slashes too, or is the same.
  package static func matches(_ name: String, _ pattern: String) -> Bool {
    isGlob(pattern) ? fnmatch(pattern, name, 0) == 0 : name == pattern
  }
}
