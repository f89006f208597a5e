import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle
import PropertyTesting
import RealModule
import SoftmaxVariants
import Testing

/// Outputs that are accepted without exact values.
@Suite("Acceptance without exact values")
struct AcceptanceTests {
  private static let formats: [FloatFormat] = [.float16, .bfloat16, .float32]

  private func lane(_ count: Int, width: Double, in format: FloatFormat, seed: UInt64) -> [Double] {
    var random = CounterGenerator(seed: seed, stream: "acceptance of \(count)")
    return (0..<count).map { _ in format.rounded(width * random.normal()) }
  }

  /// The exact softmax of a lane, rounded to a format.
  private func rounded(_ lane: [Double], to format: FloatFormat) -> [Double] {
    let reference = SoftmaxOracle().softmax(of: lane, in: format)
    return lane.indices.map { format.rounded(reference.value(at: $0).approximate) }
  }

  @Test("Accepts the rounded softmax of lanes of every width", arguments: formats)
  func accepts(format: FloatFormat) {
    let tolerance = DefaultTolerance(output: format, underflow: .gradual)
    for width in [0, 0.5, 4, 60] {
      let lane = lane(300, width: width, in: format, seed: 11) + [-.infinity]
      #expect(tolerance.surelyCovers(rounded(lane, to: format), of: lane), "width \(width)")
    }
  }

  @Test("Accepts nothing that is beyond the tolerance, and refuses it from the least bound on")
  func neverBeyond() throws {
    for format in Self.formats {
      let tolerance = DefaultTolerance(output: format, underflow: .gradual)
      var (accepted, refused) = (0, 0)
      for count in [2, 17, 1500] {
        let lane = lane(count, width: 3, in: format, seed: 5)
        let profile = try #require(LaneProfile(exactly: lane))
        let bounds = try #require(tolerance.tolerance(of: profile)).bounds
        let exact = rounded(lane, to: format)
        let reference = SoftmaxOracle().softmax(of: lane, in: format)
        for index in [0, count / 2, count - 1] {
          for part in stride(from: -1.5, through: 1.5, by: 0.125) {
            var outputs = exact
            outputs[index] = format.rounded(
              reference.value(at: index).approximate + part * bounds[index])
            guard outputs[index] >= 0, outputs[index] <= 1 else { continue }
            guard tolerance.surelyCovers(outputs, of: lane) else {
              refused += 1
              continue
            }
            accepted += 1
            let error = abs(outputs[index] - reference.value(at: index).approximate)
            #expect(
              error <= bounds[index] * (1 + 0x1p-40),
              "\(format) n = \(count): \(outputs[index].hexText) is accepted")
          }
        }
      }
      #expect(accepted > 10, "\(format)")
      #expect(refused > 10, "\(format)")
    }
  }

  @Test("Refuses what is no probability, not 0 under a mask, or of a special lane")
  func refuses() {
    let tolerance = DefaultTolerance(output: .float32, underflow: .gradual)
    let half = [0.5, 0.5]
    #expect(tolerance.surelyCovers(half, of: [1, 1]))
    #expect(!tolerance.surelyCovers([.nan, 0.5], of: [1, 1]))
    #expect(!tolerance.surelyCovers([1, 0x1p-140], of: [1, -.infinity]))
    #expect(!tolerance.surelyCovers([Double(1).nextUp, 0], of: [1, -.infinity]))
    #expect(!tolerance.surelyCovers([1, -0x1p-149], of: [1, -200]))
    #expect(tolerance.surelyCovers([1, 0x1p-149], of: [1, -200]))
    #expect(!tolerance.surelyCovers(half, of: [1, .nan]))
    #expect(!tolerance.surelyCovers([1, 0], of: [.infinity, 0]))
    #expect(!tolerance.surelyCovers([0, 0], of: [-.infinity, -.infinity]))
    #expect(!tolerance.surelyCovers([], of: []))
    let double = DefaultTolerance(output: .float64, underflow: .gradual)
    #expect(!double.surelyCovers(half, of: [1, 1]))
    #expect(
      !DefaultTolerance(.logSoftmax, output: .float32, underflow: .gradual)
        .surelyCovers(half, of: [1, 1]))
  }
}
