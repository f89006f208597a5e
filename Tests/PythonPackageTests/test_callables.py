"""How callables are understood: the keyword of their axis, their tensors, their arguments."""

import functools
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path[:0] = [
    os.path.join(os.path.dirname(__file__), "..", "..", "Sources", "ExternalImplementations", "PythonPackage"),
    os.path.dirname(__file__)]

import ml_dtypes
import numpy

import fake_torch
from softmax_audit import callables
from softmax_audit.auditing import importable_name
from softmax_audit.callables import CannotLoad, Rubbish, Understanding
from softmax_audit.worker import LAYOUTS, Host


def exact(x, axis):
    """The softmax in binary64 of any format."""
    wide = numpy.asarray(x).astype("float64")
    powers = numpy.exp(wide - wide.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def softmax(x, axis=-1):
    return exact(x, axis).astype(x.dtype)


def with_dim(x, dim):
    return softmax(x, dim)


def scaled(x, axis, temperature=1.0):
    return softmax(x / x.dtype.type(temperature), axis)


def masked(x, mask, axis=-1):
    return softmax(numpy.where(mask, x, x.dtype.type(-numpy.inf)), axis)


class Layer:
    def __init__(self, axis):
        self.axis = axis

    def __call__(self, x):
        return softmax(x, self.axis)


class CallableTests(unittest.TestCase):
    def check(self, function, formats=("float16", "bfloat16", "float32", "float64"), name="ops:f", arguments=None):
        """Every axis of tensors in every layout comes out right, and the input is as it was; gives the description."""
        host = Host(Understanding(function, name, arguments))
        generator = numpy.random.default_rng(7)
        for name in formats:
            self.assertEqual(host.probe(name), name)
            for shape in [(6,), (4, 5), (2, 3, 4)]:
                x = generator.normal(0, 2, shape).astype(host.types[name])
                for axis in range(len(shape)):
                    for layout in LAYOUTS:
                        y, _, misconduct = host.call(x, axis, layout, name)
                        self.assertEqual(misconduct, [])
                        # Two units in the last place of numbers below 1.
                        slack = 2 * float(ml_dtypes.finfo(host.types[name]).eps)
                        self.assertLessEqual(numpy.abs(y.astype("float64") - exact(x, axis)).max(), slack)
        return host.description()

    def test_the_keyword_of_the_axis_is_that_of_the_signature(self):
        self.assertEqual(self.check(softmax), "called with NumPy arrays, axis=")
        self.assertEqual(self.check(with_dim), "called with NumPy arrays, dim=")

    def test_a_callable_without_a_telling_signature_is_tried(self):
        def any_keyword(x, **keywords):
            return with_dim(x, **keywords)

        self.assertEqual(self.check(any_keyword), "called with NumPy arrays, dim=")

    def test_what_takes_no_axis_gets_every_axis_as_its_last(self):
        self.assertEqual(
            self.check(lambda x: softmax(x, -1)),
            "called with NumPy arrays along its last axis only; other axes are moved there and back")

    def test_an_object_made_for_an_axis_keeps_it(self):
        for axis in (0, 1, -1):
            self.assertIn("axis 0" if axis == 0 else "axis 1" if axis == 1 else "last axis", self.check(Layer(axis)))

    def test_a_class_is_made_an_instance_of_for_each_axis(self):
        self.assertEqual(self.check(Layer), "called with NumPy arrays; an instance with axis= for each axis")

    def test_partial_functions_and_methods_are_callables_like_others(self):
        self.check(functools.partial(scaled, temperature=1.0))
        self.check(functools.partial(with_dim, dim=0))

    def test_lists_are_read_as_what_they_hold(self):
        host = Host(Understanding(lambda x, axis: softmax(x, axis).tolist(), "ops:f"))
        self.assertEqual(host.probe("float32"), "float64")

    def test_what_answers_wrongly_is_called_all_the_same(self):
        host = Host(Understanding(lambda x, axis: softmax(x, axis)[:1], "ops:f"))
        with self.assertRaisesRegex(Rubbish, r"the shape \(1, 3\) for the shape \(2, 3\)"):
            host.probe("float32")
        host = Host(Understanding(lambda x, axis: None, "ops:f"))
        with self.assertRaisesRegex(Rubbish, "it returned None"):
            host.probe("float32")

    def test_a_type_that_was_never_another_is_not_said_to_have_been(self):
        host = Host(Understanding(lambda x, axis: softmax(x, axis).astype("int64"), "ops:f"))
        with self.assertRaises(Rubbish):
            host.probe("float32")
        with self.assertRaisesRegex(Rubbish, "^it returned int64, not float32$"):
            host.call(numpy.zeros((1, 2), "float32"), 1, "rowMajor", "float32")

    # Tensors

    def test_functions_of_torch_get_tensors_to_the_bit(self):
        with mock.patch.dict(sys.modules, torch=fake_torch):
            self.assertEqual(
                self.check(fake_torch.softmax, name="torch:softmax"), "called with torch tensors, dim=")
            # One's own function of tensors is found out by its refusal of an array.
            self.assertEqual(
                self.check(lambda x, axis: fake_torch.softmax(x, axis)), "called with torch tensors, axis=")
            self.assertEqual(
                self.check(functools.partial(fake_torch.softmax, dtype=None)), "called with torch tensors, dim=")

    def test_modules_and_their_classes_get_tensors(self):
        with mock.patch.dict(sys.modules, torch=fake_torch):
            self.assertEqual(
                self.check(fake_torch.Softmax, name="torch.nn:Softmax"),
                "called with torch tensors; an instance with dim= for each axis")
            self.assertIn("with torch tensors along its axis 1 only", self.check(fake_torch.Softmax(dim=1)))
            self.assertIn("with torch tensors along its last axis only", self.check(fake_torch.Softmax(dim=-1)))

    def test_gradients_and_devices_are_left_behind(self):
        def on_device(x, axis):
            y = fake_torch.softmax(x, axis)
            return fake_torch.Tensor(y.array, "cuda:0", requires_grad=True)

        with mock.patch.dict(sys.modules, torch=fake_torch):
            self.check(on_device)

    def test_a_bfloat16_tensor_from_a_function_of_arrays_keeps_its_bits(self):
        def narrow(x, axis):
            return fake_torch.Tensor(softmax(x, axis).astype(ml_dtypes.bfloat16))

        with mock.patch.dict(sys.modules, torch=fake_torch):
            host = Host(Understanding(narrow, "ops:f"))
            self.assertEqual(host.probe("float32"), "bfloat16")
            y, _, _ = host.call(numpy.array([[0.0, 1.0]], "float32"), 1, "rowMajor", "bfloat16")
            # 1/(1 + e) and e/(1 + e), rounded to 8 bits: 0.2689..., 0.7310...
            self.assertEqual([float(value) for value in y[0]], [float.fromhex("0x1.14p-2"), float.fromhex("0x1.76p-1")])

    # Arguments

    def test_arguments_are_read_as_what_they_look_like(self):
        read = callables.keyword_arguments
        self.assertEqual(
            read(["a=0.7", "b=True", "c=none", "d=[1, 2]", "e=word", "f=3", "g=1e-3", "h=a=b", "i="]),
            {"a": 0.7, "b": True, "c": None, "d": [1, 2], "e": "word", "f": 3, "g": 1e-3, "h": "a=b", "i": ""})
        for texts in (["a"], ["=1"], ["1a=1"], ["a=1", "a=2"]):
            with self.assertRaises(CannotLoad):
                read(texts)

    def test_arguments_get_to_the_callable(self):
        self.check(scaled, arguments={"temperature": 1})
        host = Host(Understanding(scaled, "ops:f", {"temperature": 2.0}))
        host.probe("float64")
        x = numpy.array([[0.0, 3.0]])
        y, _, _ = host.call(x, 1, "rowMajor", "float64")
        self.assertLess(numpy.abs(y - exact(x / 2, 1)).max(), 1e-15)

    def test_an_argument_that_there_is_not_is_told_before_anything_is_called(self):
        with self.assertRaisesRegex(CannotLoad, "ops:f has no argument temprature; it has x, axis, temperature"):
            Understanding(scaled, "ops:f", {"temprature": 1})
        with self.assertRaisesRegex(CannotLoad, "the axis is for the audit to choose"):
            Understanding(scaled, "ops:f", {"axis": 1})

    def test_an_argument_that_is_missing_is_told_with_the_way_out(self):
        with self.assertRaisesRegex(CannotLoad, "needs mask besides the logits; give it as --argument mask=VALUE"):
            Understanding(masked, "ops:f")
        self.check(masked, arguments={"mask": True})

    # Modifiers

    def test_modifiers_come_by_the_names_of_the_signature(self):
        seen = {}

        def modified(x, axis=-1, scaling=1.0, sinks=None, causal=False):
            seen.update(scaling=scaling, sinks=sinks, causal=causal)
            return softmax(x, axis)

        understanding = Understanding(modified, "ops:f")
        host = Host(understanding)
        self.assertEqual(host.modifiers(), ["causal", "scale", "sink"])
        x = numpy.zeros((2, 3), "float32")
        sink = numpy.ones((2, 1), "float32")
        given = {"scale": 0.5, "sink": sink, "causal": True, "causal_alignment": "top-left", "queries_differ": False}
        _, _, misconduct = host.call(x, 1, "rowMajor", "float32", modifiers=given)
        self.assertEqual(misconduct, [])
        self.assertEqual((seen["scaling"], seen["causal"]), (0.5, True))
        self.assertEqual(seen["sinks"].shape, (2, 1))
        with self.assertRaisesRegex(callables.NotOffered, "it has no parameter softcap"):
            understanding(x, axis=1, modifiers={"softcap": 30.0})
        with self.assertRaisesRegex(callables.NotOffered, "not as many queries as keys"):
            understanding(x, axis=1, modifiers={**given, "queries_differ": True})
        self.assertEqual(Host(Understanding(softmax, "ops:f")).modifiers(), [])

    def test_a_mask_moves_with_the_axis_and_its_change_is_seen(self):
        def along_last(x, mask=None):
            mask[0, 0] = 7
            return softmax(x + mask, -1)

        host = Host(Understanding(along_last, "ops:f"))
        host.function.way = callables.Way("numpy", None, -1)
        x = numpy.zeros((3, 2), "float32")
        mask = numpy.arange(6, dtype="float32").reshape(3, 2)
        answer, _, misconduct = host.call(x, 0, "rowMajor", "float32", modifiers={"mask": mask.copy()})
        self.assertEqual(answer.shape, (3, 2))
        self.assertEqual([entry["kind"] for entry in misconduct], ["inputModified"])

    # Names

    def test_a_file_is_a_module_with_its_folder_on_the_path(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "beside_it.py"), "w") as file:
                file.write("factor = 1\n")
            path = os.path.join(folder, "of_a_file.py")
            with open(path, "w") as file:
                file.write("import beside_it\ndef f(x, axis):\n    return x * beside_it.factor\n")
            before = list(sys.path)
            try:
                self.assertEqual(callables.load(path + ":f")(3, 0), 3)
            finally:
                sys.path[:] = before
            with self.assertRaisesRegex(CannotLoad, "there is no file"):
                callables.load(os.path.join(folder, "missing.py") + ":f")

    def test_what_a_fresh_python_cannot_find_has_no_name(self):
        self.assertEqual(importable_name(softmax), f"{__name__}:softmax" if __name__ != "__main__" else None)
        for function in (lambda x: x, functools.partial(softmax), Layer(0), Layer(0).__call__):
            self.assertIsNone(importable_name(function))


if __name__ == "__main__":
    unittest.main()
