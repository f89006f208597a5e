import FloatFormats
import TestSupport
import Testing

@testable import LogitFamilies

@Suite("Families of logits")
struct LogitFamilyTests {
  private static let unbounded: Set<String> = ["masked", "special", "attention-causal"]
  private static let deterministic: Set<String> = [
    "staircase-up", "staircase-down", "two-level", "dust", "dust-float32",
  ]

  @Test("Names are unique, purposes are told, and there are more than thirty families")
  func namesAreUnique() {
    let names = LogitFamily.all.map(\.name)
    #expect(Set(names).count == names.count && names.count > 30)
    #expect(LogitFamily.all.allSatisfy { !$0.purpose.isEmpty })
    #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" } })
  }

  @Test(
    "A lane is a function of seed, family, format, length and sample alone",
    arguments: LogitFamily.all.map(\.name))
  func lanesAreReproducible(name: String) throws {
    let family = try LogitFamily.named(name)
    for format in FloatFormat.allCases where family.applies(to: format) {
      func check<F: BinaryFloat>(_ format: F.Type) {
        func lane(_ seed: UInt64, _ length: Int, _ sample: Int) -> [F.BitPattern] {
          let lane = family.lane(seed: seed, length: length, sample: sample, as: format)
          #expect(lane.count == length)
          return lane.bitPatterns
        }
        let first = lane(11, 16, 0)
        _ = lane(12, 16, 5)
        #expect(lane(11, 16, 0) == first)
        guard !Self.deterministic.contains(name) else { return }
        // So few logits to choose from that the best is always found.
        if name.hasPrefix("lost-halves"), F.format == .bfloat16 { return }
        // Samples 0 and 3 of `special` are of one kind.
        #expect(lane(12, 16, 0) != first, "seed")
        #expect(lane(11 | 1 << 40, 16, 0) != first, "upper half of the seed")
        #expect(lane(11, 16, 3) != first, "sample")
        if name != "constant" { #expect(lane(11, 17, 0).dropLast() != first[...], "length") }
      }
      check(format.type)
    }
  }

  @Test("Other formats and other families draw other numbers")
  func formatsAndFamiliesAreIndependent() throws {
    let family = try LogitFamily.named("normal-1")
    let wide = family.lane(seed: 1, length: 8, sample: 0, as: Double.self)
    #expect(
      family.lane(seed: 1, length: 8, sample: 0, as: Float.self).bitPatterns
        != wide.map { Float($0) }.bitPatterns)
    let other = try LogitFamily.named("normal-4").lane(
      seed: 1, length: 8, sample: 0, as: Double.self)
    #expect(other.map { $0 / 4 } != wide)
  }

  @Test("Every family has lanes of every length", arguments: LogitFamily.all.map(\.name))
  func everyLengthIsMade(name: String) throws {
    let family = try LogitFamily.named(name)
    for format in FloatFormat.allCases where family.applies(to: format) {
      func check<F: BinaryFloat>(_ format: F.Type) {
        for length in [0, 1, 2, 3, 8, 17, 100] {
          for sample in 0..<4 {
            let lane = family.lane(seed: 5, length: length, sample: sample, as: format)
            #expect(lane.count == length)
            if Self.unbounded.contains(name) { continue }
            #expect(lane.allSatisfy { $0.isFinite }, "\(F.format), \(length): \(lane.hexText)")
          }
        }
      }
      check(format.type)
    }
  }

  @Test(
    "No finite logit is beyond the reach of its family", arguments: LogitFamily.all.map(\.name))
  func reach(name: String) throws {
    let family = try LogitFamily.named(name)
    for format in FloatFormat.allCases where family.applies(to: format) {
      func check<F: BinaryFloat>(_ format: F.Type) {
        for length in [1, 2, 17, 300, 5000] {
          for sample in 0..<6 {
            let lane = family.lane(seed: 9, length: length, sample: sample, as: format)
            let largest = lane.filter(\.isFinite).map { abs($0.exactDouble) }.max() ?? 0
            #expect(
              family.staysWithin(F.format.greatestFinite, as: F.format, length: length))
            #expect(
              largest == 0
                || !family.staysWithin((-largest).nextUp.magnitude, as: F.format, length: length),
              "\(F.format), \(length): \(largest)")
          }
        }
      }
      check(format.type)
    }
  }

  @Test("The ordinary families are those of models, of attention, and normal logits of variance 1")
  func ordinary() {
    #expect(
      LogitFamily.all.filter(\.isOrdinary).map(\.name) == [
        "normal-1", "llm-entropy-half", "llm-entropy-2", "llm-entropy-4", "llm-entropy-6",
        "attention-scores", "attention-sink", "attention-causal",
      ])
  }

  @Test("A family applies to every format unless its name says which sum it is built against")
  func applicability() {
    for family in LogitFamily.all {
      let formats = FloatFormat.allCases.filter { family.applies(to: $0) }
      #expect(
        formats
          == (family.name.hasSuffix("-float32") ? [.float16, .bfloat16] : FloatFormat.allCases))
    }
  }
}
