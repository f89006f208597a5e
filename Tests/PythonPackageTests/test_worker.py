"""The worker's own work: arrays that lie in memory in all ways."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(
    os.path.dirname(__file__), "..", "..", "Sources", "ExternalImplementations", "PythonPackage"))

import numpy

from softmax_audit.worker import LAYOUTS, Host


class Function:
    operation = "cross-entropy"


class Layouts(unittest.TestCase):
    def test_every_layout_holds_the_same_numbers_whatever_the_rank(self):
        host = Host(Function())
        for shape in ((), (0,), (5,), (2, 3), (2, 1, 4)):
            array = numpy.arange(numpy.prod(shape, dtype=int), dtype=numpy.int64).reshape(shape)
            for layout in LAYOUTS:
                given, owner = host.laid_out(array, layout)
                self.assertIsInstance(given, numpy.ndarray, (shape, layout))
                self.assertEqual(given.shape, shape)
                self.assertTrue(numpy.array_equal(given, array), (shape, layout))
                if layout != "readOnly":
                    given[...] = 7
                    self.assertTrue((given == 7).all(), (shape, layout))


if __name__ == "__main__":
    unittest.main()
