import Foundation
import Testing

@testable import AuditRecords

@Suite("The export command")
struct ExportTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Manifest: Decodable, Equatable {
    var schema: String
    var seed: UInt64
    var tensors: [Entry]

    struct Entry: Decodable, Equatable {
      var file: String
      var format: String
      var family: String
      var shape: [Int]
      var axis: Int
    }
  }

  @Test("It writes arrays and a manifest that lists them")
  func files() async throws {
    let inputs = folder.path("new/inputs")
    let outcome = try await run(
      "export \(inputs) --format float32 --format bfloat16 --family normal-4 --length 9 --length 0 --samples 3 --seed 5"
    )
    #expect(outcome.status == 0)
    #expect(outcome.output == "")
    #expect(outcome.notes == "4 files in \(inputs)\n")
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: URL(fileURLWithPath: inputs + "/manifest.json")))
    func entry(_ format: String, _ length: Int) -> Manifest.Entry {
      .init(
        file: "\(format)-normal-4-\(length).npy", format: format, family: "normal-4",
        shape: [3, length], axis: 1)
    }
    #expect(
      manifest
        == Manifest(
          schema: "softmax-audit/inputs/1", seed: 5,
          tensors: [
            entry("bfloat16", 9), entry("bfloat16", 0), entry("float32", 9), entry("float32", 0),
          ]))
    let written = try FileManager.default.contentsOfDirectory(atPath: inputs)
    #expect(Set(written) == Set(manifest.tensors.map(\.file) + ["manifest.json"]))
  }

  @Test(
    "Auditing what was exported gives the figures of the family itself",
    arguments: ["float16", "bfloat16", "float32", "float64"])
  func roundTrip(format: String) async throws {
    let lanes = "--format \(format) --family masked --length 9 --samples 3 --seed 5"
    let inputs = folder.path("inputs")
    try await run("export \(inputs) \(lanes)")
    let implementation = "audit --implementation max-trick --format \(format)"
    let (direct, indirect) = (folder.path("direct.json"), folder.path("indirect.json"))
    #expect(try await run("audit --implementation max-trick \(lanes) --json \(direct)").status == 0)
    let outcome = try await run(
      "\(implementation) --logits \(inputs)/\(format)-masked-9.npy --json \(indirect)")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    var row = try #require(results(in: indirect).accuracy.first)
    var expected = try #require(results(in: direct).accuracy.first)
    #expect(row.family == "file:\(format)-masked-9.npy")
    row.family = expected.family
    row.nsPerElement = nil
    expected.nsPerElement = nil
    #expect(row == expected)
  }

  @Test("Selections that make no sense are refused before anything is written")
  func refusals() async throws {
    let inputs = folder.path("inputs")
    try await run("export \(inputs) --samples 0").expectRefusal(
      64, "--samples 0: use a number from 1 to 268435456")
    try await run("export \(inputs) --length -1").expectRefusal(
      64, "--length -1: a length lies between 0 and 16777216")
    try await run("export \(inputs) --family dust-float32 --format float32").expectRefusal(
      2, "no selected family has lanes in the formats asked for")
    #expect(try folder.contents == [])
    let file = try folder.file("file", Data())
    try await run("export \(file) --length 3 --family constant").expectRefusal(
      73, "cannot make the directory \(file): \(file) is a file; choose another place")
  }
}
