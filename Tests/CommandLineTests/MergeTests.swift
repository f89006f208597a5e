import AuditReports
import Basics
import Foundation
import Testing

@testable import AuditRecords

@Suite("Shards and the merge command")
struct MergeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let commands = [
    "audit --implementation max-trick/* --implementation */float32 --format float16 --format float32 "
      + "--family normal-* --family dust --length 2 --length 9 --samples 2 --elsewhere --blame",
    "check --implementation max-trick --implementation naive --format float16 --effort 0.05 "
      + "--law range --law shift --law overflow",
    "search --implementation online --format float32 --length 5 --length 9 --budget 3000",
    "exhaust --implementation max-trick --implementation naive --format float16 --domain tuples "
      + "--length 2 --limit 12 --step 0.125",
  ]

  /// A document as earlier versions wrote it.
  private func withoutChecksum(_ text: String) -> String {
    text.replacing(/^\{"checksum":"[^"]*",/, with: "{")
  }

  /// A changed document with the checksum of its content.
  private func sealed(_ text: String) -> Data {
    DocumentChecksum.seal(Data(withoutChecksum(text).utf8))
  }

  private func shards(_ command: String, _ count: Int) async throws -> [String] {
    var paths: [String] = []
    for index in 1...count {
      let path = folder.path("\(index)-of-\(count).json")
      try await run("\(command) --shard \(index)/\(count) --json \(path) --quiet")
      paths.append(path)
    }
    return paths
  }

  @Test("1, 2 and 3 shards give the whole, to the byte", arguments: commands)
  func partsMakeTheWhole(command: String) async throws {
    let whole = folder.path("whole.json")
    let status = try await run("\(command) --json \(whole) --quiet").status
    for count in 1...3 {
      let paths = try await shards(command, count)
      let merged = folder.path("merged.json")
      let outcome = try await run(
        "merge \(paths.reversed().joined(separator: " ")) --json \(merged) --quiet")
      #expect(outcome.status == status, "\(outcome.notes)")
      #expect(try figures(in: merged) == figures(in: whole))
    }
  }

  @Test("What is missing, there twice, foreign or damaged is refused", arguments: commands)
  func refusals(command: String) async throws {
    let paths = try await shards(command, 2)
    func refused(_ files: [String], _ status: Int32, _ words: String) async throws {
      let json = folder.path("none.json")
      let outcome = try await run("merge \(files.joined(separator: " ")) --json \(json)")
      #expect(outcome.status == status, "\(outcome.notes)")
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
      #expect(!FileManager.default.fileExists(atPath: json))
    }
    try await refused([paths[0]], 2, "shard 2/2 is missing")
    try await refused([paths[0], paths[0]], 65, "is shard 1 again")
    let text = try String(contentsOfFile: paths[1], encoding: .utf8)
    func changed(_ name: String, _ change: (String) -> String) throws -> String {
      let new = change(text)
      #expect(new != text)
      return try folder.file(name, sealed(new))
    }
    let version = try changed("version.json") { $0.replacing(/0\.1\.0/, with: "9.9.9") }
    try await refused([paths[0], version], 65, "belongs to another run")
    let damaged = try changed("damaged.json") { String($0.dropLast(30)) }
    try await refused([paths[0], damaged], 65, "damaged.json is")
    let unsealed = try folder.file("unsealed.json", Data(withoutChecksum(text).utf8))
    try await refused([paths[0], unsealed], 65, "unsealed.json carries no checksum and other")
    let three = try await shards(command, 3)
    try await refused([paths[0], three[1]], 65, "is one of 3 shards")
    let whole = folder.path("whole.json")
    try await run("\(command) --json \(whole) --quiet")
    try await refused([paths[0], whole], 65, "is no shard")
    try await refused([paths[0], "/nowhere.json"], 65, "cannot read")
  }

  @Test("Shards of another seed or of another selection are foreign")
  func foreignPlans() async throws {
    let command = "audit --implementation naive --format float32 --family normal-1 --length 3"
    let paths = try await shards(command + " --length 4", 2)
    for (options, words) in [
      ("--length 4 --seed 7", "the seed is 7"), ("--length 5", "it was asked for other"),
      ("--length 4 --samples 2", "it was asked for other"),
      ("--length 4 --declare max-trick", "was judged in another way"),
    ] {
      let other = folder.path("other.json")
      try await run("\(command) \(options) --shard 2/2 --json \(other) --quiet")
      let outcome = try await run("merge \(paths[0]) \(other)")
      #expect(outcome.status == 65)
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
    }
    let tally = try String(contentsOfFile: paths[1], encoding: .utf8)
      .replacing(/"places":\[[0-9]+/, with: "\"places\":[0")
    let overlapping = try folder.file("overlapping.json", sealed(tally))
    let outcome = try await run("merge \(paths[0]) \(overlapping)")
    #expect(outcome.status == 65)
    #expect(outcome.notes.contains("overlap"), "\(outcome.notes)")
  }

  @Test("A shard with a sound checksum that says what cannot be true is refused")
  func impossibleNumbers() async throws {
    let command = "audit --implementation naive --format float32 --family normal-1 --length 3"
    let paths = try await shards(command + " --length 4", 2)
    let text = try String(contentsOfFile: paths[1], encoding: .utf8)
    for (key, value) in [
      ("length", "-1"), ("correctlyRounded", "1.8e19"), ("maxUlp", "-1"), ("lanes", "0"),
      ("mismatches", "1000000"),
    ] {
      let edited = try text.replacing(Regex("\"\(key)\":[0-9.e-]+"), with: "\"\(key)\":\(value)")
      #expect(edited != text)
      let path = try folder.file("impossible.json", sealed(edited))
      let outcome = try await run("merge \(paths[0]) \(path)")
      #expect(outcome.status == 65, "\(key): \(outcome.notes)")
      #expect(outcome.notes.contains("impossible.json contradicts itself"), "\(outcome.notes)")
    }
  }

  @Test("Shards of another file of the same name are refused, and of another machine told")
  func otherImplementation() async throws {
    func library(_ factor: String) throws -> String {
      try sharedLibrary(
        of: "Tests/CommandLineTests/Plugins/naive_plugin.c", named: "mine", in: folder,
        flags: ["-DFACTOR=\(factor)"])
    }
    let command = "audit --format float32 --family normal-1 --length 3 --length 4 --quiet"
    let paths = (1...2).map { folder.path("\($0).json") }
    for (index, factor) in ["1.0f", "1.5f"].enumerated() {
      let path = try library(factor)
      try await run(
        "\(command) --plugin mine=\(path) --shard \(index + 1)/2 --json \(paths[index])")
    }
    let other = try await run("merge \(paths[0]) \(paths[1])")
    #expect(other.status == 65)
    #expect(other.notes.contains("the SHA-256 of mine (mine.so) is"), "\(other.notes)")

    let path = try library("1.0f")
    try await run("\(command) --plugin mine=\(path) --shard 2/2 --json \(paths[1])")
    let text = try String(contentsOfFile: paths[1], encoding: .utf8)
    let processor = try folder.file(
      "processor.json",
      sealed(text.replacing(/"processor":"[^"]*"/, with: "\"processor\":\"Another\"")))
    let json = folder.path("merged.json")
    let told = try await run("merge \(paths[0]) \(processor) --json \(json)")
    #expect(told.status == 0, "\(told.notes)")
    #expect(told.notes.contains("2 different environments"))
    #expect(try results(in: json).environments?.count == 2)
    let library = try folder.file(
      "library.json",
      sealed(text.replacing(/"MPFR [^"]*"/, with: "\"MPFR 9.9\"")))
    let foreign = try await run("merge \(paths[0]) \(library)")
    #expect(foreign.status == 65)
    #expect(foreign.notes.contains("the library of the oracle is MPFR 9.9"))
  }
}
