import Testing

@testable import AuditRecords
@testable import Basics

@Suite("The documents of shards")
struct ShardFilesTests {
  private typealias Part = (name: String, shard: (index: Int, count: Int)?, document: Int)

  @Test("They come in the order of their shards, whatever order the files have")
  func order() throws {
    let parts: [Part] = [("c", (3, 3), 30), ("a", (1, 3), 10), ("b", (2, 3), 20)]
    #expect(try ShardFiles.sorted(parts).map(\.document) == [10, 20, 30])
  }

  @Test("What is no shard or there twice is malformed; what is missing is not measured")
  func refusals() {
    let cases: [([Part], UserError)] = [
      (
        [("a", nil, 0)], UserError(.malformedInput, "a is no shard: it was written without --shard")
      ),
      ([("a", (3, 2), 0)], UserError(.malformedInput, "a says that it is shard 3 of 2")),
      (
        [("a", (1, 2), 0), ("b", (2, 3), 0)],
        UserError(.malformedInput, "b is one of 3 shards, a is one of 2")
      ),
      (
        [("a", (1, 2), 0), ("b", (1, 2), 0)],
        UserError(.malformedInput, "b is shard 1 again; a is it already")
      ),
      (
        [("a", (1, 20), 0)],
        UserError(
          .notMeasured,
          "shard 2/20, 3/20, 4/20, 5/20, 6/20, 7/20, 8/20, 9/20 and 11 more is missing; name the files of all shards"
        )
      ),
    ]
    for (parts, error) in cases {
      #expect(throws: error) { try ShardFiles.sorted(parts) }
    }
  }

  @Test("A document with rows has one line for each, and the marker may stand in a text")
  func rows() throws {
    struct Document: Encodable {
      var note = "\"rows\":[]"
      var rows: [Int] = []
    }
    let text = { (rows: [Int]) in
      String(
        decoding: try DocumentJSON.encode(Document(), rows: rows, key: "rows"), as: UTF8.self)
    }
    #expect(try text([]) == #"{"note":"\"rows\":[]","rows":[]}"# + "\n")
    #expect(try text([1, 2]) == #"{"note":"\"rows\":[]","rows":["# + "\n1,\n2\n]}\n")
  }
}
