"""Softmaxes of integers carried as float32."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(
    os.path.dirname(__file__), "..", "..", "Sources", "ExternalImplementations", "PythonPackage"))

import numpy

from softmax_audit.callables import Rubbish
from softmax_audit.quantized import TYPES, Integers, split


class Carried(unittest.TestCase):
    def test_every_integer_comes_back_from_its_difference(self):
        for kind, (least, most) in TYPES.items():
            for zero in (least, 0, 3, most):
                integers = Integers(0.1, zero, kind)
                codes = numpy.arange(least, most + 1).astype(kind)
                carried = integers.differences(codes)
                self.assertEqual(carried.dtype, numpy.float32)
                self.assertTrue((carried == codes.astype(int) - zero).all())
                back = integers.codes(carried)
                self.assertEqual(back.dtype, numpy.dtype(kind))
                self.assertTrue((back == codes).all())

    def test_outputs_of_another_type_are_rubbish(self):
        with self.assertRaisesRegex(Rubbish, "it returned uint8, not int8"):
            Integers(0.1, 0, "int8").differences(numpy.zeros(3, numpy.uint8))

    def test_the_name_says_what_the_integers_mean(self):
        roles, rest = split("quantised:logits=0x1.999999999999ap-4,-3,int8;probabilities=0x1p-8,-128,int8:a/b.py:c")
        self.assertEqual(rest, "a/b.py:c")
        self.assertEqual(roles["logits"].described(), {"scale": 0.1, "zeroPoint": -3, "type": "int8"})
        self.assertEqual(roles["probabilities"].described(), {"scale": 1 / 256, "zeroPoint": -128, "type": "int8"})


if __name__ == "__main__":
    unittest.main()
