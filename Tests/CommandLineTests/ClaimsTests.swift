import Foundation
import Testing

@Suite("Published claims on the command line")
struct ClaimsTests {
  private static let right =
    #"[{"id": "right", "logits": [2.0, 1.0, 0.1], "printed": ["0.7", "0.2", "0.1"]}]"#
  private static let wrong = """
    [{"id": "right", "logits": [2.0, 1.0, 0.1], "printed": ["0.7", "0.2", "0.1"]},
     {"id": "row", "logits": [[1, 2]], "printed": [["1.", "1."]], "note": "axis 0"}]
    """

  @Test("Claims that hold are status 0, one that does not is status 1 and said")
  func verdicts() async throws {
    let folder = try TemporaryFolder()
    let right = try folder.file("right.json", Data(Self.right.utf8))
    let wrong = try folder.file("wrong.json", Data(Self.wrong.utf8))
    #expect(try await run(["verify", "--claims", right]).status == 0)
    let outcome = try await run([
      "verify", "--claims", wrong, "--report", folder.path("report"),
    ])
    #expect(outcome.status == 1)
    #expect(
      outcome.output == """
        claim                     decimals  correct  units off  verdict
        right                            3        3      0.425  correct
        row                              2        1      0.732  WRONG FORMULA

        WRONG row: these are the softmax along axis 0
          printed  1.
          exact    2.6894142136999512075e-1

        1 of 2 claims hold; 4 of 5 decimals are the correct rounding.

        """)
    let page = try String(contentsOfFile: folder.path("report/report.md"), encoding: .utf8)
    #expect(page.contains("**row**: these are the softmax along axis 0."))
    #expect(FileManager.default.fileExists(atPath: folder.path("report/claims.json")))
  }

  @Test("A file that is none, and options that say nothing about claims, are refused")
  func refusals() async throws {
    let folder = try TemporaryFolder()
    let right = try folder.file("right.json", Data(Self.right.utf8))
    for (text, words) in [
      ("{", "is no list of claims"), ("[]", "holds no claim"),
      (#"[{"id": "x", "logits": [1], "printed": [1]}]"#, "at [0].printed"),
      (#"[{"logits": [1], "printed": ["1"]}]"#, "at [0], \"id\" is missing"),
    ] {
      let file = try folder.file("bad.json", Data(text.utf8))
      let outcome = try await run(["verify", "--claims", file])
      #expect(outcome.status == 65)
      #expect(outcome.notes.contains(words), "\(outcome.notes)")
    }
    let outcome = try await run(["verify", "--claims", right, "--axis", "0"])
    #expect(outcome.status == 64)
    #expect(outcome.notes.contains("--axis does not belong to --claims"))
  }
}
