#!/usr/bin/env python3
"""Write NumpyFixtures.swift: files made by NumPy itself, and what is in them.

    python3 -m venv fixtures && fixtures/bin/pip install numpy ml_dtypes
    fixtures/bin/python make-fixtures.py > NumpyFixtures.swift
"""

import base64
import io
import textwrap
import warnings

import ml_dtypes
import numpy as np

warnings.simplefilter("ignore")

BF16 = np.dtype(ml_dtypes.bfloat16)
NAMES = {"<f2": "float16", "<f4": "float32", "<f8": "float64", "<V2": "bfloat16", "|V2": "bfloat16",
         "<f1": "float8E5M2"}
SPECIAL = [0.0, -0.0, 1.0, -2.5, np.inf, -np.inf, np.nan, 6e-8, 1e-40, 65504.0, 1 / 3, -1e-5]


def saved(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return file.getvalue()


def ramp(dtype, shape):
    return (np.arange(np.prod(shape, dtype=int)) / 4 - 1).reshape(shape).astype(dtype)


def readable():
    for kind in ("f2", "f4", "f8"):
        for order, word in (("<", "little"), (">", "big")):
            yield f"{kind} {word}-endian special values", np.array(SPECIAL, order + kind), None
    yield "bfloat16 special values", np.array(SPECIAL, BF16), None
    # Made in two steps: np.array(..., BF16.newbyteorder(">")) leaves the bytes little-endian.
    big = np.array(SPECIAL, BF16).astype(BF16.newbyteorder(">"))
    yield "bfloat16 big-endian special values", big, None
    yield "bfloat16 as raw bytes", np.array(SPECIAL, BF16).view("V2"), None
    yield "float8-e5m2 special values", np.array(SPECIAL, ml_dtypes.float8_e5m2), None
    for dtype in (np.dtype("<f2"), BF16, np.dtype(">f4"), np.dtype("<f8")):
        for shape in ((5,), (2, 3), (2, 3, 4), (3, 1, 2, 2)):
            array = ramp(dtype, shape)
            yield f"{dtype} C order {shape}", array, None
            yield f"{dtype} Fortran order {shape}", np.asfortranarray(array), None
    yield "a view that is in neither order", ramp("<f4", (4, 6))[::2, ::3], None
    yield "a single number", np.array(1.5, "<f4"), None
    yield "a single bfloat16 number", np.array(-1.5, BF16), None
    yield "no elements", np.zeros((0, 3), "<f8"), None
    yield "no elements in Fortran order", np.zeros((3, 0, 2), "<f2", order="F"), None
    yield "version 1.0", ramp("<f4", (2, 2)), (1, 0)
    yield "version 2.0", ramp("<f4", (2, 2)), (2, 0)
    yield "version 3.0", ramp(">f8", (2, 2)), (3, 0)
    yield "sixty-four dimensions", ramp("<f4", (1,) * 63 + (2,)), None


def refused():
    for dtype in ("<i8", "|i1", ">u4", "<u2", ">i2", "|b1", "<c8", "<U3", "|S2", "<M8[s]", "|V3"):
        yield f"dtype {dtype}", np.zeros(2, dtype), None
    yield "long double", np.zeros(2, np.longdouble), None
    yield "float8-e4m3fn", np.zeros(2, ml_dtypes.float8_e4m3fn), None
    yield "pickled objects", np.array([None, {}], object), None
    yield "records", np.zeros(2, [("logits", "<f4"), ("mask", "?")]), None
    yield "records with names beyond Latin-1", np.zeros(1, [("σ", "<f4")]), None


def swift_words(array):
    # From the bytes, because the conversions of ml_dtypes do not always heed the byte order.
    order = ">" if array.dtype.str[0] == ">" else "<"
    words = np.frombuffer(array.tobytes(), f"{order}u{array.dtype.itemsize}")
    text = ", ".join(f"0x{int(word):X}" for word in words)
    return "[" + "\n        ".join(textwrap.wrap(text, 86)) + "]"


def fixture(name, array, version, expectation):
    text = base64.b64encode(saved(array, version)).decode()
    lines = [text[i : i + 80] for i in range(0, len(text), 80)]
    shape = "[" + "\n        ".join(textwrap.wrap(", ".join(map(str, array.shape)), 86)) + "]"
    print("    NumpyFixture(")
    print(f'      name: "{name}",\n      shape: {shape},\n      {expectation},')
    print('      base64: """\n        ' + "\\\n        ".join(lines) + '\n        """),')


print(f"""\
// Made by make-fixtures.py: do not edit. NumPy {np.__version__}, ml_dtypes {ml_dtypes.__version__}.
// swift-format-ignore-file

import FloatFormats
import Testing

/// A file that NumPy wrote, and what is in it.
struct NumpyFixture: Sendable, CustomTestStringConvertible {{
  let name: String
  let shape: [Int]
  /// The format of the elements; nil where the file is one to refuse.
  let format: FloatFormat?
  /// The bit patterns of the elements in row-major order.
  let bits: [UInt64]
  let base64: String

  var testDescription: String {{ name }}

  static let readable: [NumpyFixture] = [""")
for name, array, version in readable():
    little = array.dtype.newbyteorder("<").str
    fixture(name, array, version, f"format: .{NAMES[little]},\n      bits: {swift_words(array)}")
print("  ]\n\n  static let refused: [NumpyFixture] = [")
for name, array, version in refused():
    fixture(name, array, version, "format: nil, bits: []")
print("  ]\n}")
