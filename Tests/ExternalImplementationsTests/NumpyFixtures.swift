// Made by make-fixtures.py: do not edit. NumPy 2.4.6, ml_dtypes 0.6.0.
// swift-format-ignore-file

import FloatFormats
import Testing

/// A file that NumPy wrote, and what is in it.
struct NumpyFixture: Sendable, CustomTestStringConvertible {
  let name: String
  let shape: [Int]
  /// The format of the elements; nil where the file is one to refuse.
  let format: FloatFormat?
  /// The bit patterns of the elements in row-major order.
  let bits: [UInt64]
  let base64: String

  var testDescription: String { name }

  static let readable: [NumpyFixture] = [
    NumpyFixture(
      name: "f2 little-endian special values",
      shape: [12],
      format: .float16,
      bits: [0x0, 0x8000, 0x3C00, 0xC100, 0x7C00, 0xFC00, 0x7E00, 0x1, 0x0, 0x7BFF, 0x3555, 0x80A8],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAACAADwAwQB8APwAfgEAAAD/e1U1qIA=
        """),
    NumpyFixture(
      name: "f2 big-endian special values",
      shape: [12],
      format: .float16,
      bits: [0x0, 0x8000, 0x3C00, 0xC100, 0x7C00, 0xFC00, 0x7E00, 0x1, 0x0, 0x7BFF, 0x3555, 0x80A8],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAIAAPADBAHwA/AB+AAABAAB7/zVVgKg=
        """),
    NumpyFixture(
      name: "f4 little-endian special values",
      shape: [12],
      format: .float32,
      bits: [0x0, 0x80000000, 0x3F800000, 0xC0200000, 0x7F800000, 0xFF800000, 0x7FC00000,
        0x3380D959, 0x116C2, 0x477FE000, 0x3EAAAAAB, 0xB727C5AC],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAgAAAgD8AACDAAACAfwAAgP8AAMB/WdmAM8IWAQAA4H9Hq6qqPqzFJ7c=
        """),
    NumpyFixture(
      name: "f4 big-endian special values",
      shape: [12],
      format: .float32,
      bits: [0x0, 0x80000000, 0x3F800000, 0xC0200000, 0x7F800000, 0xFF800000, 0x7FC00000,
        0x3380D959, 0x116C2, 0x477FE000, 0x3EAAAAAB, 0xB727C5AC],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAgAAAAD+AAADAIAAAf4AAAP+AAAB/wAAAM4DZWQABFsJHf+AAPqqqq7cnxaw=
        """),
    NumpyFixture(
      name: "f8 little-endian special values",
      shape: [12],
      format: .float64,
      bits: [0x0, 0x8000000000000000, 0x3FF0000000000000, 0xC004000000000000, 0x7FF0000000000000,
        0xFFF0000000000000, 0x7FF8000000000000, 0x3E701B2B29A4692B, 0x37A16C262777579C,
        0x40EFFC0000000000, 0x3FD5555555555555, 0xBEE4F8B588E368F1],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAAAAAAAAAAACAAAAAAAAA8D8AAAAAAAAEwAAAAAAAAPB/AAAAAAAA8P8AAAAA\
        AAD4fytppCkrG3A+nFd3JyZsoTcAAAAAAPzvQFVVVVVVVdU/8WjjiLX45L4=
        """),
    NumpyFixture(
      name: "f8 big-endian special values",
      shape: [12],
      format: .float64,
      bits: [0x0, 0x8000000000000000, 0x3FF0000000000000, 0xC004000000000000, 0x7FF0000000000000,
        0xFFF0000000000000, 0x7FF8000000000000, 0x3E701B2B29A4692B, 0x37A16C262777579C,
        0x40EFFC0000000000, 0x3FD5555555555555, 0xBEE4F8B588E368F1],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAAIAAAAAAAAAAP/AAAAAAAADABAAAAAAAAH/wAAAAAAAA//AAAAAAAAB/+AAA\
        AAAAAD5wGysppGkrN6FsJid3V5xA7/wAAAAAAD/VVVVVVVVVvuT4tYjjaPE=
        """),
    NumpyFixture(
      name: "bfloat16 special values",
      shape: [12],
      format: .bfloat16,
      bits: [0x0, 0x8000, 0x3F80, 0xC020, 0x7F80, 0xFF80, 0x7FC0, 0x3381, 0x1, 0x4780, 0x3EAB,
        0xB728],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAACAgD8gwIB/gP/Af4EzAQCAR6s+KLc=
        """),
    NumpyFixture(
      name: "bfloat16 big-endian special values",
      shape: [12],
      format: .bfloat16,
      bits: [0x0, 0x8000, 0x3F80, 0xC020, 0x7F80, 0xFF80, 0x7FC0, 0x3381, 0x1, 0x4780, 0x3EAB,
        0xB728],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPlYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAIAAP4DAIH+A/4B/wDOBAAFHgD6rtyg=
        """),
    NumpyFixture(
      name: "bfloat16 as raw bytes",
      shape: [12],
      format: .bfloat16,
      bits: [0x0, 0x8000, 0x3F80, 0xC020, 0x7F80, 0xFF80, 0x7FC0, 0x3381, 0x1, 0x4780, 0x3EAB,
        0xB728],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnfFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAACAgD8gwIB/gP/Af4EzAQCAR6s+KLc=
        """),
    NumpyFixture(
      name: "float8-e5m2 special values",
      shape: [12],
      format: .float8E5M2,
      bits: [0x0, 0x80, 0x3C, 0xC1, 0x7C, 0xFC, 0x7E, 0x0, 0x0, 0x7C, 0x35, 0x81],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAgDzBfPx+AAB8NYE=
        """),
    NumpyFixture(
      name: "float16 C order (5,)",
      shape: [5],
      format: .float16,
      bits: [0xBC00, 0xBA00, 0xB800, 0xB400, 0x0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAvAC6ALgAtAAA
        """),
    NumpyFixture(
      name: "float16 Fortran order (5,)",
      shape: [5],
      format: .float16,
      bits: [0xBC00, 0xBA00, 0xB800, 0xB400, 0x0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAvAC6ALgAtAAA
        """),
    NumpyFixture(
      name: "float16 C order (2, 3)",
      shape: [2, 3],
      format: .float16,
      bits: [0xBC00, 0xBA00, 0xB800, 0xB400, 0x0, 0x3400],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAvAC6ALgAtAAAADQ=
        """),
    NumpyFixture(
      name: "float16 Fortran order (2, 3)",
      shape: [2, 3],
      format: .float16,
      bits: [0xBC00, 0xBA00, 0xB800, 0xB400, 0x0, 0x3400],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAvAC0ALoAAAC4ADQ=
        """),
    NumpyFixture(
      name: "float16 C order (2, 3, 4)",
      shape: [2, 3, 4],
      format: .float16,
      bits: [0xBC00, 0xBA00, 0xB800, 0xB400, 0x0, 0x3400, 0x3800, 0x3A00, 0x3C00, 0x3D00, 0x3E00,
        0x3F00, 0x4000, 0x4080, 0x4100, 0x4180, 0x4200, 0x4280, 0x4300, 0x4380, 0x4400,
        0x4440, 0x4480, 0x44C0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDMsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAvAC6ALgAtAAAADQAOAA6ADwAPQA+AD8AQIBAAEGAQQBCgEIAQ4BDAERARIBEwEQ=
        """),
    NumpyFixture(
      name: "float16 Fortran order (2, 3, 4)",
      shape: [2, 3, 4],
      format: .float16,
      bits: [0xBC00, 0xBA00, 0xB800, 0xB400, 0x0, 0x3400, 0x3800, 0x3A00, 0x3C00, 0x3D00, 0x3E00,
        0x3F00, 0x4000, 0x4080, 0x4100, 0x4180, 0x4200, 0x4280, 0x4300, 0x4380, 0x4400,
        0x4440, 0x4480, 0x44C0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAvABAAAAAQgA8AEQAuoBAADSAQgA9QEQAuABBADgAQwA+gEQAtIBBADqAQwA/wEQ=
        """),
    NumpyFixture(
      name: "float16 C order (3, 1, 2, 2)",
      shape: [3, 1, 2, 2],
      format: .float16,
      bits: [0xBC00, 0xBA00, 0xB800, 0xB400, 0x0, 0x3400, 0x3800, 0x3A00, 0x3C00, 0x3D00, 0x3E00,
        0x3F00],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDMsIDEsIDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAvAC6ALgAtAAAADQAOAA6ADwAPQA+AD8=
        """),
    NumpyFixture(
      name: "float16 Fortran order (3, 1, 2, 2)",
      shape: [3, 1, 2, 2],
      format: .float16,
      bits: [0xBC00, 0xBA00, 0xB800, 0xB400, 0x0, 0x3400, 0x3800, 0x3A00, 0x3C00, 0x3D00, 0x3E00,
        0x3F00],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MywgMSwgMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAvAAAADwAuAA4AD4AugA0AD0AtAA6AD8=
        """),
    NumpyFixture(
      name: "bfloat16 C order (5,)",
      shape: [5],
      format: .bfloat16,
      bits: [0xBF80, 0xBF40, 0xBF00, 0xBE80, 0x0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAqAv0C/AL+AvgAA
        """),
    NumpyFixture(
      name: "bfloat16 Fortran order (5,)",
      shape: [5],
      format: .bfloat16,
      bits: [0xBF80, 0xBF40, 0xBF00, 0xBE80, 0x0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAqAv0C/AL+AvgAA
        """),
    NumpyFixture(
      name: "bfloat16 C order (2, 3)",
      shape: [2, 3],
      format: .bfloat16,
      bits: [0xBF80, 0xBF40, 0xBF00, 0xBE80, 0x0, 0x3E80],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAqAv0C/AL+AvgAAgD4=
        """),
    NumpyFixture(
      name: "bfloat16 Fortran order (2, 3)",
      shape: [2, 3],
      format: .bfloat16,
      bits: [0xBF80, 0xBF40, 0xBF00, 0xBE80, 0x0, 0x3E80],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAqAv4C+QL8AAAC/gD4=
        """),
    NumpyFixture(
      name: "bfloat16 C order (2, 3, 4)",
      shape: [2, 3, 4],
      format: .bfloat16,
      bits: [0xBF80, 0xBF40, 0xBF00, 0xBE80, 0x0, 0x3E80, 0x3F00, 0x3F40, 0x3F80, 0x3FA0, 0x3FC0,
        0x3FE0, 0x4000, 0x4010, 0x4020, 0x4030, 0x4040, 0x4050, 0x4060, 0x4070, 0x4080,
        0x4088, 0x4090, 0x4098],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDMsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAqAv0C/AL+AvgAAgD4AP0A/gD+gP8A/4D8AQBBAIEAwQEBAUEBgQHBAgECIQJBAmEA=
        """),
    NumpyFixture(
      name: "bfloat16 Fortran order (2, 3, 4)",
      shape: [2, 3, 4],
      format: .bfloat16,
      bits: [0xBF80, 0xBF40, 0xBF00, 0xBE80, 0x0, 0x3E80, 0x3F00, 0x3F40, 0x3F80, 0x3FA0, 0x3FC0,
        0x3FE0, 0x4000, 0x4010, 0x4020, 0x4030, 0x4040, 0x4050, 0x4060, 0x4070, 0x4080,
        0x4088, 0x4090, 0x4098],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAqAvwBAAABAQIA/gEBAvxBAgD5QQKA/iEAAvyBAAD9gQMA/kECAvjBAQD9wQOA/mEA=
        """),
    NumpyFixture(
      name: "bfloat16 C order (3, 1, 2, 2)",
      shape: [3, 1, 2, 2],
      format: .bfloat16,
      bits: [0xBF80, 0xBF40, 0xBF00, 0xBE80, 0x0, 0x3E80, 0x3F00, 0x3F40, 0x3F80, 0x3FA0, 0x3FC0,
        0x3FE0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDMsIDEsIDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAqAv0C/AL+AvgAAgD4AP0A/gD+gP8A/4D8=
        """),
    NumpyFixture(
      name: "bfloat16 Fortran order (3, 1, 2, 2)",
      shape: [3, 1, 2, 2],
      format: .bfloat16,
      bits: [0xBF80, 0xBF40, 0xBF00, 0xBE80, 0x0, 0x3E80, 0x3F00, 0x3F40, 0x3F80, 0x3FA0, 0x3FC0,
        0x3FE0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MywgMSwgMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAqAvwAAgD8AvwA/wD9Av4A+oD+AvkA/4D8=
        """),
    NumpyFixture(
      name: ">f4 C order (5,)",
      shape: [5],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000, 0x0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAq/gAAAv0AAAL8AAAC+gAAAAAAAAA==
        """),
    NumpyFixture(
      name: ">f4 Fortran order (5,)",
      shape: [5],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000, 0x0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAq/gAAAv0AAAL8AAAC+gAAAAAAAAA==
        """),
    NumpyFixture(
      name: ">f4 C order (2, 3)",
      shape: [2, 3],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000, 0x0, 0x3E800000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAq/gAAAv0AAAL8AAAC+gAAAAAAAAD6AAAA=
        """),
    NumpyFixture(
      name: ">f4 Fortran order (2, 3)",
      shape: [2, 3],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000, 0x0, 0x3E800000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAq/gAAAvoAAAL9AAAAAAAAAvwAAAD6AAAA=
        """),
    NumpyFixture(
      name: ">f4 C order (2, 3, 4)",
      shape: [2, 3, 4],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000, 0x0, 0x3E800000, 0x3F000000,
        0x3F400000, 0x3F800000, 0x3FA00000, 0x3FC00000, 0x3FE00000, 0x40000000, 0x40100000,
        0x40200000, 0x40300000, 0x40400000, 0x40500000, 0x40600000, 0x40700000, 0x40800000,
        0x40880000, 0x40900000, 0x40980000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDMsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAq/gAAAv0AAAL8AAAC+gAAAAAAAAD6AAAA/AAAAP0AAAD+AAAA/oAAAP8AAAD/gAABAAAAA\
        QBAAAEAgAABAMAAAQEAAAEBQAABAYAAAQHAAAECAAABAiAAAQJAAAECYAAA=
        """),
    NumpyFixture(
      name: ">f4 Fortran order (2, 3, 4)",
      shape: [2, 3, 4],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000, 0x0, 0x3E800000, 0x3F000000,
        0x3F400000, 0x3F800000, 0x3FA00000, 0x3FC00000, 0x3FE00000, 0x40000000, 0x40100000,
        0x40200000, 0x40300000, 0x40400000, 0x40500000, 0x40600000, 0x40700000, 0x40800000,
        0x40880000, 0x40900000, 0x40980000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAq/gAAAQAAAAAAAAABAQAAAP4AAAECAAAC/QAAAQBAAAD6AAABAUAAAP6AAAECIAAC/AAAA\
        QCAAAD8AAABAYAAAP8AAAECQAAC+gAAAQDAAAD9AAABAcAAAP+AAAECYAAA=
        """),
    NumpyFixture(
      name: ">f4 C order (3, 1, 2, 2)",
      shape: [3, 1, 2, 2],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000, 0x0, 0x3E800000, 0x3F000000,
        0x3F400000, 0x3F800000, 0x3FA00000, 0x3FC00000, 0x3FE00000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDMsIDEsIDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAq/gAAAv0AAAL8AAAC+gAAAAAAAAD6AAAA/AAAAP0AAAD+AAAA/oAAAP8AAAD/gAAA=
        """),
    NumpyFixture(
      name: ">f4 Fortran order (3, 1, 2, 2)",
      shape: [3, 1, 2, 2],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000, 0x0, 0x3E800000, 0x3F000000,
        0x3F400000, 0x3F800000, 0x3FA00000, 0x3FC00000, 0x3FE00000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MywgMSwgMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAq/gAAAAAAAAD+AAAC/AAAAPwAAAD/AAAC/QAAAPoAAAD+gAAC+gAAAP0AAAD/gAAA=
        """),
    NumpyFixture(
      name: "float64 C order (5,)",
      shape: [5],
      format: .float64,
      bits: [0xBFF0000000000000, 0xBFE8000000000000, 0xBFE0000000000000, 0xBFD0000000000000, 0x0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAADwvwAAAAAAAOi/AAAAAAAA4L8AAAAAAADQvwAAAAAAAAAA
        """),
    NumpyFixture(
      name: "float64 Fortran order (5,)",
      shape: [5],
      format: .float64,
      bits: [0xBFF0000000000000, 0xBFE8000000000000, 0xBFE0000000000000, 0xBFD0000000000000, 0x0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAADwvwAAAAAAAOi/AAAAAAAA4L8AAAAAAADQvwAAAAAAAAAA
        """),
    NumpyFixture(
      name: "float64 C order (2, 3)",
      shape: [2, 3],
      format: .float64,
      bits: [0xBFF0000000000000, 0xBFE8000000000000, 0xBFE0000000000000, 0xBFD0000000000000, 0x0,
        0x3FD0000000000000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAADwvwAAAAAAAOi/AAAAAAAA4L8AAAAAAADQvwAAAAAAAAAAAAAAAAAA0D8=
        """),
    NumpyFixture(
      name: "float64 Fortran order (2, 3)",
      shape: [2, 3],
      format: .float64,
      bits: [0xBFF0000000000000, 0xBFE8000000000000, 0xBFE0000000000000, 0xBFD0000000000000, 0x0,
        0x3FD0000000000000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAADwvwAAAAAAANC/AAAAAAAA6L8AAAAAAAAAAAAAAAAAAOC/AAAAAAAA0D8=
        """),
    NumpyFixture(
      name: "float64 C order (2, 3, 4)",
      shape: [2, 3, 4],
      format: .float64,
      bits: [0xBFF0000000000000, 0xBFE8000000000000, 0xBFE0000000000000, 0xBFD0000000000000, 0x0,
        0x3FD0000000000000, 0x3FE0000000000000, 0x3FE8000000000000, 0x3FF0000000000000,
        0x3FF4000000000000, 0x3FF8000000000000, 0x3FFC000000000000, 0x4000000000000000,
        0x4002000000000000, 0x4004000000000000, 0x4006000000000000, 0x4008000000000000,
        0x400A000000000000, 0x400C000000000000, 0x400E000000000000, 0x4010000000000000,
        0x4011000000000000, 0x4012000000000000, 0x4013000000000000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDMsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAADwvwAAAAAAAOi/AAAAAAAA4L8AAAAAAADQvwAAAAAAAAAAAAAAAAAA0D8AAAAA\
        AADgPwAAAAAAAOg/AAAAAAAA8D8AAAAAAAD0PwAAAAAAAPg/AAAAAAAA/D8AAAAAAAAAQAAAAAAAAAJA\
        AAAAAAAABEAAAAAAAAAGQAAAAAAAAAhAAAAAAAAACkAAAAAAAAAMQAAAAAAAAA5AAAAAAAAAEEAAAAAA\
        AAARQAAAAAAAABJAAAAAAAAAE0A=
        """),
    NumpyFixture(
      name: "float64 Fortran order (2, 3, 4)",
      shape: [2, 3, 4],
      format: .float64,
      bits: [0xBFF0000000000000, 0xBFE8000000000000, 0xBFE0000000000000, 0xBFD0000000000000, 0x0,
        0x3FD0000000000000, 0x3FE0000000000000, 0x3FE8000000000000, 0x3FF0000000000000,
        0x3FF4000000000000, 0x3FF8000000000000, 0x3FFC000000000000, 0x4000000000000000,
        0x4002000000000000, 0x4004000000000000, 0x4006000000000000, 0x4008000000000000,
        0x400A000000000000, 0x400C000000000000, 0x400E000000000000, 0x4010000000000000,
        0x4011000000000000, 0x4012000000000000, 0x4013000000000000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAADwvwAAAAAAAABAAAAAAAAAAAAAAAAAAAAIQAAAAAAAAPA/AAAAAAAAEEAAAAAA\
        AADovwAAAAAAAAJAAAAAAAAA0D8AAAAAAAAKQAAAAAAAAPQ/AAAAAAAAEUAAAAAAAADgvwAAAAAAAARA\
        AAAAAAAA4D8AAAAAAAAMQAAAAAAAAPg/AAAAAAAAEkAAAAAAAADQvwAAAAAAAAZAAAAAAAAA6D8AAAAA\
        AAAOQAAAAAAAAPw/AAAAAAAAE0A=
        """),
    NumpyFixture(
      name: "float64 C order (3, 1, 2, 2)",
      shape: [3, 1, 2, 2],
      format: .float64,
      bits: [0xBFF0000000000000, 0xBFE8000000000000, 0xBFE0000000000000, 0xBFD0000000000000, 0x0,
        0x3FD0000000000000, 0x3FE0000000000000, 0x3FE8000000000000, 0x3FF0000000000000,
        0x3FF4000000000000, 0x3FF8000000000000, 0x3FFC000000000000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDMsIDEsIDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAADwvwAAAAAAAOi/AAAAAAAA4L8AAAAAAADQvwAAAAAAAAAAAAAAAAAA0D8AAAAA\
        AADgPwAAAAAAAOg/AAAAAAAA8D8AAAAAAAD0PwAAAAAAAPg/AAAAAAAA/D8=
        """),
    NumpyFixture(
      name: "float64 Fortran order (3, 1, 2, 2)",
      shape: [3, 1, 2, 2],
      format: .float64,
      bits: [0xBFF0000000000000, 0xBFE8000000000000, 0xBFE0000000000000, 0xBFD0000000000000, 0x0,
        0x3FD0000000000000, 0x3FE0000000000000, 0x3FE8000000000000, 0x3FF0000000000000,
        0x3FF4000000000000, 0x3FF8000000000000, 0x3FFC000000000000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo\
        MywgMSwgMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAADwvwAAAAAAAAAAAAAAAAAA8D8AAAAAAADgvwAAAAAAAOA/AAAAAAAA+D8AAAAA\
        AADovwAAAAAAANA/AAAAAAAA9D8AAAAAAADQvwAAAAAAAOg/AAAAAAAA/D8=
        """),
    NumpyFixture(
      name: "a view that is in neither order",
      shape: [2, 2],
      format: .float32,
      bits: [0xBF800000, 0xBE800000, 0x40000000, 0x40300000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAIC/AACAvgAAAEAAADBA
        """),
    NumpyFixture(
      name: "a single number",
      shape: [],
      format: .float32,
      bits: [0x3FC00000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAMA/
        """),
    NumpyFixture(
      name: "a single bfloat16 number",
      shape: [],
      format: .bfloat16,
      bits: [0xBFC0],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIArAvw==
        """),
    NumpyFixture(
      name: "no elements",
      shape: [0, 3],
      format: .float64,
      bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDAsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAo=
        """),
    NumpyFixture(
      name: "no elements in Fortran order",
      shape: [3, 0, 2],
      format: .float16,
      bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDMsIDAsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAo=
        """),
    NumpyFixture(
      name: "version 1.0",
      shape: [2, 2],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAIC/AABAvwAAAL8AAIC+
        """),
    NumpyFixture(
      name: "version 2.0",
      shape: [2, 2],
      format: .float32,
      bits: [0xBF800000, 0xBF400000, 0xBF000000, 0xBE800000],
      base64: """
        k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUn\
        OiAoMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAIC/AABAvwAAAL8AAIC+
        """),
    NumpyFixture(
      name: "version 3.0",
      shape: [2, 2],
      format: .float64,
      bits: [0xBFF0000000000000, 0xBFE8000000000000, 0xBFE0000000000000, 0xBFD0000000000000],
      base64: """
        k05VTVBZAwB0AAAAeydkZXNjcic6ICc+ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUn\
        OiAoMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAq/8AAAAAAAAL/oAAAAAAAAv+AAAAAAAAC/0AAAAAAAAA==
        """),
    NumpyFixture(
      name: "sixty-four dimensions",
      shape: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 2],
      format: .float32,
      bits: [0xBF800000, 0xBF400000],
      base64: """
        k05VTVBZAQA2AXsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEs\
        IDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEs\
        IDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEsIDEs\
        IDEsIDEsIDEsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgICAgICAgICAgICAgIAoAAIC/AABAvw==
        """),
  ]

  static let refused: [NumpyFixture] = [
    NumpyFixture(
      name: "dtype <i8",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAAAAAAAAAAAAA
        """),
    NumpyFixture(
      name: "dtype |i1",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAA==
        """),
    NumpyFixture(
      name: "dtype >u4",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPnU0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAAA==
        """),
    NumpyFixture(
      name: "dtype <u2",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPHUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAA
        """),
    NumpyFixture(
      name: "dtype >i2",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAA
        """),
    NumpyFixture(
      name: "dtype |b1",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAA==
        """),
    NumpyFixture(
      name: "dtype <c8",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGM4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAAAAAAAAAAAAA
        """),
    NumpyFixture(
      name: "dtype <U3",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFUzJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
        """),
    NumpyFixture(
      name: "dtype |S2",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnfFMyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAA
        """),
    NumpyFixture(
      name: "dtype <M8[s]",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPE04W3NdJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBl\
        JzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAAAAAAAAAAAAA
        """),
    NumpyFixture(
      name: "dtype |V3",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnfFYzJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAA=
        """),
    NumpyFixture(
      name: "long double",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPGYxNicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6\
        ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
        """),
    NumpyFixture(
      name: "float8-e4m3fn",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFYxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog\
        KDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAA==
        """),
    NumpyFixture(
      name: "pickled objects",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAo\
        MiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAqABJWNAAAAAAAAAIwWbnVtcHkuX2NvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJST\
        lIwFbnVtcHmUjAduZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBSwKFlGgDjAVkdHlwZZSTlIwCTziUiYiH\
        lFKUKEsDjAF8lE5OTkr/////Sv////9LP3SUYoldlChOfZRldJRiLg==
        """),
    NumpyFixture(
      name: "records",
      shape: [2],
      format: nil, bits: [],
      base64: """
        k05VTVBZAQB2AHsnZGVzY3InOiBbKCdsb2dpdHMnLCAnPGY0JyksICgnbWFzaycsICd8YjEnKV0sICdm\
        b3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAAAAAAAAAA
        """),
    NumpyFixture(
      name: "records with names beyond Latin-1",
      shape: [1],
      format: nil, bits: [],
      base64: """
        k05VTVBZAwB0AAAAeydkZXNjcic6IFsoJ8+DJywgJzxmNCcpXSwgJ2ZvcnRyYW5fb3JkZXInOiBGYWxz\
        ZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg\
        ICAgICAgIAoAAAAA
        """),
  ]
}
