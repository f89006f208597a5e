import FloatFormats
import Oracle
import TestSupport
import Testing

@testable import SoftmaxVariants

/// Runs a check for every variant of some algorithms in every format that it is offered for.
func forEachVariant(of algorithms: [String], _ check: any VariantCheck) throws {
  for variant in SoftmaxVariant.all where algorithms.contains(variant.algorithmName) {
    for format in variant.formats {
      try format.open(Application(check: check, variant: variant))
    }
  }
}

/// Something that every output of some variants satisfies exactly.
protocol VariantCheck {
  func check<F: BinaryFloat>(_ variant: SoftmaxVariant, _ format: F.Type) throws
}

private struct Application: FormatGenericWork {
  let check: any VariantCheck
  let variant: SoftmaxVariant

  func run<F: BinaryFloat>(_ format: F.Type) throws { try check.check(variant, format) }
}

/// Logits on a grid of 1/8 shifted by 8, all exact in every format: fl((x + c) - (m + c)) = fl(x -
/// m).
struct ExactShiftChangesNoBit: VariantCheck {
  func check<F: BinaryFloat>(_ variant: SoftmaxVariant, _ format: F.Type) throws {
    var random = SplitMix64(seed: 8)
    for length in [1, 2, 3, 7, 8, 9, 40] {
      let lane = (0..<length).map { _ in Double(Int.random(in: -63...63, using: &random)) / 8 }
      let expected = try outputs(of: variant, on: lane.map { F(rounding: $0) })
      for shift in [8.0, -8, 0.125] {
        let shifted = try outputs(of: variant, on: lane.map { F(rounding: $0 + shift) })
        #expect(
          shifted.map(\.bitPattern) == expected.map(\.bitPattern),
          "\(variant.name) in \(F.format.rawValue), shift \(shift), \(lane)")
      }
    }
  }
}

/// n equal logits give the correctly rounded 1/n while n is exact in the computing format.
struct UniformLaneIsCorrectlyRounded: VariantCheck {
  func check<F: BinaryFloat>(_ variant: SoftmaxVariant, _ format: F.Type) throws {
    let precision = variant.computingFormat(for: F.format).precision
    let lengths = Array(1...70) + [100, 255, 256, 1000, 2047, 2048].filter { $0 <= 1 << precision }
    for length in lengths {
      let expected = SoftmaxOracle.reciprocal(of: UInt64(length), in: F.format)
        .correctlyRounded(F.self)
      let lane = Array(repeating: F(rounding: -1.75), count: length)
      #expect(
        try outputs(of: variant, on: lane).allSatisfy { $0 == expected },
        "\(variant.name) in \(F.format.rawValue), n = \(length)")
    }
  }
}

struct SingleLogitGivesOne: VariantCheck {
  func check<F: BinaryFloat>(_ variant: SoftmaxVariant, _ format: F.Type) throws {
    for logit in [0, -0.0, 1, -1, 0.3, 9.5, -9] {
      #expect(
        try outputs(of: variant, on: [F(rounding: logit)]) == [F.one],
        "\(variant.name) in \(F.format.rawValue), x = \(logit)")
    }
  }
}

/// The divisor contains the dividend, and rounding is monotone.
struct NoOutputExceedsOne: VariantCheck {
  func check<F: BinaryFloat>(_ variant: SoftmaxVariant, _ format: F.Type) throws {
    for lane in testLanes(of: format) {
      #expect(
        try outputs(of: variant, on: lane).allSatisfy { !($0 > F.one) },
        "\(variant.name) in \(F.format.rawValue) on \(lane.prefix(8).map(\.hexText))")
    }
  }
}

/// Masked logits give exactly zero wherever they stand, and the others what they give.
struct MaskedLogitsGiveZero: VariantCheck {
  func check<F: BinaryFloat>(_ variant: SoftmaxVariant, _ format: F.Type) throws {
    let masked = -F.infinity
    let (a, b) = (F(rounding: 0.5), F(rounding: -2))
    let lanes = [
      [masked, a], [a, masked], [masked, masked, b, a, masked], [masked, b, masked, a],
    ]
    for lane in lanes {
      for (logit, output) in zip(lane, try outputs(of: variant, on: lane)) {
        #expect(
          logit == masked ? output.isZero : output > F.zero,
          "\(variant.name) in \(F.format.rawValue) on \(lane.map(\.hexText))")
      }
    }
  }
}

/// A lane with a NaN, and a lane with nothing but masked logits, have no softmax, and the outputs
/// say so.
struct SpecialLanesGiveNaN: VariantCheck {
  func check<F: BinaryFloat>(_ variant: SoftmaxVariant, _ format: F.Type) throws {
    let (masked, one) = (-F.infinity, F.one)
    let lanes = [
      [masked], [masked, masked], Array(repeating: masked, count: 19),
      [F.nan], [F.nan, one], [one, F.nan], [one, masked, F.nan, one],
      Array(repeating: one, count: 18) + [F.nan],
    ]
    for lane in lanes {
      #expect(
        try outputs(of: variant, on: lane).contains(where: \.isNaN),
        "\(variant.name) in \(F.format.rawValue) on \(lane.map(\.hexText))")
    }
  }
}
