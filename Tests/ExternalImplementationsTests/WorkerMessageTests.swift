import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import ExternalImplementations

@Suite("Messages of the worker protocol")
struct WorkerMessageTests {
  private let call = WorkerCall(
    sequence: 7, input: .bfloat16, output: .float64, layout: .reversed, axis: 2,
    shape: [3, 0, 5], inputOffset: 64, outputOffset: 1 << 40)

  @Test("A call comes out of its message as it went in")
  func roundTrip() {
    #expect(WorkerCall(call.content.bytes) == call)
  }

  @Test("The bytes of a call are those of the document")
  func bytes() {
    let expected: [UInt8] =
      [7, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0] + [3, 0, 0, 0] + [0, 0, 0, 0] + [3, 0, 0, 0]
      + [2, 0, 0, 0] + [3, 0, 0, 0] + [64, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 1, 0, 0]
      + [3, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 0] + [5, 0, 0, 0, 0, 0, 0, 0]
    #expect(call.content.bytes == expected)
    #expect(call.content.message(.call).prefix(8) == [3, 0, 0, 0, UInt8(expected.count), 0, 0, 0])
  }

  @Test("A message that is cut short anywhere, or changed anywhere, is read without harm")
  func damage() {
    let bytes = call.content.bytes
    for count in bytes.indices { #expect(WorkerCall(Array(bytes.prefix(count))) == nil) }
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      var damaged = bytes
      damaged[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      if let read = WorkerCall(damaged) { #expect(read.shape.count <= 3) }
    }
  }

  @Test("Every format and layout has a number of its own, and comes back from it")
  func numbers() {
    for format in FloatFormat.everyOne {
      #expect(FloatFormat(protocolCode: format.protocolCode) == format)
    }
    for layout in TensorLayout.allCases {
      #expect(TensorLayout(protocolCode: layout.protocolCode) == layout)
    }
    #expect(FloatFormat(protocolCode: 8) == nil)
    #expect(TensorLayout(protocolCode: 6) == nil)
  }
}
