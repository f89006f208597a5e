import FloatFormats
import Testing

@testable import SoftmaxAudit

@Suite("Shards")
struct ShardTests {
  private func results(_ shard: Shard?, threads: Int = 1) async throws -> AuditResults {
    let names = ["max-trick", "naive"]
    var plan = AuditPlan(
      implementations: BuiltInImplementation.all.filter { one in
        names.contains { one.name == $0 + "/sequential" }
      },
      cells: AuditPlan.cells(
        families: LogitFamily.all.filter { $0.name.hasPrefix("normal") },
        formats: [.float16, .float32], lengths: [1, 5, 33], samples: 2), threads: threads)
    plan.shard = shard
    let placed = try await Audit(plan).placedRows()
    var check = CheckPlan(
      implementations: plan.implementations, formats: [.float32], outputFormat: nil,
      laws: Law.all.filter { ["single", "range", "uniform"].contains($0.name) }, seed: 7,
      effort: 0.02, threads: threads, settings: CheckSettings(), regressions: nil)
    check.shard = shard
    let checked = try await Check(check).placedRows()
    var results = AuditResults(
      tool: .init(name: "softmax-audit", version: "1"), command: "", seed: 7,
      oracle: .init(tier: "filtered", library: "MPFR"),
      environment: .init(platform: "here", processor: "this", threads: threads),
      accuracy: placed.map { placed in
        var row = placed.row
        row.nsPerElement = nil
        return row
      })
    results.properties = checked.map(\.row)
    results.shard = shard.map {
      ShardRecord(
        shard: $0, plan: ["audit"], accuracyPlaces: placed.map(\.place),
        propertyPlaces: checked.map(\.place))
    }
    return results
  }

  private func merged(_ parts: [AuditResults]) throws -> AuditResults {
    try ShardMerge.merged(
      parts.enumerated().map { .init(name: "\($0.offset + 1).json", results: $0.element) },
      command: { _ in "" })
  }

  @Test("The shards of a run, merged in any order, are the whole run", arguments: [1, 2, 3, 40])
  func whole(count: Int) async throws {
    let whole = try await results(nil)
    #expect(whole.accuracy.count > 20 && whole.properties.count > 5)
    var parts: [AuditResults] = []
    for index in 1...count {
      parts.append(try await results(Shard(index: index, of: count), threads: 1 + index % 2))
    }
    #expect(try merged(parts.reversed()).accuracy == whole.accuracy)
    #expect(try merged(parts.reversed()).properties == whole.properties)
    #expect(parts.map(\.accuracy.count).reduce(0, +) == whole.accuracy.count)
  }

  @Test("What are not the shards of one run is refused, and said")
  func refusals() async throws {
    let one = try await results(Shard(index: 1, of: 2))
    let two = try await results(Shard(index: 2, of: 2))
    func expect(
      _ kind: UserError.Kind, _ words: String, _ parts: [AuditResults]
    ) {
      #expect {
        try merged(parts)
      } throws: {
        ($0 as? UserError)?.kind == kind && ($0 as? UserError)?.message.contains(words) == true
      }
    }
    expect(.notMeasured, "name those of 2/2", [one])
    expect(.malformedInput, "are both shard 1/2", [one, one])
    expect(.malformedInput, "is no shard", [try await results(nil)])
    expect(.malformedInput, "2.json is no shard", [one, try await results(nil)])
    for change: (inout AuditResults) -> Void in [
      { $0.seed += 1 }, { $0.tool.version = "2" }, { $0.oracle.tier = "mpfr" },
      { $0.shard?.plan = ["audit", "--format", "float32"] },
      { $0.shard?.shard = Shard(index: 2, of: 3) }, { $0.shard?.accuracyPlaces.removeLast() },
    ] {
      var other = two
      change(&other)
      #expect(throws: UserError.self) { try merged([one, other]) }
    }
    var overlapping = two
    overlapping.shard?.accuracyPlaces = one.shard?.accuracyPlaces ?? []
    #expect(throws: UserError.self) { try merged([one, overlapping]) }
  }

  @Test(
    "A text that names no shard is none",
    arguments: ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2"])
  func texts(text: String) {
    #expect(Shard(text) == nil)
    #expect(Shard("2/3") == Shard(index: 2, of: 3))
  }
}
