import CLaneKernels
import FloatFormats

/// The vector instructions that the filters use.
///
/// Certified figures do not depend on them. Levels with fused multiply-add give the same
/// statistical figures, to the bit; those of the portable level of x86-64, which has none, agree
/// with them to six digits.
public enum KernelLevel: Int, CaseIterable, Sendable, Comparable {
  /// The instructions that every processor of the architecture has.
  case portable = 0
  /// AVX2, fused multiply-add and conversion of half precision.
  case avx2 = 1
  /// AVX-512 F, DQ, VL and BW.
  case avx512 = 2

  /// The highest level of this processor.
  public static let best = KernelLevel(rawValue: Int(lane_best_level())) ?? .portable

  /// The levels of this processor, lowest first.
  public static var available: [KernelLevel] { allCases.filter { $0 <= best } }

  /// Whether the kernels of this level have fused multiply-add.
  public var isFused: Bool { lane_level_is_fused(Int32(rawValue)) }

  public static func < (a: KernelLevel, b: KernelLevel) -> Bool { a.rawValue < b.rawValue }

  /// The name under which benchmarks and tests force it.
  public var name: String {
    switch self {
    case .portable: "portable"
    case .avx2: "avx2"
    case .avx512: "avx512"
    }
  }
}

extension FloatFormat {
  /// The number that the kernels know the format by; that of float32 for an 8-bit one, see
  /// ``EncodedLane``.
  package var kernelCode: Int32 {
    switch self {
    case .float16: Int32(LANE_FLOAT16)
    case .bfloat16: Int32(LANE_BFLOAT16)
    case .float32: Int32(LANE_FLOAT32)
    case .float64: Int32(LANE_FLOAT64)
    default: Int32(LANE_FLOAT32)
    }
  }
}

/// The parts of the oracle that answer.
public enum OracleTier: String, CaseIterable, Sendable {
  /// Filters with proven bounds, and MPFR for what they leave open.
  case filtered
  /// MPFR alone.
  case mpfr
}
