import FloatFormats
import SoftmaxVariants
import TestSupport
import Testing

@testable import AuditedOperations

@Suite("Built-in implementations")
struct BuiltInImplementationTests {
  @Test("The implementations are the variants, by name, and declare their own model")
  func all() throws {
    #expect(BuiltInImplementation.all.map(\.name) == SoftmaxVariant.all.map(\.name))
    #expect(Set(BuiltInImplementation.all.map(\.name)).count == BuiltInImplementation.all.count)
    for implementation in BuiltInImplementation.all {
      #expect(implementation.ownModel(for: .float16)?.variant == implementation.variant)
      let variant = try #require(implementation.variant)
      #expect(implementation.formats == variant.formats + variant.formatsByName)
      #expect(variant.formatsByName == (variant.accumulation == nil ? [] : FloatFormat.float8))
      #expect(!implementation.summary.isEmpty)
      #expect(implementation.defaultOutputFormat(for: .bfloat16) == .bfloat16)
    }
  }

  /// Fills a lane of the computing format, evaluates it and rounds it to the output format.
  private struct LaneWork<F: BinaryFloat, G: BinaryFloat>: FormatGenericWork {
    let variant: SoftmaxVariant
    let lane: [F]
    let output: G.Type

    func run<C: BinaryFloat>(_ format: C.Type) -> [G] {
      var values = lane.map { C(rounding: $0) }
      values.withUnsafeMutableBufferPointer { variant.evaluate($0) }
      return values.map { G(rounding: $0) }
    }
  }

  @Test(
    "Every axis of a tensor gives what its lanes give, bit for bit", arguments: FloatFormat.allCases
  )
  func everyAxis(format: FloatFormat) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws {
      var random = SplitMix64(seed: 31)
      for shape in [[2, 3, 4], [3, 1, 2], [1, 5, 1]] {
        for axis in -3..<3 {
          let geometry = try LaneGeometry(shape: shape, axis: axis)
          let tensor = Tensor<F>(
            geometry: geometry,
            elements: (0..<geometry.elementCount).map { _ in
              F(rounding: Double.random(in: -6...6, using: &random))
            })
          for implementation in BuiltInImplementation.all
          where implementation.formats.contains(F.format) {
            let result = try implementation.softmax(tensor, as: format)
            #expect(result.geometry == geometry)
            for lane in 0..<geometry.laneCount {
              let variant = try #require(implementation.variant)
              let expected = try variant.computingFormat(for: F.format).open(
                LaneWork(variant: variant, lane: tensor.lane(lane), output: format))
              #expect(
                result.lane(lane).bitPatterns == expected.bitPatterns,
                "\(implementation.name), \(shape) along \(axis): \(tensor.lane(lane).hexText)")
            }
          }
        }
      }
    }
    try check(format.type)
  }

  @Test("Another output format rounds the result once", arguments: FloatFormat.allCases)
  func otherOutput(format: FloatFormat) throws {
    func check<G: BinaryFloat>(_ output: G.Type) throws {
      let geometry = try LaneGeometry(shape: [2, 3, 2], axis: 1)
      let tensor = Tensor<BFloat16>(
        geometry: geometry, elements: (0..<12).map { BFloat16(rounding: Double($0 * 7 % 12) / 4) })
      for name in ["max-trick", "naive/pairwise", "max-trick/sequential/float32"] {
        let variant = try #require(SoftmaxVariant(named: name))
        let result = try BuiltInImplementation(variant).softmax(tensor, as: output)
        for lane in 0..<geometry.laneCount {
          let expected = try variant.computingFormat(for: .bfloat16).open(
            LaneWork(variant: variant, lane: tensor.lane(lane), output: output))
          #expect(result.lane(lane).bitPatterns == expected.bitPatterns, "\(name)")
        }
      }
    }
    try check(format.type)
  }

  @Test("Tensors without elements give tensors without elements", arguments: [0, 1, 2])
  func emptyTensors(axis: Int) throws {
    for shape in [[0, 3, 2], [2, 0, 3], [2, 3, 0], [0, 0, 0]] {
      let geometry = try LaneGeometry(shape: shape, axis: axis)
      let result = try BuiltInImplementation.all[0].softmax(
        Tensor<Float>(geometry: geometry, elements: []), as: Float.self)
      #expect(result.geometry == geometry && result.elements.isEmpty)
    }
  }
}
