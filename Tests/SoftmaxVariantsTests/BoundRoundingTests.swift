import FloatFormats
import Oracle
import RealModule
import Testing

@testable import SoftmaxVariants

/// Whether bounds are rounded up: outputs that are correctly rounded never exceed one.
@Suite("Bounds of correctly rounded outputs")
struct BoundRoundingTests {
  /// The computing formats with the output formats that they can be rounded to.
  static let narrowings: [(computing: FloatFormat, output: FloatFormat)] = FloatFormat.allCases
    .flatMap { computing in
      FloatFormat.allCases.filter { computing.contains($0) }.map { (computing, $0) }
    }

  @Test(
    "At the middle of two floats a bound is half an ulp at least, and a correctly rounded output keeps it",
    arguments: narrowings)
  func midpoints(computing: FloatFormat, output: FloatFormat) throws {
    try output.open(MidpointCheck(computing: computing))
  }

  @Test("A lane whose p is next to the middle of two subnormal float32 numbers keeps the bound")
  func reportedLane() throws {
    let lane = try #require(LaneProfile(exactly: [0, -103.97207708399176]))
    let reference = SoftmaxOracle().softmax(
      of: [0, -103.97207708399176] as [Double], in: .float32)
    let exact = reference.value(at: 1)
    for variant in SoftmaxVariant.all where variant.accumulation == nil {
      let bound = try #require(variant.bound(on: lane, computingIn: Double.self, output: .float32))
      // The output 0 is p away, and p is a little below half a quantum.
      #expect(bound[1] >= 0x1p-150, "\(variant.name)")
      #expect(bound[1].scaled(byPowerOfTwo: 149) >= exact.upperBound, "\(variant.name)")
    }
  }

  @Test("What is raised is more than binary64 loses, and less than the rounding of any output")
  func slack() {
    for count in [1, 1000, 1 << 20] {
      let slack = Deviation.evaluationSlack(count: count)
      let lost = (0x1p-42 + Double(count) * 0x1p-53 + 0x1p-47) * (1 + 0x1p7)
      #expect(slack >= 1.9 * lost && slack <= 0x1p-23)
    }
  }
}

/// Lanes (0, -d) with p = (k + 1/2) quantum (1 +- 2^-45), for subnormal and normal quanta.
private struct MidpointCheck: FormatGenericWork {
  let computing: FloatFormat

  func run<G: BinaryFloat>(_ output: G.Type) throws {
    try computing.open(ComputingCheck<G>())
  }
}

private struct ComputingCheck<G: BinaryFloat>: FormatGenericWork {
  func run<C: BinaryFloat>(_ computing: C.Type) throws {
    let oracle = SoftmaxOracle()
    var judged = 0
    let quanta = [
      G.format.leastSubnormal, G.format.leastNormal * G.format.unitRoundoff * 4,
      0.125 * G.format.unitRoundoff,
    ]
    for (place, quantum) in quanta.enumerated() {
      // Where quanta are those of normal numbers, k starts at the first of a binade.
      let first = place == 0 ? 0.0 : 1 / G.format.unitRoundoff / 2
      for k in 0...42 {
        for side in [-0x1p-45, 0x1p-45] {
          let middle = (first + Double(k) + 0.5) * quantum
          let p = middle * (1 + side)
          guard p > 0, p < 0.5 else { continue }
          // d = log(1/p - 1), with 1/p beyond binary64 where p is subnormal in it.
          let distance = -Double.log(p) + Double.log(onePlus: -p)
          let logit = C(rounding: -distance)
          // Logits of the format have p near a middle only where the format is fine enough.
          let lane = [C.zero, logit]
          let reference = oracle.softmax(of: lane, in: G.format)
          let exact = reference.value(at: 1)
          guard let profile = LaneProfile(lane) else { continue }
          let nearest = G(rounding: profile.probability(1))
          judged += 1
          for variant in SoftmaxVariant.all where variant.accumulation == nil {
            guard
              let bound = variant.bound(on: profile, computingIn: C.self, output: G.format)
            else { continue }
            let scaled = bound[1].scaled(byPowerOfTwo: -Int(exact.quantumExponent))
            // An upper bound on the error of the nearest float; for others than float64 p is known
            // well enough.
            let error =
              G.format == .float64
              ? 0.5
              : abs(nearest.exactDouble - profile.probability(1))
                .scaled(byPowerOfTwo: -Int(exact.quantumExponent))
            #expect(
              scaled >= error * (1 - 0x1p-40),
              "\(variant.name), k = \(k), \(C.format.rawValue) to \(G.format.rawValue)")
            if C.format.precision > G.format.precision + 20 {
              #expect(
                scaled >= min(0.5, exact.upperBound),
                "\(variant.name), k = \(k), \(C.format.rawValue) to \(G.format.rawValue)")
            }
          }
        }
      }
    }
    #expect(judged > 80)
  }
}
