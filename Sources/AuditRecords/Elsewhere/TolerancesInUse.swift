import FloatFormats

extension ToleranceInUse {
  /// The tolerances that softmaxes are tested with elsewhere.
  package static let all: [ToleranceInUse] = [
    ToleranceInUse(
      "torch.testing.assert_close", label: "torch",
      formula:
        "|y - p| <= atol + rtol p; by format rtol 1e-3, 1.6e-2, 1.3e-6, 1e-7 and atol 1e-5 (float64 1e-7)",
      source: "pytorch/pytorch: torch/testing/_comparison.py"
    ) { format in
      switch format {
      case .float16: .close(relative: 1e-3, absolute: 1e-5)
      case .bfloat16: .close(relative: 1.6e-2, absolute: 1e-5)
      case .float32: .close(relative: 1.3e-6, absolute: 1e-5)
      case .float64: .close(relative: 1e-7, absolute: 1e-7)
      default: nil
      }
    },
    ToleranceInUse(
      "onnxruntime tests", label: "ort",
      formula:
        "|y - p| <= atol + rtol p; by format rtol 1e-3, 1e-2, 1e-4, 1e-5 and atol 2.5e-3, 2e-2, 1e-5, 1e-5",
      source: "microsoft/onnxruntime: onnxruntime/test/providers/checkers.cc"
    ) { format in
      switch format {
      case .float16: .close(relative: 1e-3, absolute: 2.5e-3)
      case .bfloat16: .close(relative: 1e-2, absolute: 2e-2)
      case .float32: .close(relative: 1e-4, absolute: 1e-5)
      case .float64: .close(relative: 1e-5, absolute: 1e-5)
      default: nil
      }
    },
    ToleranceInUse(
      "ONNX node tests", label: "onnx",
      formula: "|y - p| <= 1e-7 + 1e-3 p",
      source: "onnx/onnx: onnx/backend/test/loader/__init__.py"
    ) { _ in .close(relative: 1e-3, absolute: 1e-7) },
    ToleranceInUse(
      "JAX test_util", label: "jax",
      formula: "|y - p| <= t + t p; t by format 1e-3, 1e-2, 1e-6, 1e-15",
      source: "jax-ml/jax: jax/_src/public_test_util.py"
    ) { format in
      switch format {
      case .float16: .close(relative: 1e-3, absolute: 1e-3)
      case .bfloat16: .close(relative: 1e-2, absolute: 1e-2)
      case .float32: .close(relative: 1e-6, absolute: 1e-6)
      case .float64: .close(relative: 1e-15, absolute: 1e-15)
      default: nil
      }
    },
    ToleranceInUse(
      "TensorFlow assertAllCloseAccordingToType", label: "tf",
      formula: "|y - p| <= t + t p; t by format 1e-3, 1e-2, 1e-6, 1e-6",
      source: "tensorflow/tensorflow: tensorflow/python/framework/test_util.py"
    ) { format in
      switch format {
      case .float16: .close(relative: 1e-3, absolute: 1e-3)
      case .bfloat16: .close(relative: 1e-2, absolute: 1e-2)
      case .float32, .float64: .close(relative: 1e-6, absolute: 1e-6)
      default: nil
      }
    },
    ToleranceInUse(
      "numpy.allclose", label: "numpy",
      formula: "|y - p| <= 1e-8 + 1e-5 p",
      source: "numpy/numpy: numpy/_core/numeric.py"
    ) { _ in .close(relative: 1e-5, absolute: 1e-8) },
    ToleranceInUse(
      "numpy.testing.assert_allclose", label: "npt",
      formula: "|y - p| <= 1e-7 p",
      source: "numpy/numpy: numpy/testing/_private/utils.py"
    ) { _ in .close(relative: 1e-7, absolute: 0) },
    ToleranceInUse(
      "oneDNN benchdnn", label: "dnn",
      formula:
        "|y - p| < 2^-23, or within 10 eps of p (of 1 where p <= 1e-5); in 16 bits y = p rounded to nearest",
      source:
        "uxlfoundation/oneDNN: tests/benchdnn/softmax/softmax.cpp, tests/benchdnn/utils/compare.cpp",
      isOfSoftmax: true
    ) { format in
      switch format {
      case .float16, .bfloat16: .either(.strictlyWithin(0x1p-23), .nearest)
      case .float32: benchdnn(0x1.4p-20)
      case .float64: benchdnn(0x1.4p-49)
      default: nil
      }
    },
    ToleranceInUse(
      "oneDNN benchdnn, relaxed accumulation", label: "dnn-r",
      formula: "|y - p| < 2^-23, or within one eps of p (of 1 where p <= 1e-5); 16 bits only",
      source:
        "uxlfoundation/oneDNN: tests/benchdnn/softmax/softmax.cpp, tests/benchdnn/utils/compare.cpp",
      isOfSoftmax: true
    ) { format in
      switch format {
      case .float16: benchdnn(0x1p-10)
      case .bfloat16: benchdnn(0x1p-7)
      default: nil
      }
    },
    ToleranceInUse(
      "WebNN", label: "webnn",
      formula:
        "at most 3 n + 3 numbers of the format from p rounded to nearest, n logits in the lane",
      source: "web-platform-tests/wpt: webnn/resources/utils.js", isOfSoftmax: true
    ) { format in
      switch format {
      case .float16, .float32: .places(each: 3, more: 3)
      default: nil
      }
    },
  ]

  /// The threshold of benchdnn is relative for p > 1e-5 and absolute below, and 2^-23 is always
  /// near enough.
  private static func benchdnn(_ threshold: Double) -> Rule {
    .either(
      .strictlyWithin(0x1p-23),
      .byMagnitude(limit: 1e-5, absolute: threshold, relative: threshold))
  }
}
