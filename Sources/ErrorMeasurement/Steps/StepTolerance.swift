import AuditedOperations

/// The default tolerance of quantised outputs in steps of their scale: the largest error of every
/// sound form in use.
///
/// **Derivation, 8 bits.** The last step rounds to nearest: 1/2. Before it a sound kernel computes
/// exponentials e_j (1 + d_j), |d_j| <= d, sums them and divides. With p_i the exact softmax,
///
/// p'_i - p_i = p_i sum_(j != i) p_j (d_i - d_j) / (1 + sum p_j d_j),
///
/// so that |p'_i - p_i| <= p_i (1 - p_i) 2 d / (1 - d) <= d / (2 (1 - d)). A logarithm ln s' of the
/// sum is off by at most -ln(1 - d) <= d / (1 - d), and is given as much again for its own
/// evaluation. d = 2^-9 is that of I-BERT's quadratic exponential (S. Kim et al., ICML 2021,
/// 1.9e-3), the coarsest in use: the fixed-point exponential of gemmlowp in TensorFlow Lite and
/// CMSIS-NN, tables of 256 exponentials in binary32, and onnxruntime's table of integers of 23 bits
/// are far better. At scale 1/256 this is 0.7505 steps; truncation, which errs by almost 1, is no
/// sound form.
///
/// **16 bits.** The kernels in use interpolate a table of 513 exponentials from -10 to 0, in
/// integers of 16 bits, and one of reciprocals (TensorFlow Lite, CMSIS-NN): in steps of 2^-15, 1/2
/// for the last rounding, 2^15 2 (10/512)^2 / 8 / 4 = 0.78 for the interpolation, and 1/2 each for
/// the entries of both tables: less than 2.5. What lies below the table counts as e^-10: the output
/// itself, 1.49, and each of the n - 1 others, by which the sum is too large and an output up to p
/// e^-10 too small. So 4 + 1.49 (n - 1): wide for long lanes, where these kernels err that much,
/// and a limit of one's own says more.
package struct StepTolerance {
  /// The largest error of a sound output, rounded up.
  package let steps: Double

  /// - Parameter length: That of the lanes.
  package init(of operation: AuditedOperation, _ quantization: Quantization, length: Int) {
    let exponential = 0x1p-9
    let isSoftmax = operation == .softmax
    let computed: Double
    if quantization.type == .int16, isSoftmax {
      // e^-10 < 4.54e-5.
      computed = 3.5 * 0x1p-15 + 4.54e-5 * Double(max(length - 1, 0))
    } else {
      computed = exponential / (1 - exponential) * (isSoftmax ? 0.5 : 2)
    }
    // Four roundings.
    steps = (0.5 + computed / quantization.scale) * (1 + 0x1p-48)
  }

  /// An error as a part of the tolerance, rounded up.
  package func ratio(of error: Double) -> Double {
    error == 0 ? 0 : CertifiedUlp.roundedUp((error / steps).nextUp)
  }
}
