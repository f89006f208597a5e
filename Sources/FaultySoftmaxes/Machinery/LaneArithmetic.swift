import FloatFormats

/// The largest of some logits, at least one; a NaN only where the first is one.
@inline(__always)
func largest<C: BinaryFloat>(of lane: Lane<C>, _ range: Range<Int>) -> C {
  var result = lane[range.lowerBound]
  for index in range where lane[index] > result { result = lane[index] }
  return result
}

/// The sum of some terms in four interleaved accumulators; zero for none.
@inline(__always)
func total<C: BinaryFloat>(of terms: Lane<C>, _ range: Range<Int>) -> C {
  var (a, b, c, d) = (C.zero, C.zero, C.zero, C.zero)
  var index = range.lowerBound
  while index + 4 <= range.upperBound {
    a = a + terms[index]
    b = b + terms[index + 1]
    c = c + terms[index + 2]
    d = d + terms[index + 3]
    index += 4
  }
  while index < range.upperBound {
    a = a + terms[index]
    index += 1
  }
  return (a + b) + (c + d)
}

/// The sum of some terms, one after the other, each partial sum rounded to a format.
@inline(__always)
func total<C: BinaryFloat>(of terms: Lane<C>, _ range: Range<Int>, in format: FloatFormat) -> C {
  var result = C.zero
  for index in range { result = rounded(result + terms[index], to: format) }
  return result
}

/// The sum of all terms from the first to the last, or from the last to the first.
@inline(__always)
func totalInOrder<C: BinaryFloat>(of terms: Lane<C>, backwards: Bool) -> C {
  var result = C.zero
  if backwards {
    for index in terms.indices.reversed() { result = result + terms[index] }
  } else {
    for index in terms.indices { result = result + terms[index] }
  }
  return result
}

/// The value rounded to a format and back.
@inline(__always)
func rounded<C: BinaryFloat>(_ value: C, to format: FloatFormat) -> C {
  switch format {
  case .float16: C(rounding: Float16(rounding: value))
  case .bfloat16: C(rounding: BFloat16(rounding: value))
  case .float32: C(rounding: Float(rounding: value))
  case .float64: value
  default: C(rounding: format.rounded(value.exactDouble))
  }
}

/// A positive value with only the leading bits of its significand kept.
@inline(__always)
func truncated<C: BinaryFloat>(_ value: C, toBits bits: Int) -> C {
  guard value.isFinite else { return value }
  let dropped = C.BitPattern(max(C.format.precision - bits, 0))
  return C(bitPattern: (value.bitPattern >> dropped) << dropped)
}

/// The float some places above a positive finite one, or below; zero and what is not finite stay.
@inline(__always)
func moved<C: BinaryFloat>(_ value: C, byPlaces places: Int64) -> C {
  guard value.isFinite, !value.isZero else { return value }
  return C(orderedIndex: max(0, value.orderedIndex + places))
}

/// The exact remainder a - q b of a quotient that was rounded, by one fused step.
@inline(__always)
func remainder<C: BinaryFloat>(_ a: C, _ quotient: C, _ b: C) -> C {
  a.addingProduct(-quotient, b)
}

/// The integer at or below a finite value, and the rest in [0, 1).
@inline(__always)
func splitIntoFloorAndFraction<C: BinaryFloat>(_ value: C) -> (floor: C, fraction: C) {
  var integer = value.roundedToInteger
  if integer > value { integer = integer - C.one }
  return (integer, value - integer)
}
