import AuditedOperations
import FloatFormats
import Oracle
import SoftmaxVariants
import TestSupport
import Testing

@testable import FaultySoftmaxes
@testable import Laws
@testable import LogitFamilies

@Suite("Sound softmaxes")
struct SoundSoftmaxTests {
  @Test("Names are unique, also among the faults, and there are at least twelve")
  func names() {
    let names = SoundSoftmax.all.map(\.name) + FaultySoftmax.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(SoundSoftmax.all.count >= 12)
    #expect(SoundSoftmax.all.allSatisfy { !$0.formats.isEmpty && !$0.summary.isEmpty })
  }

  /// Lanes of many kinds, the special ones among them.
  private static func inputs(for format: FloatFormat) -> [Input] {
    var random = SplitMix64(seed: 17)
    var inputs: [Input] = []
    for length in [1, 2, 3, 7, 8, 9, 31, 64, 65, 130, 300] {
      for width in [0.01, 1, 20, 90] {
        inputs.append(
          Input((0..<length).map { _ in Double.random(in: -width...width, using: &random) }))
      }
      inputs.append(Input(zeros(length)))
      inputs.append(Input((0..<length).map { Double($0) * format.unitRoundoff * 0.3 }))
      inputs.append(Input((0..<length).map { $0 % 3 == 0 ? -.infinity : Double($0 % 5) }))
      inputs.append(Input(zeros(length, [length - 1: 110])))
      inputs.append(Input(Array(repeating: -.infinity, count: length)))
      inputs.append(Input(zeros(length, [length / 2: .nan])))
      inputs.append(Input(zeros(length, [length / 2: .infinity])))
      inputs.append(Input(Array(repeating: -.infinity, count: length - 1) + [.nan]))
    }
    inputs.append(Input([0, format.greatestFinite, -format.greatestFinite]))
    inputs.append(Input(Array(repeating: -format.greatestFinite, count: 70)))
    inputs.append(Input(scattered(2000, seed: 3)))
    inputs.append(Input((0..<200).map { -Double($0) * 6 }))
    inputs.append(Input(ramp(60), [3, 4, 5], axis: 1))
    inputs.append(Input([], [3, 0, 5], axis: 1))
    return inputs
  }

  @Test(
    "Every sound one keeps its tolerance on lanes of many kinds",
    arguments: SoundSoftmax.all(of: .softmax).map(\.name))
  func keepsItsTolerance(name: String) throws {
    let sound = try #require(SoundSoftmax.all.first { $0.name == name })
    for format in sound.formats {
      for input in Self.inputs(for: format) {
        let isDeclared = sound.declaredModel(for: format) != nil
        let isSpecial = LaneProfile(input.logits) == nil
        let check: Evidence.Check = isDeclared && !isSpecial ? .declaredBound : .tolerance
        let finding = try Evidence(check, input).finding(in: format, of: sound)
        #expect(finding == nil, "\(format.rawValue), \(input.logits.prefix(8))")
      }
    }
  }

  @Test(
    "Every sound one is consistent, unbiased and gives 1/n for equal logits",
    arguments: SoundSoftmax.all(of: .softmax).map(\.name))
  func isConsistent(name: String) throws {
    let sound = try #require(SoundSoftmax.all.first { $0.name == name })
    let lanes = (0..<400).map { Input(scattered(2 + $0 % 15, seed: UInt64($0))) }
    let uniform = [1, 2, 3, 10, 33, 100, 255, 1000].map { Input(zeros($0)) }
    // Rounded constants and functions may lean, and reciprocals and logarithms be an ulp off: the
    // laws know by how much.
    let isPlain = !SoundSoftmax.formsInUse.contains { $0.name == name }
    for format in sound.formats {
      let checks: [(Evidence.Check, [Input])] =
        (isPlain ? [(.bias, lanes), (.uniform, uniform)] : []) + [
          (.single, [Input([-3])]), (.equal, [Input(ramp(100))]), (.history, lanes.suffix(3)),
          (.alone, [Input(scattered(900, seed: 2), [3, 300])]),
        ]
      for (check, inputs) in checks {
        let finding = try Evidence(check) { _ in inputs }.finding(in: format, of: sound)
        #expect(finding == nil, "\(check) in \(format.rawValue)")
      }
    }
  }
}
