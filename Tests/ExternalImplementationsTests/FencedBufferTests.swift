import CForeignCalls
import Testing

@testable import ExternalImplementations

@Suite("Fences around foreign calls")
struct FencedBufferTests {
  @Test("A byte that changes beside an operand is told by its distance, on both sides")
  func changes() throws {
    let buffer = FencedBuffer()
    for size in [0, 1, 400, 70_000] {
      for place in [FencedBuffer.Place.atStart, .atEnd(alignment: 1), .inside(offset: 12)] {
        try buffer.place(size, at: place)
        let start = try #require(buffer.bytes.baseAddress)
        #expect(buffer.bytes.count == size)
        #expect(buffer.change(around: "output") == nil)
        if size > 0 { start.storeBytes(of: 1, toByteOffset: size - 1, as: UInt8.self) }
        #expect(buffer.change(around: "output") == nil)
        if place != .atEnd(alignment: 1) {
          start.storeBytes(of: 1, toByteOffset: size + 3, as: UInt8.self)
          #expect(
            buffer.change(around: "output")
              == "the byte 3 places beyond the end of the output was changed")
          start.storeBytes(of: 0xA5, toByteOffset: size + 3, as: UInt8.self)
        }
        if place != .atStart {
          (start - 2).storeBytes(of: 1, as: UInt8.self)
          #expect(
            buffer.change(around: "output") == "the byte 2 places before the output was changed")
        }
      }
    }
  }

  @Test("Whatever is done to the floating-point environment, it is told and undone")
  func environment() {
    let before = softmax_audit_environment()
    let (_, nothing) = FloatingPointEnvironment.fenced { 1 }
    #expect(nothing == nil)
    #if arch(x86_64)
      for (bits, words) in [
        (UInt64(0x8000), "results are flushed to zero"), (0x40, "operands are flushed to zero"),
        (0x2000, "rounding goes down"), (0x4000, "rounding goes up"),
        (0x6000, "rounding goes toward zero"),
      ] {
        let (_, change) = FloatingPointEnvironment.fenced {
          softmax_audit_set_environment(softmax_audit_default_environment() | bits)
        }
        #expect(change?.contains(words) == true, "\(change ?? "nothing")")
        #expect(softmax_audit_environment() == before)
      }
      softmax_audit_set_environment(softmax_audit_default_environment() | 0x8040)
      let (quotient, _) = FloatingPointEnvironment.fenced { Double.leastNormalMagnitude / 4 }
      let kept = softmax_audit_environment()
      softmax_audit_set_environment(before)
      #expect(quotient > 0, "the fence does not set standard arithmetic")
      #expect(kept == softmax_audit_default_environment() | 0x8040)
    #endif
  }
}
