import FloatFormats
import Testing

@testable import AuditRecords
@testable import AuditedOperations

@Suite("Commands that show a finding again")
struct ReplayCommandLineTests {
  @Test("A check names the law, how it is judged, and the token, quoted for a shell")
  func check() {
    let judging = MeasurementJudging.words(
      declare: "max-trick", underflow: .flush, largestLogit: 20, repeats: 7,
      specialLanes: "masked-zero")
    let line = ReplayCommandLine.check(
      "shift", of: .logSoftmax, input: .bfloat16, output: .float32, judging: judging,
      selection: ["--plugin", "my lib.so"]
    ).adding("--replay", "case1-AA").adding("--seed", nil)
    #expect(
      line.text
        == "softmax-audit check --operation log-softmax --plugin 'my lib.so' "
        + "--format bfloat16 --output-format float32 "
        + "--law shift --declare max-trick --underflow flush --largest-logit 20.0 --repeat 7 "
        + "--special-lanes masked-zero --replay case1-AA")
  }

  @Test("A search names its objective only where it is not the usual one")
  func search() {
    for (objective, words) in [(SearchObjective.ulp, ""), (.bound, " --objective bound")] {
      let line = ReplayCommandLine.search(
        of: .softmax, length: 9, objective, input: .float16, output: .float16, judging: [],
        selection: ["--implementation", "online"])
      #expect(
        line.text == "softmax-audit search --implementation online --format float16 --length 9"
          + words)
    }
  }

  @Test("A lane of a domain comes with the whole domain")
  func exhaust() throws {
    let tuples = try ExhaustiveDomain(
      .tuples, format: .float16, length: 3, limit: 8, step: 0.125)
    let line = ReplayCommandLine.exhaust(
      tuples, lane: 5, input: .float16, output: .float16, selection: ["--implementation", "a"])
    #expect(
      line.text == "softmax-audit exhaust --implementation a --format float16 --domain tuples "
        + "--length 3 --step 0.125 --limit 8.0 --lane 5")
  }
}
