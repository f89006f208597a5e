/// Elements of eight or sixteen bits that are numbers with a scale alone, which no file of arrays
/// holds.
///
/// To convert them as they are would audit other logits than the quantised softmax was given, so
/// nobody is told to.
enum QuantizedElements {
  /// The kinds of elements in `.safetensors` files.
  static let safetensorsTypes: Set<String> = [
    "I8", "U8", "I16", "U16", "F8_E4M3", "F8_E5M2", "F8_E8M0",
  ]

  /// The kinds of elements in a TensorProto of ONNX: integers of up to 16 bits and floats of 8 or
  /// less, with their names.
  static let onnxTypes: [Int: String] = [
    2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 17: "float8e4m3fn", 18: "float8e4m3fnuz",
    19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1",
    24: "float8e8m0",
  ]

  /// The reason why they cannot be audited, and the way out; to stand after what a file holds.
  static let refusal =
    "quantised tensors are not audited yet: they mean nothing without scale and zero point; "
    + "save (q - zero point) * scale as float32"
}
