import Foundation
import TestSupport
import Testing

@testable import AuditReports

@Suite("Figures as text")
struct FigureTextTests {
  @Test(
    "A maximum has three digits, rounded up",
    arguments: [
      (0.5, "0.500"), (0.1, "0.100"), (0.3, "0.300"), (1, "1.00"), (0.0, "0"), (-0.0, "0"),
      (0.50001, "0.501"), (1.001, "1.01"), (9.991, "10.0"), (99.91, "100"), (9.99, "9.99"),
      (0.25.nextUp, "0.251"), (2.5.nextUp, "2.51"), (123.4, "124"), (12_345.5, "12346"),
      (99_999, "99999"), (99_999.5, "1.0e5"), (1e5, "1.0e5"), (100_000.5, "1.1e5"),
      (123_456, "1.3e5"), (1e-3, "0.00100"), (9.999e-4, "1.0e-3"), (1e-4, "1.0e-4"),
      (1e-5, "1.0e-5"), (1.01e-5, "1.1e-5"), (9.91e-5, "1.0e-4"),
      (.leastNonzeroMagnitude, "4.9e-324"),
      (1.7e308, "1.7e308"), (Double.greatestFiniteMagnitude, "1.8e308"), (0x1p-1022, "2.3e-308"),
      (-1.001, "-1.01"), (-2730.4, "-2731"), (-0.5, "-0.500"),
      (-1.01e-7, "-1.1e-7"), (Double.infinity, "inf"), (-Double.infinity, "-inf"),
      (Double.nan, "nan"),
    ] as [(Double, String)])
  func maximum(value: Double, text: String) {
    #expect(FigureText.maximum(value) == text)
  }

  @Test(
    "A part of a bound is never shown on the other side of 1",
    arguments: [
      (1, "1.00"), (1.0000000596046448, "1+6e-8"), (1.0000000018626451, "1+2e-9"),
      (1.0.nextUp, "1+3e-16"), (1.0.nextDown, "1-1e-16"), (0.999_999_85, "1-1e-7"),
      (0.999_985, "1-1e-5"), (0.999_85, "0.9999"), (0.999_15, "0.9992"), (0.996, "0.996"),
      (0.994, "0.994"), (0.9949, "0.995"), (1.003, "1.003"), (1.0041, "1.005"), (1.0002, "1.0002"),
      (1.01, "1.01"), (1.0051, "1.01"), (0.5, "0.500"), (2, "2.00"), (0, "0"),
      (.infinity, "inf"), (.nan, "nan"),
    ] as [(Double, String)])
  func ratio(value: Double, text: String) {
    #expect(FigureText.ratio(value) == text)
  }

  @Test("A maximum is rounded away from zero, by at most a unit of the last digit")
  func maximumIsAnUpperBound() {
    var generator = SplitMix64(seed: 1)
    var wrong: [Double] = []
    for round in 0..<20_000 {
      // Numbers of a size that figures have, and of any.
      let bits = UInt64.random(in: 1..<Double.infinity.bitPattern, using: &generator)
      let decade = Double.random(in: -6...6, using: &generator)
      let value = round % 2 == 0 ? pow(10, decade) : Double(bitPattern: bits)
      let text = FigureText.maximum(value)
      let shown = Double(text) ?? .nan
      // Three digits, two with an exponent; among subnormal numbers a digit may be less than one of
      // them.
      let tolerance = value < 1e-3 || value > 99_999 ? 1.1 : 1.01
      let isClose = value < 1e-300 || shown <= value * tolerance
      if !(shown >= value) || !isClose || FigureText.maximum(-value) != "-" + text {
        wrong.append(value)
      }
    }
    #expect(wrong == [])
  }

  @Test("A maximum of few digits is shown as it is")
  func shortMaximaAreKept() {
    for hundredths in 1..<1000 {
      let value = Double(hundredths) / 100
      let text = FigureText.maximum(value)
      #expect(Double(text) == value, "\(text)")
    }
  }

  @Test(
    "A statistic has three digits, rounded to nearest",
    arguments: [
      (0.5, "0.500"), (0.50001, "0.500"), (1.004, "1.00"), (1.006, "1.01"), (9.996, "10.0"),
      (99_999, "99999"), (1e5, "1.0e5"), (1.24e-5, "1.2e-5"), (.leastNonzeroMagnitude, "4.9e-324"),
      (-0.25, "-0.250"), (0, "0"), (.infinity, "inf"), (.nan, "nan"),
    ] as [(Double, String)])
  func statistic(value: Double, text: String) {
    #expect(FigureText.statistic(value) == text)
  }

  @Test(
    "A share is rounded down, so that 100.00 means all",
    arguments: [
      (1, "100.00"), (1.0.nextDown, "99.99"), (0.999_999, "99.99"), (0.29, "29.00"),
      (0.57, "57.00"), (0.07, "7.00"), (0.07.nextDown, "6.99"), (0, "0.00"), (0.000_099, "0.00"),
      (0.333_39, "33.33"), (0.5, "50.00"), (.nan, "nan"), (.infinity, "inf"),
    ] as [(Double, String)])
  func share(value: Double, text: String) {
    #expect(FigureText.share(value) == text)
  }

  @Test("Every whole number of hundredths of a percent is shown as it is")
  func exactShares() {
    for k in 0...10_000 {
      let text = FigureText.share(Double(k) / 10_000)
      let fraction = String(k % 100)
      #expect(text == "\(k / 100)." + (fraction.count < 2 ? "0" : "") + fraction)
    }
  }

  @Test("What is not there is a dash")
  func absentFigures() {
    #expect(FigureText.maximum(nil) == "-")
    #expect(FigureText.statistic(nil) == "-")
    #expect(FigureText.share(nil) == "-")
  }

  @Test(
    "Counts stand in groups of three digits",
    arguments: [
      (0, "0"), (999, "999"), (1000, "1 000"), (1_000_023, "1 000 023"),
      (UInt64.max, "18 446 744 073 709 551 615"),
    ] as [(UInt64, String)])
  func counts(value: UInt64, text: String) {
    #expect(FigureText.count(value) == text)
  }
}

@Suite("Text in lines")
struct PlainTextTests {
  @Test("Words are kept together where they fit, and cut where they do not")
  func wrapping() {
    #expect("one two three".wrapped(to: 7) == ["one two", "three"])
    #expect("one twothree four".wrapped(to: 5) == ["one", "twoth", "ree", "four"])
    #expect("  ".wrapped(to: 5) == [])
    // Characters count, not what they are made of.
    #expect("äö üx".wrapped(to: 5) == ["äö üx"])
  }

  @Test("A million characters are broken in time, with and without spaces")
  func longText() {
    let word = String(repeating: "a", count: 1_000_000)
    let lines = word.wrapped(to: 78)
    #expect(lines.count == 12_821 && lines.joined() == word)
    let words = String(repeating: "abc ", count: 250_000).wrapped(to: 79)
    #expect(words.count == 12_500 && words.allSatisfy { $0.count == 79 })
  }
}
