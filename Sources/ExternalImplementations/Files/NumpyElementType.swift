import FloatFormats

/// A data type of NumPy that an audit can read: one of our formats in one of two byte orders.
struct NumpyElementType: Equatable {
  let format: FloatFormat
  let isBigEndian: Bool

  /// The reason why a data type cannot be read, to stand after the name of a file.
  struct Refusal: Error, Equatable {
    let message: String
  }

  /// The type that a header describes.
  ///
  /// Two bytes of kind `V` are bfloat16, for so ml_dtypes saves it: `<V2`, or `|V2` from an array
  /// that had become raw bytes. `f1` is its float8-e5m2; its other 8-bit formats are one byte of
  /// kind `V` all of them, and somebody has to say which. Without a byte order of its own (`=`, `|`
  /// or none) a type is little-endian, like the machines that this tool runs on.
  ///
  /// - Parameters:
  ///   - descr: What stands in the header.
  ///   - integers: The format that integers and raw bytes of its width are the bit patterns of; nil
  ///     for none.
  init(
    _ descr: NumpyHeader.TypeDescription, integersAre integers: FloatFormat?
  ) throws(Refusal) {
    switch descr {
    case .structured(let text):
      throw Refusal(
        message: "holds records (dtype \(text)), but \(Self.accepted) is needed; "
          + "save one field alone")
    case .simple(let text):
      let order = text.first.flatMap { "<>=|".contains($0) ? $0 : nil }
      let code = order == nil ? text : String(text.dropFirst())
      isBigEndian = order == ">"
      switch code {
      case "f2": format = .float16
      case "f4": format = .float32
      case "f8": format = .float64
      case "V2", "bfloat16": format = .bfloat16
      case "f1": format = .float8E5M2
      default:
        let encoded = ["u2": 16, "i2": 16, "u1": 8, "i1": 8, "V1": 8]
        guard let integers, encoded[code] == integers.bitWidth else {
          throw Self.refusal(of: code, spelled: text)
        }
        format = integers
      }
    }
  }

  /// The spelling of a type in a header that this tool writes.
  static func descr(of format: FloatFormat) -> String {
    switch format {
    case .float16: "<f2"
    case .bfloat16: "<V2"
    case .float32: "<f4"
    case .float64: "<f8"
    case .float8E5M2: "<f1"
    case .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2FNUZ: "<V1"
    }
  }

  private static let accepted = "float16, bfloat16, float32 or float64"

  private static func refusal(of code: String, spelled text: String) -> Refusal {
    var conversion = "for example with array.astype(numpy.float32)"
    let size = Int(code.dropFirst()).flatMap { (1...64).contains($0) ? $0 : nil }
    let bits = size.map { "\(8 * $0)-bit " } ?? ""
    let content: String
    switch code.first {
    case "u" where size == 2, "i" where size == 2:
      let sign = code.hasPrefix("u") ? "unsigned" : "signed"
      return Refusal(
        message: "holds 16-bit \(sign) integers (dtype '\(text)'); if they are the bit patterns "
          + "of float16 or bfloat16 numbers, say so with --format float16 or --format bfloat16; "
          + "else " + QuantizedElements.refusal)
    case "u" where size == 1, "i" where size == 1, "V" where size == 1:
      let kind =
        switch code.first {
        case "u": "8-bit unsigned integers"
        case "i": "8-bit signed integers"
        default: "raw bytes, as floats of 8 bits are saved"
        }
      return Refusal(
        message: "holds \(kind) (dtype '\(text)'); \(QuantizedElements.float8Advice); "
          + "else \(QuantizedElements.refusal)")
    case "O":
      return Refusal(
        message: "holds pickled Python objects (dtype '\(text)'), which are never loaded; "
          + "save an array of \(accepted)")
    case "i": content = bits + "signed integers"
    case "u": content = bits + "unsigned integers"
    case "f": content = bits + "floats"
    case "c": content = "complex numbers"
    case "b", "?":
      content = "truth values"
      // 1 and 0 would be added to the logits.
      conversion += "; of a mask with numpy.where(seen, 0, -numpy.inf).astype(numpy.float32)"
    case "S", "a", "U": content = "strings"
    case "M", "m": content = "dates or durations"
    case "V": content = "raw bytes"
    default: content = "values of an unknown type"
    }
    return Refusal(
      message: "holds \(content) (dtype '\(text)'), but \(accepted) is needed; "
        + "convert it, \(conversion)")
  }
}
