/// One of the floating-point formats a softmax can read or write.
///
/// Every format is a binary format with subnormals and NaNs, and rounds to nearest, ties to even.
/// Its parameters are those of IEEE 754-2019, section 3.3; `bfloat16` is binary32 with the
/// significand cut to 8 bits. The 8-bit formats are those of ml_dtypes and safetensors:
/// `float8-e5m2` and `float8-e4m3fn` after P. Micikevicius et al., "FP8 Formats for Deep Learning",
/// arXiv:2209.05433, the two that end in `fnuz` after B. Noune et al., "8-bit Numerical Formats for
/// Deep Neural Networks", arXiv:2206.02915. They are asked for by name: ``allCases`` has the
/// others.
///
/// | format | precision P | e_min | e_max | u = 2^-P | smallest subnormal |
/// |---|---|---|---|---|---|
/// | float8-e4m3fn | 4 | -6 | 8 | 2^-4 | 2^-9 |
/// | float8-e5m2 | 3 | -14 | 15 | 2^-3 | 2^-16 |
/// | float8-e4m3fnuz | 4 | -7 | 7 | 2^-4 | 2^-10 |
/// | float8-e5m2fnuz | 3 | -15 | 15 | 2^-3 | 2^-17 |
/// | float16 | 11 | -14 | 15 | 2^-11 | 2^-24 |
/// | bfloat16 | 8 | -126 | 127 | 2^-8 | 2^-133 |
/// | float32 | 24 | -126 | 127 | 2^-24 | 2^-149 |
/// | float64 | 53 | -1022 | 1023 | 2^-53 | 2^-1074 |
public enum FloatFormat: String, CaseIterable, Codable, Sendable, Comparable {
  case float8E4M3FN = "float8-e4m3fn"
  case float8E5M2 = "float8-e5m2"
  case float8E4M3FNUZ = "float8-e4m3fnuz"
  case float8E5M2FNUZ = "float8-e5m2fnuz"
  case float16
  case bfloat16
  case float32
  case float64

  /// The formats that audits take where none is named.
  public static let allCases: [FloatFormat] = [.float16, .bfloat16, .float32, .float64]
  /// The 8-bit formats.
  public static let float8: [FloatFormat] = [
    .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ,
  ]
  /// All formats, those that are asked for by name too.
  public static let everyOne: [FloatFormat] = float8 + allCases

  /// A format by its name.
  ///
  /// - Throws: `DecodingError` where there is no format of that name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let format = FloatFormat(rawValue: name) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "there is no format \"\(name)\"")
    }
    self = format
  }

  /// The number of significand bits, the implicit leading bit included.
  @inlinable
  public var precision: Int {
    switch self {
    case .float8E4M3FN, .float8E4M3FNUZ: 4
    case .float8E5M2, .float8E5M2FNUZ: 3
    case .float16: 11
    case .bfloat16: 8
    case .float32: 24
    case .float64: 53
    }
  }

  /// The exponent of the smallest normal number, which is 2^minimumExponent.
  @inlinable
  public var minimumExponent: Int {
    switch self {
    case .float8E4M3FN: -6
    case .float8E4M3FNUZ: -7
    case .float8E5M2FNUZ: -15
    case .float16, .float8E5M2: -14
    case .bfloat16, .float32: -126
    case .float64: -1022
    }
  }

  /// The exponent of the largest finite numbers, which lie below 2^(maximumExponent + 1).
  @inlinable
  public var maximumExponent: Int {
    switch self {
    // The largest exponent field has numbers too.
    case .float8E4M3FN: 8
    // So it has, and the bias is one more.
    case .float8E4M3FNUZ, .float8E5M2FNUZ: -minimumExponent
    default: 1 - minimumExponent
    }
  }

  /// The encodings that are no finite numbers.
  @inlinable
  public var specialValues: SpecialValues {
    switch self {
    case .float8E4M3FN: .nanOfAllOnes
    case .float8E4M3FNUZ, .float8E5M2FNUZ: .nanForNegativeZero
    default: .infinitiesAndNaNs
    }
  }

  /// Whether the format has infinities; what overflows in one that has none is NaN.
  @inlinable
  public var hasInfinities: Bool { specialValues == .infinitiesAndNaNs }

  /// The exponent of the smallest subnormal number, the spacing of all subnormals.
  @inlinable
  public var quantumExponent: Int { minimumExponent - (precision - 1) }

  /// The number of bits an encoded value occupies.
  @inlinable
  public var bitWidth: Int {
    switch self {
    case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ: 8
    case .float16, .bfloat16: 16
    case .float32: 32
    case .float64: 64
    }
  }

  /// Whether the format has 8 bits: it is asked for by name, and nothing computes in it.
  @inlinable
  public var isOfEightBits: Bool { bitWidth == 8 }

  /// Whether the format has at most 16 bits: sound softmaxes compute in a wider one, and all
  /// numbers of the format can be listed.
  @inlinable
  public var isNarrow: Bool { bitWidth <= 16 }

  /// The unit roundoff u = 2^-P: half the distance from 1 to the next larger number.
  @inlinable
  public var unitRoundoff: Double { Double(sign: .plus, exponent: -precision, significand: 1) }

  /// The smallest positive number, eta.
  @inlinable
  public var leastSubnormal: Double {
    Double(sign: .plus, exponent: quantumExponent, significand: 1)
  }

  /// The smallest positive normal number, 2^e_min.
  @inlinable
  public var leastNormal: Double {
    Double(sign: .plus, exponent: minimumExponent, significand: 1)
  }

  /// The largest finite number, (2 - 2^(1-P)) 2^e_max; where the encoding of that is a NaN, the
  /// number below.
  @inlinable
  public var greatestFinite: Double {
    Double(
      sign: .plus, exponent: maximumExponent,
      significand: 2 - (specialValues == .nanOfAllOnes ? 4 : 2) * unitRoundoff)
  }

  /// Orders formats as they are declared, narrow before wide.
  public static func < (a: FloatFormat, b: FloatFormat) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .float8E4M3FN: -4
    case .float8E5M2: -3
    case .float8E4M3FNUZ: -2
    case .float8E5M2FNUZ: -1
    case .float16: 0
    case .bfloat16: 1
    case .float32: 2
    case .float64: 3
    }
  }

  /// Whether every number of the other format is a number of this one.
  public func contains(_ other: FloatFormat) -> Bool {
    precision >= other.precision && quantumExponent <= other.quantumExponent
      && greatestFinite >= other.greatestFinite
  }
}
