import FloatFormats
import LogitFamilies
import RealModule

@testable import AuditedOperations

/// For each fault an input on which it shows, in every format that it is offered for.
extension Evidence {
  /// Two lanes that are added up to other bits from the two ends.
  private static let sums: @Sendable (FloatFormat) -> [Input] = { _ in
    [Input(scattered(300, seed: 5)), Input(scattered(300, seed: 6))]
  }
  /// A batch of such lanes.
  private static let batch = Input(scattered(1800, seed: 7), [6, 300])
  /// Many short lanes, for means of errors.
  private static let shortLanes: @Sendable (FloatFormat) -> [Input] = { _ in
    (0..<400).map { Input(scattered(2 + $0 % 15, seed: UInt64($0))) }
  }
  /// A probability in the middle of the subnormal range, or just below the normal one.
  private static let subnormal: @Sendable (FloatFormat) -> [Input] = {
    [Input([0, Double.log($0.leastNormal) - 1])]
  }
  /// Terms that an addition in order rounds away one by one.
  private static let dust: @Sendable (FloatFormat) -> [Input] = { format in
    [Input([0] + Array(repeating: format == .float32 ? -17 : -37, count: 4095))]
  }
  private static let infinity = Double.infinity

  static let table: [String: Evidence] = [
    // Overflow
    "no-maximum": Evidence(.tolerance, 800, 799),
    "maximum-over-first-1024": Evidence(.tolerance, Input(zeros(1100, [1099: 800]))),
    "shift-by-first-logit": Evidence(.tolerance, 0, 800),
    "maximum-of-last-block": Evidence(.tolerance, Input(zeros(600, [0: 800]))),
    "maximum-starts-at-zero": Evidence(.tolerance, -800, -801),
    "maximum-starts-at-minus-65504": Evidence(.tolerance, -1e6, -1e6),
    "maximum-starts-at-minus-1e9": Evidence(.tolerance, -3e9, -3e9),
    "maximum-starts-at-lowest-float32": Evidence(.tolerance, -1e39, -1e39),
    "shift-by-mean": Evidence(.tolerance, 4000, 0, 0, 0),
    "vector-body-forgets-the-shift": Evidence(.tolerance, Input(ramp(9))),
    "exponent-clamped-at-80": Evidence(.tolerance, 100, 90),
    "lowest-logits-become-infinite": Evidence {
      [Input([-$0.greatestFinite, -$0.greatestFinite])]
    },
    "shift-skipped-below-80": Evidence(.tolerance, -800, -801),
    "one-maximum-for-the-batch": Evidence(.tolerance, Input([800, 800, 0, 0], [2, 2])),

    // Special values
    "nan-becomes-zero": Evidence(.tolerance, 0, .nan, 1),
    "nan-in-tail-swallowed": Evidence(.tolerance, Input(zeros(9, [8: .nan]))),
    "masked-lane-nan-only-from-128": Evidence(
      .tolerance, Input(Array(repeating: -infinity, count: 127))),
    "masked-lane-uniform": Evidence(.tolerance, -infinity, -infinity, -infinity),
    "leading-masked-lane-is-nan": Evidence(
      .tolerance, Input([-infinity, -infinity, 0, 1], [2, 2])),
    "nan-among-masks-becomes-zero": Evidence(.tolerance, .nan, -infinity, -infinity),
    "mask-of-minus-10000": Evidence(.tolerance, -9984, -infinity),
    "outputs-clipped-at-1e-7": Evidence(.tolerance, 0, -infinity),
    "infinity-as-greatest-finite": Evidence(.tolerance, infinity, 1),
    "infinity-gives-zeros": Evidence(.tolerance, infinity, 1),
    "one-hot-of-infinity-is-nan": Evidence(.tolerance, 1, infinity),
    "fully-masked-block-poisons-lane": Evidence(
      .tolerance, Input(Array(repeating: -infinity, count: 32) + zeros(32))),

    // Axes
    "always-last-axis": Evidence(.tolerance, Input(ramp(12), [3, 4], axis: 0)),
    "last-axis-from-rank-3": Evidence(.tolerance, Input(ramp(12), [2, 3, 2], axis: 0)),
    "flattened-from-axis": Evidence(.tolerance, Input(ramp(12), [2, 3, 2], axis: 1)),
    "all-axes-at-once": Evidence(.tolerance, Input(ramp(6), [2, 3])),
    "channel-axis-for-rank-4": Evidence(.tolerance, Input(ramp(24), [2, 3, 2, 2])),
    "inner-stride-lost-for-odd-outer": Evidence(.tolerance, Input(ramp(24), [3, 4, 2], axis: 1)),
    "output-pointer-not-advanced": Evidence(.tolerance, Input(ramp(6), [2, 3])),
    "last-lane-starts-one-early": Evidence(.tolerance, Input(ramp(6), [2, 3])),
    "unit-dimensions-squeezed-first": Evidence(.tolerance, Input(ramp(12), [1, 3, 4], axis: 1)),
    "square-matrix-transposed": Evidence(.tolerance, Input(ramp(9), [3, 3])),
    "batch-left-out-of-the-index": Evidence(.tolerance, Input(ramp(6), [2, 1, 1, 3])),
    "refuses-the-first-axis": Evidence(.failure(.refusal), Input(ramp(8), [2, 2, 2], axis: 0)),

    // Low precision
    "sum-in-the-input-format": Evidence(.tolerance, Input(zeros(4096))),
    "everything-in-the-input-format": Evidence(.tolerance, Input(zeros(4096))),
    "sum-in-float16": Evidence(.tolerance, Input(zeros(70_000))),
    "block-sums-in-float16": Evidence(.tolerance, 0, -0.3),
    "sum-stored-in-bfloat16": Evidence(.tolerance, 0, -0.3),
    "exponentials-stored-in-bfloat16": Evidence(.tolerance, 0, -0.3),
    "numerators-stored-in-float16": Evidence(.tolerance, 0, -0.3),
    "float64-summed-in-float32": Evidence(.tolerance, 0, -0.3),
    "difference-in-bfloat16": Evidence(.tolerance, 0, -10.28),
    "sum-stops-at-256": Evidence(.tolerance, Input(zeros(1000))),

    // Compilers
    "scale-contracted-in-the-sum-only": Evidence(.tolerance, 10000.3, 10000.1, 9999.7),
    "approximate-division": Evidence(.tolerance, 0, -0.3),
    "difference-split-into-quotient": Evidence(.tolerance, 800, 799),
    "fraction-of-exponent-folded-away": Evidence(.tolerance, Input(ramp(6))),
    "compensation-optimized-away": Evidence(.declaredBound, dust),
    "declares-pairwise-adds-in-order": Evidence(.declaredBound, dust),
    "promised-shift-scales-first": Evidence(.sameShares) { _ in
      [Input(scattered(40, seed: 4)), Input(scattered(40, seed: 4).map { $0 + 4 })]
    },
    "promised-padding-adds-in-halves": Evidence(.sameShares) { _ in
      let lane = scattered(1000, seed: 3)
      return (0..<24).map { Input(Array(repeating: -infinity, count: $0) + lane) }
    },
    "square-of-the-reciprocal-hoisted": Evidence(.tolerance, Input(zeros(300))),

    // Formulas
    "absolute-log-sum-exp": Evidence(.tolerance, 0x1p60, 0x1p60),
    "online-sum-not-rescaled": Evidence(.tolerance, 0, 1),
    "online-small-rescale-skipped": Evidence(.tolerance, 0, 0x1p-13),
    "block-merge-keeps-newer-sum": Evidence(
      .tolerance, Input(zeros(32) + Array(repeating: -5, count: 32))),
    "epsilon-added-to-the-sum": Evidence(.single, 0),
    "exponential-through-expm1": Evidence(.tolerance, 0, -20),
    "sum-of-distinct-logits": Evidence(.tolerance, 0, 0, 1),
    "maximum-counted-as-one": Evidence(.tolerance, 0, 0, -1),
    "division-by-sum-without-own-term": Evidence(.tolerance, 0, 0.5),

    // History and batches
    "sum-remembers-last-call": Evidence(.history, sums),
    "rounding-of-last-call-carried-over": Evidence(.history, sums),
    "every-seventh-call-adds-backwards": Evidence(.history, sums),
    "sum-split-by-call-count": Evidence(.history, sums),
    "partial-sum-lost-in-fifth-call": Evidence(.history, Input(zeros(64))),
    "maximum-cached-by-first-logit": Evidence(.history) { _ in [Input([0, 1]), Input([0, 900])] },
    "maximum-cached-by-last-logit": Evidence(.history) { _ in [Input([0, 1]), Input([900, 1])] },
    "sum-cached-by-total": Evidence(.history) { _ in [Input([1, -1]), Input([2, -2])] },
    "first-call-adds-backwards": Evidence(.history, sums),
    "batch-size-picks-the-sum": Evidence(.alone, batch),
    "tail-of-batch-adds-backwards": Evidence(.alone, batch),
    "position-in-batch-picks-the-sum": Evidence(.alone, batch),
    "last-lane-wrong-for-odd-batches": Evidence(.tolerance, Input(zeros(12), [3, 4])),
    "another-kernel-beyond-1024": Evidence(.tolerance, Input(scattered(1025, seed: 1))),
    "barrier-missing-beyond-8192": Evidence(.tolerance, Input(zeros(8200))),

    // Layouts
    "column-major-read-as-row-major": Evidence(.layout(.columnMajor), Input(ramp(12), [3, 4])),
    "slice-read-as-packed": Evidence(.layout(.sliced), Input(ramp(12), [3, 4])),
    "negative-strides-read-forwards": Evidence(.layout(.reversed), Input(ramp(12), [3, 4])),
    "row-step-assumed-packed": Evidence(.layout(.sliced), Input(ramp(12), [3, 4])),
    "loads-rounded-to-alignment": Evidence(.layout(.misaligned), Input(ramp(12), [3, 4])),
    "output-in-order-of-input": Evidence(.layout(.columnMajor), Input(ramp(12), [3, 4])),
    "input-used-as-scratch": Evidence(.layout(.readOnly), Input(ramp(12), [3, 4])),

    // Exponentials
    "schraudolph-exponential": Evidence(.tolerance, Input(zeros(9, [8: -0.39]))),
    "polynomial-of-degree-2": Evidence(.tolerance, Input(zeros(9, [8: -0.345]))),
    "polynomial-of-degree-4": Evidence(.tolerance, 0, -0.345),
    "power-of-256": Evidence(.tolerance, 0, -8),
    "exp-off-by-2^-18-in-a-window": Evidence(.tolerance, 0, -1.4),
    "exp-off-by-2^-18-around-ln-2": Evidence(.tolerance, 0, -0.6931),
    "table-of-256-steps": Evidence(.tolerance, 0, -0.3),
    "exp-good-to-20-ulp": Evidence { _ in
      // Right above a power of two an ulp is the largest part of a number.
      (1..<40).map { Input([0, -2.0794 + 0.0003 * Double($0)]) }
    },
    "exp-drops-at-table-boundaries": Evidence(.monotone) {
      [Input([0, -0.5, -0.5 - $0.unitRoundoff])]
    },
    "reciprocal-estimate-unrefined": Evidence(.tolerance, 0, -0.3),
    "reciprocal-in-float32": Evidence(.tolerance, 0, -0.3),
    "exp-vanishes-below-minus-13": Evidence(.tolerance, 0, -13.5),

    // Indices
    "length-kept-in-16-bits": Evidence(.tolerance, Input(zeros(65_540))),
    "lane-start-kept-in-16-bits": Evidence(.tolerance, Input(ramp(69_000), [23, 3000])),
    "output-ends-at-65536": Evidence(.tolerance, Input(zeros(66_000), [22, 3000])),
    "negative-lane-start-skipped": Evidence(.tolerance, Input(zeros(36_000), [12, 3000])),
    "lane-number-kept-in-8-bits": Evidence(.tolerance, Input(ramp(514), [257, 2])),

    // Element types
    "logits-narrowed-to-float32": Evidence(.tolerance, 0.1, 0),
    "bfloat16-read-through-float16": Evidence(.tolerance, 70_144, 69_632),
    "logits-rounded-to-integers": Evidence(.tolerance, 0.4, 0),
    "output-rounded-to-integers": Evidence(.tolerance, 0, -0.3),
    "output-through-float16": Evidence(.tolerance, 0, -17.5),
    "output-through-bfloat16": Evidence(.tolerance, 0, -0.3),

    // Tails
    "tail-left-out-of-the-sum": Evidence(.tolerance, Input(zeros(9))),
    "tail-left-out-of-the-maximum": Evidence(.tolerance, Input(zeros(9, [8: 800]))),
    "last-term-lost-for-n-mod-4-of-1": Evidence(.tolerance, Input(zeros(5))),
    "tail-with-coarse-exponential": Evidence(.tolerance, Input(zeros(9, [8: -0.3]))),
    "padding-counted-as-zero-logits": Evidence(.tolerance, Input(zeros(5))),
    "second-warp-lost-at-33": Evidence(.tolerance, Input(zeros(33, [32: 3]))),
    "second-pass-lost-beyond-65536": Evidence(.tolerance, Input(zeros(66_000, [65_999: 12]))),
    "last-of-three-blocks-counted-twice": Evidence(.tolerance, Input(zeros(300))),
    "remainder-lost-beyond-512": Evidence(.tolerance, Input(zeros(514))),
    "crash-for-three-blocks": Evidence(.failure(.crash), Input(zeros(70))),
    "last-element-unwritten-for-odd-n": Evidence(.tolerance, Input(zeros(9))),
    "block-maximum-off-at-boundaries": Evidence(.tolerance, Input(zeros(70, [64: 800]))),

    // Degenerate sizes
    "empty-axis-divides-by-zero": Evidence(.failure(.crash), Input([], [2, 0])),
    "empty-batch-crashes": Evidence(.failure(.crash), Input([], [0, 3])),
    "single-logit-is-nan": Evidence(.tolerance, 3),
    "single-logit-just-below-one": Evidence(.single, 3),
    "single-logit-copied": Evidence(.tolerance, 3),

    // Temperatures
    "temperature-guarded-by-epsilon": Evidence(.tolerance, 0, -40),
    "temperature-multiplied-twice": Evidence(.tolerance, 0, -12),
    "logits-clamped-to-50": Evidence(.tolerance, 60, 55),

    // Fixed point
    "output-on-a-grid-of-2^-16": Evidence(.tolerance, 0, -13),
    "output-in-8-bits": Evidence(.tolerance, 0, -7),
    "exponential-in-15-bit-fixed-point": Evidence(.tolerance, 0, -9.2),

    // Other functions
    "log-softmax": Evidence(.tolerance, 0, -1, 0.5),
    "sigmoid": Evidence(.tolerance, 0, -1, 0.5),
    "softmin": Evidence(.tolerance, 0, -1, 0.5),
    "one-hot-arg-max": Evidence(.tolerance, 0, -1, 0.5),
    "base-two": Evidence(.tolerance, 0, -1, 0.5),
    "softmax-of-magnitudes": Evidence(.tolerance, 0, -1, 0.5),
    "softmax-plus-one": Evidence(.tolerance, 0, -1, 0.5),

    // Underflow
    "subnormal-outputs-flushed": Evidence(.tolerance, subnormal),
    "subnormal-exponentials-flushed": Evidence(.tolerance, subnormal),
    "terms-below-2^-20-dropped": Evidence(.tolerance, 0, -14),
    "difference-clamped-at-minus-20": Evidence(.tolerance, 0, -40),
    "product-underflows-before-the-quotient": Evidence {
      [Input([0, $0 == .float64 ? -710 : -70])]
    },
    "small-results-of-long-lanes-dropped": Evidence(.tolerance, Input(zeros(600, [7: -8]))),

    // Rounding
    "truncating-division": Evidence(.bias, shortLanes),
    "half-ulp-bias": Evidence(.bias, shortLanes),
    "output-cut-to-16-bits": Evidence(.bias, shortLanes),
    "sum-one-ulp-low": Evidence(.bias, shortLanes),
    "sum-rounded-up": Evidence(.bias, shortLanes),

    // Equality and order
    "last-of-equal-maxima-one-ulp-up": Evidence(.equal, 0, 0),
    "tail-exponential-one-ulp-up": Evidence(
      .equal, Input([0] + Array(repeating: -0.3, count: 8))),
    "two-largest-swapped": Evidence(.tolerance, 0, 0.0004),
    "rest-put-into-the-last": Evidence(.tolerance, 0, -20),
    "promised-permutation-adds-in-order": Evidence(.sameShares) { _ in
      (1..<9).map { Input(scattered(300, seed: 4).shuffled(seed: $0)) }
    },
    "outputs-sorted": Evidence(.tolerance, 1, 0),
    "outputs-reversed-for-n-of-7": Evidence(.tolerance, Input(ramp(7))),

    // Conduct
    "computes-in-its-input": Evidence(.misconduct(.inputModified), 0, 1),
    "input-modified-for-long-lanes": Evidence(.misconduct(.inputModified), Input(zeros(64))),
    "writes-past-the-end-of-odd-lanes": Evidence(.misconduct(.wroteOutsideOutput), 0, 1, 2),
    "leaves-flush-to-zero-on": Evidence(
      .misconduct(.changedFloatingPointEnvironment), Input(zeros(16))),
    "hangs-on-masked-lanes": Evidence(.failure(.hang), -infinity, -infinity),
    "crashes-on-largest-finite": Evidence(.failure(.crash)) { [Input([$0.greatestFinite, 0])] },
    "answers-with-another-shape": Evidence(.failure(.rubbish), Input(ramp(3), [1, 3])),

    // Batches of long lanes
    "fourth-lane-zero-beyond-4096": Evidence(.tolerance, Input(zeros(16_388), [4, 4097])),
    "fourth-lane-loses-last-term-beyond-4096": Evidence(
      .tolerance, Input(zeros(16_388, [16_387: 120]), [4, 4097])),
    "lanes-from-15-doubled-in-batches-of-16": Evidence(
      .tolerance, Input(zeros(16_400), [16, 1025])),
    "last-of-32-lanes-loses-last-term-beyond-2048": Evidence(
      .tolerance, Input(zeros(65_568, [65_567: 120]), [32, 2049])),
    "second-lane-loses-first-term-beyond-16384": Evidence(
      .tolerance, Input(zeros(32_770, [16_385: 120]), [2, 16_385])),
    "second-lane-zero-beyond-65536": Evidence(.tolerance, Input(zeros(131_074), [2, 65_537])),
    "maximum-of-first-half-from-lane-8-beyond-1024": Evidence(
      .tolerance, Input(zeros(9225, [9224: 800]), [9, 1025])),
    "last-lane-loses-a-block-beyond-8192": Evidence(
      .tolerance, Input(zeros(16_386), [2, 8193])),
    "lanes-from-32-lose-a-tail-beyond-512": Evidence(
      .tolerance, Input(zeros(16_929, [16_928: 120]), [33, 513])),
    "batches-of-64-lose-the-last-lane": Evidence(.tolerance, Input(zeros(262_208), [64, 4097])),
    "third-lane-padded-with-zeros-beyond-32768": Evidence(
      .tolerance, Input(Array(repeating: -40, count: 98_307), [3, 32_769])),
    "sum-of-first-131072": Evidence(.tolerance, Input(zeros(131_074, [131_073: 120]))),
    "sum-of-first-200000": Evidence(.tolerance, Input(zeros(200_001, [200_000: 120]))),
    "sum-of-first-262144": Evidence(.tolerance, Input(zeros(262_145, [262_144: 120]))),
    "sum-of-first-1000000": Evidence(.tolerance, Input(zeros(1_000_001, [1_000_000: 120]))),
    "vocabulary-padded-with-zeros": Evidence(
      .tolerance, Input(Array(repeating: -40, count: 150_001))),
    "halves-merged-without-rescaling-beyond-100000": Evidence(
      .tolerance, Input(zeros(100_001, [100_000: 3]))),

    // Many lanes
    "lanes-beyond-65535-unwritten": Evidence(.tolerance, Input(zeros(65_536), [65_536, 1])),
    "inner-lanes-beyond-65535-unwritten": Evidence(
      .tolerance, Input(zeros(65_536), [1, 65_536], axis: 0)),
    "lane-number-kept-in-16-bits": Evidence(
      .tolerance, Input(zeros(131_074, [131_073: 3]), [65_537, 2])),
    "lane-number-kept-in-17-bits": Evidence(
      .tolerance, Input(zeros(262_146, [262_145: 3]), [131_073, 2])),
    "lanes-beyond-131071-lose-last-term": Evidence(
      .tolerance, Input(zeros(262_146), [131_073, 2])),

    // Channels of images
    "17-channels-of-4096-places-zero": Evidence(
      .tolerance, Input(zeros(69_632), [17, 4096], axis: 0)),
    "third-channel-of-large-images-lost": Evidence(
      .tolerance, Input(zeros(49_152), [3, 16_384], axis: 0)),
    "last-place-of-an-image-zero": Evidence(.tolerance, Input(zeros(6147), [3, 2049], axis: 0)),
    "places-beyond-50000-lose-last-term": Evidence(
      .tolerance, Input(zeros(150_006), [3, 50_002], axis: 0)),
    "segmentation-zero": Evidence(.tolerance, Input(zeros(1 << 20), [16, 65_536], axis: 0)),

    // Round lengths in batches
    "lanes-after-the-first-zero-at-multiples-of-256": Evidence(
      .tolerance, Input(zeros(1536), [2, 768])),
    "fourth-lane-loses-last-term-at-powers-of-two": Evidence(
      .tolerance, Input(zeros(262_144, [262_143: 120]), [4, 65_536])),
    "last-of-20-lanes-loses-last-term-from-20000": Evidence(
      .tolerance, Input(zeros(400_000, [399_999: 120]), [20, 20_000])),
    "second-lane-of-a-vocabulary-zero": Evidence(
      .tolerance, Input(zeros(100_514), [2, 50_257])),
    "second-lane-doubled-just-below-a-power-of-two": Evidence(
      .tolerance, Input(zeros(4094), [2, 2047])),

    // Sorted lanes
    "sorted-lane-ends-early": Evidence(
      .tolerance, Input((0..<1000).map { -16 * Double($0) / 1000 })),
    "last-of-a-descending-tail-repeated": Evidence(
      .tolerance, Input((0..<105).map { -Double(max(0, $0 - 95)) / 2 })),
    "least-logit-in-the-last-place-lost": Evidence(
      .tolerance, Input((0..<129).map { -Double($0) / 64 })),

    // Runs of masks
    "nan-after-a-masked-block-of-1024": Evidence(
      .tolerance, Input(zeros(1025, masking: 0..<1024))),
    "nan-for-any-masked-block-of-4096": Evidence(
      .tolerance, Input(zeros(12_288, masking: 4096..<8192))),
    "mask-ends-the-lane": Evidence(.tolerance, Input(zeros(6144, masking: 2048..<4096))),

    // Neighbours
    "maximum-of-the-eighth-neighbour": Evidence(.tolerance) { _ in
      [Input(heights(rows: 2, columns: 16) { $0 < 8 ? 0 : -2000 }, [2, 16], axis: 0)]
    },
    "four-neighbours-share-a-maximum": Evidence(.tolerance) { _ in
      [Input(heights(rows: 2, columns: 4) { $0 == 0 ? 0 : -2000 }, [2, 4], axis: 0)]
    },
    "sixteen-neighbours-share-a-maximum": Evidence(.tolerance) { _ in
      [Input(heights(rows: 2, columns: 16) { $0 == 0 ? 0 : -2000 }, [2, 16], axis: 0)]
    },
    "last-of-64-neighbours-has-the-first-maximum": Evidence(.tolerance) { _ in
      [Input(heights(rows: 2, columns: 64) { $0 == 0 ? 0 : -2000 }, [2, 64], axis: 0)]
    },
    "tail-of-neighbours-has-the-maximum-before": Evidence(.tolerance) { _ in
      [Input(heights(rows: 2, columns: 9) { $0 == 7 ? 0 : -2000 }, [2, 9], axis: 0)]
    },
    "nan-poisons-eight-neighbours": Evidence(
      .tolerance, Input(zeros(16, [0: .nan]), [2, 8], axis: 0)),
    "masked-lane-zeroes-four-neighbours": Evidence(
      .tolerance, Input(zeros(8, [0: -infinity, 4: -infinity]), [2, 4], axis: 0)),
    "pairs-of-lanes-exchanged-from-64": Evidence(
      .tolerance, Input(zeros(128, [0: 3]), [64, 2], axis: 0)),
    "strided-lanes-lose-last-term-beyond-1024": Evidence(
      .tolerance, Input(zeros(2050, [2048: 120]), [1025, 2], axis: 0)),
    "neighbours-beyond-64-unwritten": Evidence(.tolerance, Input(zeros(130), [2, 65], axis: 0)),
    "odd-rows-of-16-neighbours-lose-first-term": Evidence(
      .tolerance, Input(zeros(64), [2, 2, 16], axis: 1)),

    // Calls of several kinds in one process
    "kernel-chosen-by-the-first-format": Evidence(.afterOtherFormats, Input(ramp(7))),
    "sums-in-the-narrow-format-called-before": Evidence(.afterOtherFormats, Input(ramp(7))),
    "plan-kept-by-number-of-elements": Evidence(.afterOtherCalls) { _ in
      [Input(ramp(12), [4, 3]), Input(ramp(12), [3, 4])]
    },
    "order-chosen-by-the-first-shape": Evidence(.afterOtherCalls) { _ in
      [Input(scattered(600, seed: 5), [2, 300], axis: 0), Input(scattered(300, seed: 6))]
    },
    "workspace-of-a-longer-lane-not-cleared": Evidence(.history) { _ in
      [Input(zeros(9)), Input(zeros(4096))]
    },
    "wrong-in-every-5000th-call": Evidence(.manyCalls, Input(zeros(5))),
    "counter-of-12-bits-wraps": Evidence(.manyCalls, Input(zeros(5))),
    "every-997th-call-adds-backwards": Evidence(.manyCalls) { _ in
      [Input(scattered(300, seed: 5))]
    },
    "nan-sum-replaced-by-a-tiny-one": Evidence(.tolerance, 1, .nan, 3, 2),
    "logits-left-beside-a-nan": Evidence(.tolerance, 1, .nan, 3, 2),
    "minus-one-beside-a-nan": Evidence(.tolerance, 1, .nan, 3, 2),
  ]

  /// Columns of two logits, each at its height: the second logit is one above the first.
  private static func heights(
    rows: Int, columns: Int, _ height: (Int) -> Double
  ) -> [Double] {
    (0..<rows).flatMap { row in (0..<columns).map { height($0) + Double(row) } }
  }
}
