/// Conversions of whole arrays, specialized for the formats.
///
/// Callers often know a format by its witness table alone: a call through it for every element
/// costs ten times the conversion.
extension Array where Element: BinaryFloat {
  /// The elements as binary64 numbers, which hold every format.
  package var exactDoubles: [Double] {
    @_specialize(where Element == Float16)
    @_specialize(where Element == BFloat16)
    @_specialize(where Element == Float)
    @_specialize(where Element == Double)
    get { map { $0.exactDouble } }
  }

  /// The largest element, NaNs left out; -inf where there is none.
  package var largest: Double {
    @_specialize(where Element == Float16)
    @_specialize(where Element == BFloat16)
    @_specialize(where Element == Float)
    @_specialize(where Element == Double)
    get {
      var largest = -Double.infinity
      for element in self {
        let number = element.exactDouble
        if number > largest { largest = number }
      }
      return largest
    }
  }

  /// Numbers rounded to the format of the elements.
  @_specialize(where Element == Float16)
  @_specialize(where Element == BFloat16)
  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  package init(rounding numbers: [Double]) { self = numbers.map { Element(rounding: $0) } }
}
