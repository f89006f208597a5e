/// An elementary function of a 16-bit format, looked up: all its 65 536 values, each computed once.
///
/// The values are those of the function it was made from, bit for bit. A look takes a few cycles,
/// where the way through the float32 function takes two conversions and a call, and far more where
/// that call has to report an underflow: most differences of logits do.
@usableFromInline
struct FunctionTable: Sendable {
  @usableFromInline
  let values: [UInt16]

  init<F: BinaryFloat>(_ function: (F) -> F) where F.BitPattern == UInt16 {
    values = (0...UInt16.max).map { function(F(bitPattern: $0)).bitPattern }
  }

  /// The encoding of the value at an encoded number.
  @inlinable @inline(__always)
  subscript(_ encoding: UInt16) -> UInt16 { values[Int(encoding)] }
}
