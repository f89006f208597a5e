import Foundation

/// The path of a file in its repository: servers that show findings beside a file know it by that
/// path.
enum RepositoryPath {
  /// The path from the root of the repository; the path itself where the file lies in none.
  ///
  /// The root is `GITHUB_WORKSPACE` where the file lies below it, else the nearest folder above the
  /// file that has `.git`.
  static func of(
    _ path: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    let file = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
    if let workspace = environment["GITHUB_WORKSPACE"], !workspace.isEmpty,
      let inside = Self.path(
        of: file, in: URL(fileURLWithPath: workspace).standardizedFileURL.resolvingSymlinksInPath())
    {
      return inside
    }
    var folder = file.deletingLastPathComponent()
    while true {
      // In a worktree or a submodule .git is a file.
      if FileManager.default.fileExists(atPath: folder.appendingPathComponent(".git").path) {
        return Self.path(of: file, in: folder) ?? path
      }
      guard folder.pathComponents.count > 1 else { return path }
      folder.deleteLastPathComponent()
    }
  }

  private static func path(of file: URL, in folder: URL) -> String? {
    let (parts, above) = (file.pathComponents, folder.pathComponents)
    guard parts.count > above.count, parts.starts(with: above) else { return nil }
    return parts.dropFirst(above.count).joined(separator: "/")
  }
}
