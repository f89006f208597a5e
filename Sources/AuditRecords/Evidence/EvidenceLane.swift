/// The logits of a lane in hexadecimal, all of them.
///
/// In JSON equal neighbours are a pair of the text and their number:
/// `["0x1p+0",["0x0p+0",131071]]`.
package struct EvidenceLane: Codable, Sendable, Hashable {
  package var logits: [String]

  package init(_ logits: [String]) { self.logits = logits }

  package init(from decoder: any Decoder) throws {
    logits = []
    var runs = try decoder.unkeyedContainer()
    while !runs.isAtEnd {
      if let logit = try? runs.decode(String.self) {
        logits.append(logit)
      } else {
        var run = try runs.nestedUnkeyedContainer()
        let logit = try run.decode(String.self)
        logits += Array(repeating: logit, count: max(0, try run.decode(Int.self)))
      }
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var runs = encoder.unkeyedContainer()
    var start = 0
    for end in 1...max(logits.count, 1) where end >= logits.count || logits[end] != logits[start] {
      guard start < logits.count else { return }
      if end - start == 1 {
        try runs.encode(logits[start])
      } else {
        var run = runs.nestedUnkeyedContainer()
        try run.encode(logits[start])
        try run.encode(end - start)
      }
      start = end
    }
  }
}
