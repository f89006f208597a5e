import Foundation
import Testing

/// The digits were computed with mpmath 1.3 at 80 digits.
@Suite("The reference command")
struct ReferenceTests {
  @Test("It prints as many digits as asked for, all of them correct")
  func digits() async throws {
    let outcome = try await run("reference 1 2 3 --digits 50")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    #expect(
      outcome.output == """
        1  9.0030573170380457998022101484491797867930864911467e-2
        2  2.4472847105479765247295961834076279719930007483797e-1
        3  6.6524095577482188952901828017474540493276906025056e-1

        """)
    let one = try await run("reference 1 2 3 --digits 1")
    #expect(one.output == "1  9e-2\n2  2e-1\n3  7e-1\n")
  }

  @Test(
    "Negative numbers are logits, with and without --",
    arguments: ["reference -1 -2 -3 --digits 20", "reference --digits 20 -- -1 -2 -3"])
  func negativeLogits(command: String) async throws {
    let outcome = try await run(command)
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        -1  6.6524095577482188953e-1
        -2  2.4472847105479765247e-1
        -3  9.0030573170380457998e-2

        """)
  }

  @Test("Hexadecimal logits and all ways to write a decimal one are understood")
  func notations() async throws {
    let plain = try await run("reference 12 -0.5 3 --digits 20").output
    let other = try await run("reference 0x1.8p+3 -.5 +3e0 --digits 20").output
    func values(_ text: String) -> [Substring] {
      text.split(separator: "\n").compactMap { $0.split(separator: " ").last }
    }
    #expect(values(plain).count == 3)
    #expect(values(plain) == values(other))
  }

  @Test("A -inf logit has probability 0, in every column")
  func maskedLogits() async throws {
    #expect(
      try await run("reference 0 -inf 0 --digits 3").output
        == "0     5.00e-1\n-inf  0\n0     5.00e-1\n")
    let rounded = try await run("reference 0 -inf --digits 3 --format float32")
    #expect(rounded.output == "0     1.00e0  1.0  0x1p+0\n-inf  0  0.0  0x0p+0\n")
    let logarithms = try await run("reference 0 -inf --digits 3 --operation log-softmax")
    #expect(logarithms.output == "0     0\n-inf  -inf\n")
  }

  @Test("With a format the correctly rounded value follows, in decimal and hexadecimal")
  func rounding() async throws {
    let outcome = try await run("reference 1 2 3 --digits 10 --format float32")
    #expect(
      outcome.output == """
        1  9.003057317e-2  0.09003057  0x1.70c3e6p-4
        2  2.447284711e-1  0.24472848  0x1.f53434p-3
        3  6.652409558e-1  0.66524094  0x1.549a76p-1

        """)
    let narrow = try await run(
      "reference 1 2 3 --digits 10 --format float32 --output-format bfloat16")
    #expect(narrow.lines.first == "1  9.003057317e-2  0.09  0x1.7p-4")
  }

  @Test("log-softmax and logsumexp are exact as well")
  func otherOperations() async throws {
    let logarithms = try await run("reference 1 2 3 --operation log-softmax --digits 30")
    #expect(
      logarithms.output == """
        1  -2.40760596444438030448291990455e0
        2  -1.40760596444438030448291990455e0
        3  -4.07605964444380304482919904545e-1

        """)
    let sum = try await run("reference 1 2 3 --operation logsumexp --digits 30")
    #expect(sum.output == "3.40760596444438030448291990455e0\n")
  }

  @Test("A logit that the format does not hold is rounded, and a note says so")
  func roundedLogits() async throws {
    let narrow = try await run("reference 0.1 0.5 --format float16 --digits 5")
    #expect(narrow.status == 0)
    #expect(narrow.notes == "note: 0.1 is rounded to float16: 0x1.998p-4\n")
    let wide = try await run("reference 0.1 0.5 9007199254740993 --digits 5")
    #expect(
      wide.notes == """
        note: 0.1 is rounded to float64: 0x1.999999999999ap-4
        note: 9007199254740993 is rounded to float64: 0x1p+53

        """)
  }

  @Test("Values too small for digits are printed as a bound")
  func vanishingValues() async throws {
    let outcome = try await run("reference 0 -1e9 --digits 3")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    #expect(outcome.output == "0     1.00e0\n-1e9  < 2^-536870912\n")
    let rounded = try await run("reference 0 -1e9 --digits 3 --format float32")
    #expect(rounded.output == "0     1.00e0  1.0  0x1p+0\n-1e9  < 2^-536870912  0.0  0x0p+0\n")
    let logarithms = try await run("reference 0 -1e9 --digits 3 --operation log-softmax")
    #expect(logarithms.output == "0     > -2^-536870912\n-1e9  -1.00e9\n")
    let sum = try await run("reference 0 -1e9 --digits 3 --operation logsumexp")
    #expect(sum.output == "< 2^-536870912\n")
    // e^(-2^28) still has digits.
    let small = try await run("reference 0 -268435456 --digits 6")
    #expect(small.lines.last == "-268435456  5.15249e-116580038")
  }

  @Test(
    "What is no lane of logits is a usage error that says what to write",
    arguments: [
      ("", "reference needs at least one logit, for example: softmax-audit reference 1 2 3"),
      ("--digits 0 1", "--digits 0: use a number from 1 to 100000"),
      ("--digits -3 1", "--digits -3: use a number from 1 to 100000"),
      ("1 two", "\"two\" is not a number; logits look like 1.5, -3e2, 0x1.8p-4 or -inf"),
      ("1 --digts", "\"--digts\" is not a number; logits look like 1.5, -3e2, 0x1.8p-4 or -inf"),
      ("1 nan", "\"nan\" is not a finite float64 number; a lane with NaN or +inf has no softmax"),
      ("1 inf", "\"inf\" is not a finite float64 number; a lane with NaN or +inf has no softmax"),
      ("1e400", "\"1e400\" is not a finite float64 number; a lane with NaN or +inf has no softmax"),
      (
        "7e4 --format float16",
        "\"7e4\" is not a finite float16 number; a lane with NaN or +inf has no softmax"
      ),
      ("-inf -inf", "every logit is -inf; such a lane has no softmax"),
    ])
  func refusals(arguments: String, message: String) async throws {
    try await run("reference \(arguments)").expectRefusal(64, message)
  }
}
