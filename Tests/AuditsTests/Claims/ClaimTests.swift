import FloatFormats
import Foundation
import Oracle
import Testing

@testable import AuditRecords
@testable import Audits
@testable import Basics

/// Exact values here are those of mpmath 1.3 at 60 digits.
@Suite("Published claims")
struct ClaimTests {
  private func claim(
    logits: String = "[2.0, 1.0, 0.1]", printed: String, axis: Int = -1, format: String = "float64"
  ) throws -> PublishedClaim {
    let text = """
      {"id": "x", "logits": \(logits), "axis": \(axis), "format": "\(format)", "printed": \(printed)}
      """
    return try JSONDecoder().decode(PublishedClaim.self, from: Data(text.utf8))
  }

  private func judged(
    logits: String = "[2.0, 1.0, 0.1]", printed: String, axis: Int = -1, format: String = "float64"
  ) throws -> ClaimJudgement {
    try claim(logits: logits, printed: printed, axis: axis, format: format)
      .judged(oracle: SoftmaxOracle())
  }

  // softmax(2, 1, 0.1) = 0.65900113888596790655..., 0.24243297070471392139...,
  // 0.098565890409318172055... with 0.1 the binary64 number nearest to it.
  @Test("A decimal is correct within half a unit of its last digit, and not beyond")
  func rounding() throws {
    let right = try judged(printed: #"["0.7", "0.24", "9.857e-2"]"#)
    #expect(right.verdict == .correct && right.correctCount == 3)
    #expect(abs(right.decimals[0].unitsOff.value - 0.40998861114032093) < 1e-15)
    #expect(right.decimals[0].exact.hasPrefix("6.5900113888596790655"))
    let truncated = try judged(printed: #"["0.6", "0.24", "0.098"]"#)
    #expect(truncated.decimals.map(\.correctlyRounded) == [false, true, false])
    #expect(!truncated.verdict.isSound)
  }

  @Test("Half-way between two decimals, which only 1/k can be, both are correct")
  func ties() throws {
    for printed in [#"["0.12", "0.13"]"#, #"["0.13", "0.12"]"#] {
      let eight = "[" + Array(repeating: "1", count: 8).joined(separator: ",") + "]"
      let all = try judged(
        logits: eight,
        printed: "["
          + Array(repeating: printed.dropFirst().dropLast(), count: 4)
          .joined(separator: ",") + "]")
      #expect(all.verdict == .correct)
    }
    #expect(try judged(logits: "[0, 0]", printed: #"["0.6", "0.5"]"#).verdict != .correct)
  }

  @Test("What arithmetic in the format leaves is told from a lower precision")
  func precision() throws {
    // One ulp of float32 off in the first, which float64 does not explain.
    let printed = #"["0.65900120", "0.24243298", "0.09856589"]"#
    #expect(try judged(printed: printed, format: "float32").verdict == .arithmetic)
    let wide = try judged(printed: printed)
    #expect(wide.verdict == .lowerPrecision)
    #expect(wide.explanation.contains("float32"))
    let half = try judged(printed: #"["0.65918", "0.2424", "0.0986"]"#)
    #expect(half.explanation.contains("float16"))
  }

  @Test("Digits cut from the logits explain what they can, and no more")
  func printedLogits() throws {
    // The logits 0.1234567, 1.7654321 with what was cut: +0.4e-6 and -0.4e-6; p changes by about
    // 1.1e-7.
    #expect(
      try judged(logits: "[0.123457, 1.765432]", printed: #"["0.162200", "0.837800"]"#).verdict
        != .printedLogits)
    let near = try judged(logits: "[0.123457, 1.765432]", printed: #"["0.16218842", "0.83781158"]"#)
    #expect([.printedLogits, .correct].contains(near.verdict) || near.verdict == .lowerPrecision)
  }

  @Test(
    "Wrong recipes are named",
    arguments: [
      // exp(1), exp(2), exp(3), exp(6) over columns of the two rows.
      (#"[["0.5", "0.5"], ["0.5", "0.5"]]"#, "the softmax along axis 0"),
      (#"[["0.134471", "0.365529"], ["0.134471", "0.365529"]]"#, "the global-sum result"),
      (#"[["0.33333", "0.66667"], ["0.33333", "0.66667"]]"#, "powers of 2"),
      (#"[["0.73106", "0.26894"], ["0.73106", "0.26894"]]"#, "negated"),
      (#"[["0.73106", "0.88080"], ["0.73106", "0.88080"]]"#, "sigmoids"),
      (#"[["-1.31326", "-0.31326"], ["-1.31326", "-0.31326"]]"#, "logarithms"),
      (#"[["0.05", "0.135914"], ["0.05", "0.135914"]]"#, "0.186 times the softmax"),
    ])
  func recipes(printed: String, words: String) throws {
    let judgement = try judged(logits: "[[1, 2], [1, 2]]", printed: printed, axis: 1)
    #expect(judgement.verdict == .wrongFormula)
    #expect(judgement.explanation.contains(words), "\(judgement.explanation)")
  }

  @Test("Where nothing gives the decimals, the logits that they fit are said")
  func fittingLogits() throws {
    let judgement = try judged(logits: "[0, 1]", printed: #"["0.0911", "0.9089"]"#)
    #expect(judgement.verdict == .unexplained)
    #expect(judgement.explanation.hasSuffix("they fit the logits 0.0, 2.3"))
  }

  // mpmath: softmax(2/T, 1/T, 0.1/T) for T = 2, 0.7 and 1/1.7; 100 times that for T = 1; that for T
  // = 1 in steps of 1/256: 0.65900113888596790655 is 168.70 of them, 0.24243297070471392139 62.06,
  // 0.098565890409318172055 25.23.
  @Test(
    "A temperature, percent and steps of eight bits are told as such",
    arguments: [
      (#"["0.50169", "0.30429", "0.19402"]"#, "they fit the logits divided by 2, a temperature"),
      (#"["0.7657", "0.1835", "0.0507"]"#, "they fit the logits divided by 0.7, a temperature"),
      (#"["0.81817", "0.14947", "0.03236"]"#, "they fit the logits times 1.7"),
      (#"["65.9", "24.2", "9.9"]"#, "these are the softmax in percent"),
      (
        #"["0.66015625", "0.2421875", "0.09765625"]"#,
        "these are the softmax rounded to steps of 1/256, as outputs of 8 bits are"
      ),
      (
        #"["0.65625", "0.2421875", "0.09765625"]"#,
        "these are the softmax cut to steps of 1/256, as outputs of 8 bits are"
      ),
    ])
  func scaled(printed: String, words: String) throws {
    let judgement = try judged(printed: printed)
    #expect(judgement.verdict == .wrongFormula)
    #expect(judgement.explanation.hasPrefix(words), "\(judgement.explanation)")
  }

  @Test("A masked logit is exactly 0")
  func masked() throws {
    let judgement = try judged(logits: #"[0, "-inf"]"#, printed: #"["1.0", "0.00"]"#)
    #expect(judgement.verdict == .correct)
    #expect(try judged(logits: #"[0, "-inf"]"#, printed: #"["1.0", "0.01"]"#).verdict != .correct)
    #expect(throws: UserError.self) {
      try judged(logits: #"["-inf", "-inf"]"#, printed: #"["0.5", "0.5"]"#)
    }
  }

  @Test(
    "What is no decimal is refused",
    arguments: ["", ".", "e5", "0x1", "nan", "1e", "--1", "1.2.3", "1e999999999", "１", "0,5"])
  func decimals(text: String) {
    #expect(PrintedDecimal(text) == nil)
  }

  @Test("The unit is that of the last digit shown")
  func units() {
    for (text, exponent) in [
      ("1.", 0), ("0.7", -1), (" 4.89907947e-04 ", -12), ("12", 0), ("1e3", 3), ("-0.50", -2),
    ] {
      #expect(PrintedDecimal(text)?.unitExponent == exponent)
    }
  }

  @Test(
    "A claim that is none says where",
    arguments: [
      (#"{"id": "x", "logits": [1, [2]], "printed": ["1", "1"]}"#, "not nested evenly"),
      (#"{"id": "x", "logits": [1, 2], "printed": [["1", "1"]]}"#, "is not nested as"),
      (#"{"id": "x", "logits": [1], "printed": ["a"]}"#, "is no decimal"),
      (#"{"id": "x", "logits": [1], "printed": ["1"], "axis": 3}"#, "axis 3 does not exist"),
      (#"{"id": "x", "logits": [1], "printed": ["1"], "format": "f"}"#, "there is no format"),
      (#"{"id": "x", "logits": ["inf"], "printed": ["1"]}"#, "is no logit"),
      (#"{"id": "x", "logits": [1], "printed": ["1"], "axes": 0}"#, "there is no key"),
    ])
  func malformed(text: String, words: String) {
    #expect {
      try JSONDecoder().decode(PublishedClaim.self, from: Data(text.utf8))
    } throws: {
      "\($0)".contains(words)
    }
  }
}
