import AuditedOperations
import FloatFormats
import Oracle
import RealModule
import TestSupport
import Testing

@testable import ErrorMeasurement

/// The default tolerance of attention against kernels as they are in use.
@Suite("The tolerance of attention")
struct AttentionToleranceTests {
  /// Attention in float32, online in blocks as FlashAttention 2 has it.
  private func online(
    _ row: AttentionRow, block: Int, castsTo cast: (Float) -> Float = { $0 }
  ) -> (output: [Float], logSumExp: Float) {
    let head = row.head
    let scale = Float(row.scale * 1.4426950408889634)
    var (maximum, sum) = (-Float.infinity, Float(0))
    var output = [Float](repeating: 0, count: head.valueDimension)
    for start in stride(from: 0, to: head.count, by: block) {
      let keys = (start..<min(start + block, head.count)).filter(row.sees)
      let scores = keys.map { key in
        zip(row.query, head.key(key)).reduce(Float(0)) { $0 + Float($1.0) * Float($1.1) }
      }
      guard let largest = scores.max() else { continue }
      let next = max(maximum, largest)
      let factor =
        maximum.isInfinite ? 0 : Float(Double.exp2(Double((maximum - next) * scale)))
      let weights = scores.map { score in
        Float(Double.exp2(Double((-next * scale).addingProduct(score, scale))))
      }
      sum = weights.reduce(sum * factor, +)
      for channel in output.indices {
        output[channel] *= factor
        for (place, key) in keys.enumerated() {
          output[channel] += cast(weights[place]) * Float(head.value(key, channel))
        }
      }
      maximum = next
    }
    let natural = maximum * Float(row.scale) + Float(Double.log(Double(sum)))
    return (output.map { $0 / sum }, natural)
  }

  private func draw(
    _ random: inout SplitMix64, _ format: FloatFormat, _ count: Int, spread: Double
  ) -> AttentionRow {
    let (dimension, width) = (8, 4)
    func numbers(_ count: Int, _ spread: Double) -> [Double] {
      (0..<count).map { _ in format.rounded(random.normal() * spread) }
    }
    return AttentionRow(
      query: numbers(dimension, spread),
      head: AttentionHead(
        keys: numbers(count * dimension, spread), values: numbers(count * width, 1),
        count: count, dimension: dimension, valueDimension: width))
  }

  /// The largest part of the tolerance that a kernel's rows come to: of outputs, and of logsumexps.
  private func largestRatios(
    _ format: FloatFormat, rows: Int, block: Int, castsTo cast: (Float) -> Float
  ) throws -> (output: Double, logSumExp: Double) {
    let oracle = SoftmaxOracle()
    var random = SplitMix64(seed: 7)
    var (largest, largestLog) = (0.0, 0.0)
    for trial in 0..<rows {
      let row = draw(
        &random, format, [1, 2, 15, 16, 17, 64, 120][trial % 7],
        spread: [0.5, 1, 3][trial % 3])
      let (output, logSumExp) = online(row, block: block, castsTo: cast)
      func ratio(
        _ part: AttentionPart, _ outputs: [Double], _ output: FloatFormat
      ) throws -> Double {
        let lane = OperationLane(row, part)
        let attention = try #require(lane.attention)
        let tolerance = try #require(
          AttentionTolerance(input: format, output: output, underflow: .gradual)
            .tolerance(of: attention))
        let exact = oracle.reference(of: lane, in: .float64)
        return outputs.indices.map {
          abs(outputs[$0] - exact.value(at: $0).approximate) / tolerance.bounds[$0]
        }.max() ?? 0
      }
      largest = max(
        largest, try ratio(.output, output.map { format.rounded(Double($0)) }, format))
      largestLog = max(largestLog, try ratio(.logSumExp, [Double(logSumExp)], .float32))
    }
    return (largest, largestLog)
  }

  @Test("Online kernels in blocks keep to it, in bfloat16 and float16 with P cast, and in float32")
  func kernelsKeepToIt() throws {
    let bfloat16 = try largestRatios(.bfloat16, rows: 84, block: 16) {
      BFloat16(rounding: Double($0)).exactDouble.asFloat
    }
    #expect(bfloat16.output <= 1 && bfloat16.output > 0.2, "\(bfloat16)")
    let float16 = try largestRatios(.float16, rows: 84, block: 16) {
      Float16(rounding: Double($0)).exactDouble.asFloat
    }
    #expect(float16.output <= 1 && float16.output > 0.2, "\(float16)")
    let float32 = try largestRatios(.float32, rows: 84, block: 16) { $0 }
    #expect(float32.output <= 1 && float32.logSumExp <= 1, "\(float32)")
    #expect(float32.output > 0.01, "\(float32)")
  }

  @Test(
    "Another scale, a lost key and scores that are too large are beyond it",
    arguments: [(FloatFormat.bfloat16, 1.25), (.float32, 1.001)])
  func faultsExceedIt(format: FloatFormat, factor: Double) throws {
    let oracle = SoftmaxOracle()
    var random = SplitMix64(seed: 3)
    let row = draw(&random, format, 64, spread: 1)
    let lane = OperationLane(row, .output)
    let attention = try #require(lane.attention)
    let tolerance = try #require(
      AttentionTolerance(input: format, output: format, underflow: .gradual)
        .tolerance(of: attention))
    func exceeds(_ faulty: AttentionRow) -> Bool {
      let exact = oracle.reference(of: lane, in: .float64)
      let wrong = online(faulty, block: 16).output
      return wrong.indices.contains {
        abs(Double(wrong[$0]) - exact.value(at: $0).approximate) > tolerance.bounds[$0]
      }
    }
    #expect(!exceeds(row))
    func changed(_ modifiers: LaneModifiers) -> AttentionRow {
      AttentionRow(query: row.query, head: row.head, modifiers: modifiers)
    }
    #expect(exceeds(changed(LaneModifiers(scale: 0.3))))
    var mask = [Double](repeating: 0, count: 64)
    mask[row.head.count - 1] = -.infinity
    #expect(exceeds(changed(LaneModifiers(mask: mask))))
    #expect(exceeds(AttentionRow(query: row.query.map { $0 * factor }, head: row.head)))
  }

  @Test("A row without a value, or beyond the range of sums, has no bound")
  func noBound() throws {
    let head = AttentionHead(
      keys: [1, 2], values: [1, 1], count: 2, dimension: 1, valueDimension: 1)
    let hidden = AttentionRow(
      query: [1], head: head, modifiers: LaneModifiers(mask: [-.infinity, -.infinity]))
    let huge = AttentionRow(query: [0x1p126], head: head)
    for row in [hidden, huge] {
      let attention = try #require(OperationLane(row, .output).attention)
      #expect(
        AttentionTolerance(input: .float32, output: .float32, underflow: .gradual)
          .tolerance(of: attention) == nil)
    }
  }
}

extension Double {
  fileprivate var asFloat: Float { Float(self) }
}
