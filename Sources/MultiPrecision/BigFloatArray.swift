import CMPFR

/// A fixed number of arbitrary-precision numbers of one precision in two blocks of memory.
///
/// A lane of a million logits needs a million terms; a million calls of `mpfr_init2` would cost as
/// much as a tenth of the exponentials. All significands live in one block, through MPFR's custom
/// interface, and the block is reused from lane to lane.
public struct BigFloatArray: ~Copyable {
  @usableFromInline
  let numbers: UnsafeMutablePointer<__mpfr_struct>
  @usableFromInline
  let pointers: UnsafeMutablePointer<mpfr_ptr?>
  private let significands: UnsafeMutableRawPointer
  /// The number of numbers that there is room for.
  public let count: Int
  /// The number of significand bits of each.
  public let precision: Int

  /// Room for `count` numbers of the given precision; their values are zero.
  public init(count: Int, precision: Int) {
    self.count = count
    self.precision = precision
    let stride = mpfr_custom_get_size(mpfr_prec_t(precision))
    numbers = .allocate(capacity: max(count, 1))
    pointers = .allocate(capacity: max(count, 1))
    significands = .allocate(
      byteCount: max(stride * count, 1), alignment: MemoryLayout<UInt64>.alignment)
    for k in 0..<count {
      let significand = significands + k * stride
      mpfr_custom_init(significand, mpfr_prec_t(precision))
      mpfr_custom_init_set(
        numbers + k, Int32(MPFR_ZERO_KIND.rawValue), 0, mpfr_prec_t(precision), significand)
      (pointers + k).initialize(to: numbers + k)
    }
  }

  deinit {
    numbers.deallocate()
    pointers.deallocate()
    significands.deallocate()
  }

  /// The exponential of `a - b`, each step rounded to nearest; stored at an index.
  ///
  /// The precision must be at least 53, so that `a` itself is not rounded.
  @inlinable
  public mutating func setExponentialOfDifference(
    at index: Int, _ a: Double, _ b: borrowing BigFloat
  ) {
    let number = numbers + index
    mpfr_set_d(number, a, MPFR_RNDN)
    withUnsafePointer(to: b.storage) { _ = mpfr_sub(number, number, $0, MPFR_RNDN) }
    mpfr_exp(number, number, MPFR_RNDN)
  }

  /// Multiplies the number at an index by an integer, rounded to nearest.
  @inlinable
  public mutating func formProduct(at index: Int, _ factor: UInt64) {
    mpfr_mul_ui(numbers + index, numbers + index, UInt(factor), MPFR_RNDN)
  }

  /// Copies the number at an index of another array.
  @inlinable
  public mutating func assign(
    at index: Int, _ other: borrowing BigFloatArray, at otherIndex: Int, times factor: UInt64
  ) {
    mpfr_mul_ui(numbers + index, other.numbers + otherIndex, UInt(factor), MPFR_RNDN)
  }
}

extension BigFloat {
  /// Stores the sum of a range of numbers, correctly rounded however they cancel or differ in size.
  @inlinable @discardableResult
  public mutating func setSum(
    of terms: borrowing BigFloatArray, _ range: Range<Int>, _ rounding: Rounding
  ) -> Int32 {
    mpfr_sum(&storage, terms.pointers + range.lowerBound, UInt(range.count), rounding.mpfr)
  }

  /// Stores the sum of a range of numbers, each taken as often as told.
  ///
  /// A number taken once enters exactly; one taken more often is first multiplied, with one
  /// rounding at its own precision. The sum of the terms so made is correctly rounded to nearest.
  public mutating func setSum(
    of terms: borrowing BigFloatArray, _ range: Range<Int>, multiplicities: [UInt64]
  ) {
    let repeated = range.filter { multiplicities[$0] > 1 }
    guard !repeated.isEmpty else {
      setSum(of: terms, range, .toNearestOrEven)
      return
    }
    var products = BigFloatArray(count: repeated.count, precision: terms.precision)
    for (k, index) in repeated.enumerated() {
      products.assign(at: k, terms, at: index, times: multiplicities[index])
      terms.pointers[index] = products.numbers + k
    }
    setSum(of: terms, range, .toNearestOrEven)
    for index in repeated { terms.pointers[index] = terms.numbers + index }
  }

  /// Stores the number at an index divided by another number.
  @inlinable @discardableResult
  public mutating func setQuotient(
    _ terms: borrowing BigFloatArray, at index: Int, by divisor: borrowing BigFloat,
    _ rounding: Rounding
  ) -> Int32 {
    withUnsafePointer(to: divisor.storage) { divisor in
      mpfr_div(&storage, terms.numbers + index, divisor, rounding.mpfr)
    }
  }

  @inlinable @discardableResult
  public mutating func assign(
    _ terms: borrowing BigFloatArray, at index: Int, _ rounding: Rounding
  ) -> Int32 {
    mpfr_set4(
      &storage, terms.numbers + index, rounding.mpfr, (terms.numbers + index).pointee._mpfr_sign)
  }

  /// Stores the correctly rounded sum of binary64 numbers.
  @inlinable @discardableResult
  public mutating func setSum(of values: some Sequence<Double>, _ rounding: Rounding) -> Int32 {
    let all = Array(values)
    var terms = BigFloatArray(count: all.count, precision: 53)
    for k in all.indices { terms.assign(at: k, all[k]) }
    return setSum(of: terms, 0..<all.count, rounding)
  }
}

extension BigFloatArray {
  /// Stores a binary64 number at an index, rounded to nearest.
  @inlinable
  public mutating func assign(at index: Int, _ value: Double) {
    mpfr_set_d(numbers + index, value, MPFR_RNDN)
  }

  /// Stores the product of two binary64 numbers at an index, rounded to nearest.
  ///
  /// With a precision of 106 or more it is exact.
  @inlinable
  public mutating func setProduct(at index: Int, _ a: Double, _ b: Double) {
    mpfr_set_d(numbers + index, a, MPFR_RNDN)
    mpfr_mul_d(numbers + index, numbers + index, b, MPFR_RNDN)
  }
}
