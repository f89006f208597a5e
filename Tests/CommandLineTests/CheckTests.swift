import AuditReports
import Foundation
import Testing

@testable import AuditRecords

@Suite("The check command")
struct CheckCommandTests {
  @Test("It passes a sound softmax")
  func sound() async throws {
    let outcome = try await run(
      "check --implementation max-trick --format float32 --law range --law shift --effort 0.2")
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.notes == "")
    #expect(outcome.lines.last?.contains("2 kept, 0 broken") == true, "\(outcome.output)")
  }

  @Test("It shows what is broken, and the command it prints shows it again with one case")
  func replay() async throws {
    let folder = try TemporaryFolder()
    let json = folder.url.appendingPathComponent("check.json").path
    let outcome = try await run(
      ["check", "--implementation", "naive", "--format", "float32", "--law", "overflow"]
        + ["--effort", "0.2", "--json", json])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("FAILED overflow: naive/sequential in float32"))
    let results = try ResultsJSON.decode(
      Data(contentsOf: URL(fileURLWithPath: json)), name: "check.json")
    let row = try #require(results.properties.first)
    #expect(row.verdict == .failed)
    let command = try #require(row.counterexample?.replay)
    #expect(command.hasPrefix("softmax-audit check "))
    let again = try await run(
      command.split(separator: " ").dropFirst().map(String.init))
    #expect(again.status == 1)
    #expect(again.output.contains("1 case:"), "\(again.output)")
    #expect(again.output.contains(row.reason?.prefix(20) ?? "?"))
  }

  @Test("It keeps failing cases and finds them first in the next run")
  func regressions() async throws {
    let folder = try TemporaryFolder()
    let cases = folder.url.appendingPathComponent("cases").path
    for effort in ["0.2", "0.000001"] {
      let outcome = try await run(
        ["check", "--implementation", "naive", "--format", "float16", "--law", "large-shift"]
          + ["--effort", effort, "--regressions", cases, "--quiet"])
      #expect(outcome.status == 1)
      #expect(outcome.output == "" && outcome.notes == "")
    }
  }

  @Test("It refuses what it cannot do, with the status for it")
  func mistakes() async throws {
    for (arguments, status, message) in [
      (
        "check --law shfit", 64,
        "there is no law \"shfit\"; 'softmax-audit list --laws' shows those there are"
      ),
      ("check --law zzz*", 2, "no law matches zzz*; nothing was checked"),
      ("check --effort 0", 64, "--effort 0.0: use a number above 0, at most 1000000"),
      (
        "check --waive overflow", 64,
        "--waive overflow: say why, as in --waive uniform='reciprocal is good to 1 ulp'"
      ),
      (
        "check --replay pt1-AAAA --seed 3", 64,
        "--replay checks the one case of its token; leave --regressions and --seed out"
      ),
      (
        "check --implementation max-trick --format float32 --law range --replay nonsense", 64,
        "--replay: this is no replay token: it does not begin with 'pt1-'"
      ),
    ] {
      let outcome = try await run(arguments)
      outcome.expectRefusal(Int32(status), message)
    }
  }

  @Test("A law that does not apply is no pass where it is asked for by name")
  func notMeasured() async throws {
    let outcome = try await run(
      "check --implementation max-trick --format float32 --law layout --effort 0.1")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("layout was not measured"))
  }

  @Test("A selection of laws none of which applies is no pass; an empty shard has done its part")
  func nothingChecked() async throws {
    let start = ["check", "--implementation", "max-trick", "--format", "float32"]
    let outcome = try await run(start + ["--law", "layou*"])
    #expect(outcome.status == 2)
    #expect(
      outcome.notes.contains(
        "not measured: nothing was checked of max-trick/sequential in float32: none of these laws "
      ), "\(outcome.notes)")
    let host = try await run(start + ["--law", "integer-*"])
    #expect(host.status == 2)
    #expect(host.notes.contains("nothing was checked of max-trick/sequential"), "\(host.notes)")
    let shard = try await run(
      ["check", "--implementation", "max-trick/sequential", "--format", "float32"]
        + ["--law", "single", "--shard", "2/2"])
    #expect(shard.status == 0)
    #expect(
      shard.notes == "note: there are fewer laws to check than shards; none is in shard 2/2\n")
  }

  @Test("Results say which logits were asked about")
  func largestLogit() async throws {
    let folder = try TemporaryFolder()
    let json = folder.path("check.json")
    try await run([
      "check", "--implementation", "max-trick", "--format", "float32", "--law", "single",
      "--largest-logit", "100", "--json", json,
    ])
    #expect(try results(in: json).checking?.largestLogit == 100.0)
  }

  @Test("A waived law is not a failure")
  func waived() async throws {
    let outcome = try await run(
      ["check", "--implementation", "naive", "--format", "float32", "--law", "overflow"]
        + ["--effort", "0.1", "--waive", "overflow=small logits only"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("waived: small logits only"))
  }
}

@Suite("The self-test command")
struct SelfTestCommandTests {
  @Test("It shows which laws notice a fault, and that a sound softmax is left alone")
  func some() async throws {
    let outcome = try await run(
      "self-test --implementation maximum-over-* --implementation undeclared-max-trick-pairwise --law range --law overflow --law componentwise-error --law length-sweep --effort 0.3"
    )
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("(100.00 %)"))
    #expect(outcome.output.contains("Flagged: 0 of 1 sound softmaxes."))
  }

  @Test("Operations other than the softmax have laws and faults of their own")
  func otherOperations() async throws {
    let outcome = try await run(
      "self-test --operation logsumexp --implementation *hard-maximum --implementation plain-* --law logsumexp-range --law sum-to-one --law duplication-adds --effort 0.2"
    )
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(
      outcome.output.hasPrefix("Laws of logsumexp\n  a  logsumexp-range\n  b  duplication-adds\n"))
    #expect(outcome.output.contains("Noticed: 1 of 1 faulty implementations (100.00 %)."))
    #expect(outcome.output.contains("Flagged: 0 of 1 sound implementations."))
    let unknown = try await run("self-test --operation logsumexp --implementation plain")
    unknown.expectRefusal(64, "there is no faulty or sound logsumexp \"plain\"")
  }

  @Test("It fails where the laws that it is left with do not notice a fault")
  func survivor() async throws {
    let outcome = try await run(
      "self-test --implementation maximum-over-* --law empty --effort 0.1 --quiet")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("NOT NOTICED: maximum-over-"))
  }
}
