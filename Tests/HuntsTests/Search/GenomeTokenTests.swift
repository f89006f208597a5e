import AuditRecords
import Basics
import Testing

@testable import Hunts

@Suite("Tokens of lanes of a search")
struct GenomeTokenTests {
  @Test("The token of a genome that an earlier version printed is read, and printed again")
  func earlierGenome() throws {
    let token =
      "ge6c683c0-eyJlZGl0cyI6W10sImxldmVscyI6W3siZ2FwIjowLCJub2lzZSI6MTIuMzUyMDYzNjAxMDg0NjEsIndlaWdodCI6MH0seyJnYXAiOjE1LjIxNjU5ODE0NDY4MjE4LCJub2lzZSI6MC4zNDc5NDc5NDgyOTIyNDY5Niwid2VpZ2h0IjowLjY2OTk3MjkxNTQ5OTM2Mzd9XSwib2Zmc2V0IjowLCJvcmRlciI6ImFsdGVybmF0aW5nIiwicm90YXRpb24iOjAsInNlZWQiOjE2Mjg2ODQ3NzMyMjc1MDB9"
    let genome = try GenomeToken.genome(in: token)
    #expect(genome.levels.map(\.gap) == [0, 15.21659814468218])
    #expect(genome.seed == 1_628_684_773_227_500)
    #expect(GenomeToken.text(of: genome) == token)
    #expect(throws: UserError.self) { try GenomeToken.genome(in: String(token.dropLast())) }
  }
}
