import Foundation
import Testing

@testable import Laws

@Suite("The files of the laws")
struct LawFilesTests {
  /// The files of a folder of the package, with their names and texts.
  private func sources(in folder: String) throws -> [(name: String, text: String)] {
    var root = URL(fileURLWithPath: #filePath)
    repeat {
      root.deleteLastPathComponent()
      try #require(root.path != "/", "there is no Package.swift above the tests")
    } while !FileManager.default.fileExists(atPath: root.path + "/Package.swift")
    let paths = FileManager.default.enumerator(atPath: root.path + "/" + folder)
    return try (paths?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".swift") }.map {
      let file = root.appendingPathComponent(folder).appendingPathComponent($0)
      return (file.lastPathComponent, try String(contentsOf: file, encoding: .utf8))
    }
  }

  @Test("Have a test file each, of the same name, that names every law of the file")
  func testsOfLaws() throws {
    let tests = Dictionary(
      try sources(in: "Tests").map { ($0.name, $0.text) }, uniquingKeysWith: { $0 + $1 })
    var count = 0
    for source in try sources(in: "Sources") {
      let laws = source.text.matches(of: /static let ([a-zA-Z]+)(?:: Law)? = (?:Law|conduct)\(/)
      guard !laws.isEmpty else { continue }
      #expect(source.name.contains(/Laws?\.swift$/), "\(source.name)")
      let name = source.name.replacing(".swift", with: "Tests.swift")
      let test = try #require(tests[name], "there is no test file \(name)")
      for law in laws { #expect(test.contains(".\(law.1)"), "\(name): \(law.1)") }
      count += laws.count
    }
    #expect(count == Law.all.count)
  }
}
