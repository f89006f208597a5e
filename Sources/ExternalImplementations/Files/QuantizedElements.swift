/// Elements of eight or sixteen bits that are numbers with a scale alone, which no file of arrays
/// holds: ``QuantizedTensor`` reads them where somebody says it.
///
/// To convert them as they are would audit other logits than the quantised softmax was given, so
/// nobody is told to.
enum QuantizedElements {
  /// The kinds of elements in `.safetensors` files.
  static let safetensorsTypes: Set<String> = [
    "I8", "U8", "I16", "U16", "F8_E8M0",
  ]

  /// The kinds of elements in a TensorProto of ONNX: integers of up to 16 bits and floats of 4
  /// bits, with their names.
  static let onnxTypes: [Int: String] = [
    2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 21: "uint4", 22: "int4", 23: "float4e2m1",
    24: "float8e8m0",
  ]

  /// The advice for bytes that may be the encodings of an 8-bit format.
  static let float8Advice =
    "if they are the bit patterns of 8-bit floats, say so with --format float8-e4m3fn, float8-e5m2, "
    + "float8-e4m3fnuz or float8-e5m2fnuz"

  /// The reason why they cannot be audited as they are, and the way out; to stand after what a
  /// file holds.
  static let refusal =
    "quantised integers mean nothing without scale and zero point: say "
    + "--quantised role=scale,zero,type to verify, of int8, uint8 or int16, or save "
    + "(q - zero point) * scale as float32"
}
