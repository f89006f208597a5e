import Foundation

/// The Python that scripts/setup-libraries made, if it did.
let libraryPython: String? = {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let path = root.appendingPathComponent(".build/python/libraries/bin/python").path
  return FileManager.default.isExecutableFile(atPath: path) ? path : nil
}()
