import FloatFormats
import Oracle
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import ErrorMeasurement

@Suite("Samples of errors")
struct ErrorSamplingTests {
  @Test("Bins of signed errors cover the line without gaps, and each error lies in its bin")
  func bins() {
    for bin in -32...31 {
      let interval = ErrorSample.errors(inBin: bin)
      if bin < 31 {
        #expect(interval.upperBound == ErrorSample.errors(inBin: bin + 1).lowerBound, "\(bin)")
      }
      let middle = (interval.lowerBound + interval.upperBound) / 2
      let inside: Double = middle.isFinite ? middle : bin < 0 ? -0x1p30 : 0x1p30
      #expect(ErrorSample.signedBin(of: inside) == bin, "\(inside)")
    }
    #expect(ErrorSample.signedBin(of: 0) == 0)
    #expect(ErrorSample.signedBin(of: .infinity) == 31)
    #expect(ErrorSample.signedBin(of: -.infinity) == -32)
    #expect(ErrorSample.signedBin(of: 0.5) == 2)
    #expect(ErrorSample.signedBin(of: -0.5) == -3)
  }

  @Test(
    "Strides are odd, reach over all outputs and take no more than the limit",
    arguments: [
      1, 1023, 1024, 1025, 2048, 16_384, 131_072, 1_000_003,
    ])
  func strides(count: Int) {
    let step = ErrorSampling.stride(over: count)
    #expect(step % 2 == 1)
    #expect((count + step - 1) / step <= ErrorSampling.limit)
  }

  @Test("Errors are told apart by sign, magnitude of the exact value and offset of the lane")
  func places() throws {
    let lane: [Float] = [120, 120, 120 - 100]
    let reference = SoftmaxOracle().softmax(of: lane, in: .float32)
    var sampling = ErrorSampling()
    // 1/2 is good to much less than an ulp, and 1/2 less an ulp of it is one ulp off, or two of the
    // binade below.
    sampling.add(Float(0.5), against: reference.value(at: 0), offset: 120)
    sampling.add(Float(0.5) - Float(0.5).ulp, against: reference.value(at: 1), offset: 120)
    sampling.add(Float(0), against: reference.value(at: 2), offset: 120)
    let sample = try #require(sampling.sample)
    #expect(sample.outputs == 3)
    #expect(sample.decades == [2])
    #expect(sample.octaves == [-152, -8])
    #expect(sample.signedCounts.reduce(0, +) == 2)
    #expect(sample.signedBins.last == 0 || sample.signedBins.last == -1)
    #expect(sample.octaveMaxima[1].value >= 1)
  }

  @Test("Mismatches and exact zeros are not part of it")
  func leftOut() {
    let reference = SoftmaxOracle().softmax(of: [0, -.infinity] as [Float], in: .float32)
    var sampling = ErrorSampling()
    sampling.add(Float.nan, against: reference.value(at: 0), offset: 0)
    sampling.add(Float(-1), against: reference.value(at: 0), offset: 0)
    sampling.add(Float(0), against: reference.value(at: 1), offset: 0)
    #expect(sampling.sample == nil)
  }

  @Test("What comes out of special lanes is told by kind, whatever the policy")
  func specialLanes() {
    var answers = SpecialAnswers()
    #expect(answers.seen == nil)
    answers.add([Float.nan, .nan], to: .holdsNaN)
    answers.add([Float.nan, 0], to: .holdsNaN)
    answers.add([Float(0), 1], to: .holdsInfinity)
    answers.add([Float(0), 0], to: .fullyMasked)
    answers.add([Float(0.5), 0.5], to: .fullyMasked)
    answers.add([Float(0.5), 0.25], to: .fullyMasked)
    let expected: [SpecialOutput] = [
      .init(lane: .nan, answer: .nanEverywhere, lanes: 1),
      .init(lane: .nan, answer: .nanSomewhere, lanes: 1),
      .init(lane: .infinity, answer: .oneHot, lanes: 1),
      .init(lane: .onlyNegativeInfinity, answer: .zeros, lanes: 1),
      .init(lane: .onlyNegativeInfinity, answer: .uniform, lanes: 1),
      .init(lane: .onlyNegativeInfinity, answer: .other, lanes: 1),
    ]
    #expect(answers.seen == expected)
  }
}
