"""The worker of softmax-audit for Python callables: needs NumPy, and ml_dtypes for bfloat16 and the 8-bit formats.

It speaks the protocol of WorkerProtocol.md, which softmax-audit shows. How the callable is called, `callables` finds out. As a
program, on another host for instance:

    softmax-audit audit --worker 'ssh there python -m softmax_audit.worker package.module:callable'
"""

import functools
import hashlib
import json
import math
import os
import select
import signal
import struct
import sys
import threading
import time

from softmax_audit import attention, callables, quantized
from softmax_audit.callables import (
    OPERATIONS, CannotLoad, NotOffered, Rubbish, Understanding, as_array, gives_one, output_shape, said, second_input,
    with_axis)

HELLO, MEMORY, CALL, PROBE, INSPECT, ATTENTION = 1, 2, 3, 4, 5, 7
READY, UNUSABLE, DONE, FAILED, PROBED, INSPECTED = 16, 17, 18, 19, 20, 21
REFUSAL, RUBBISH, NOT_OFFERED = 0, 1, 2
NO_FORMAT = 0xFFFFFFFF
#: The formats of 8 bits, which ml_dtypes has with `_` for `-`.
FLOAT8 = ["float8-e4m3fn", "float8-e5m2", "float8-e4m3fnuz", "float8-e5m2fnuz"]
FORMATS = ["float16", "bfloat16", "float32", "float64", *FLOAT8]
WIDER = {
    "float16": ("float32", "float64"), "bfloat16": ("float32", "float64"), "float32": ("float64",), "float64": (),
    **{name: ("float16", "bfloat16", "float32", "float64") for name in FLOAT8}}
# Packages whose version figures may depend on, and the modules they bring.
PACKAGES = {
    "scipy": "scipy", "scikit-learn": "sklearn", "torch": "torch", "tensorflow-cpu": "tensorflow",
    "tensorflow": "tensorflow", "keras": "keras", "jax": "jax", "jaxlib": "jaxlib", "onnx": "onnx",
    "onnxruntime": "onnxruntime", "numba": "numba", "ml_dtypes": "ml_dtypes", "mlx": "mlx", "openvino": "openvino",
    "tinygrad": "tinygrad", "cupy-cuda12x": "cupy"}
#: The operations whose answers to integers are looked at.
INTEGER_OPERATIONS = ("softmax", "log-softmax", "logsumexp")
LAYOUTS = ["rowMajor", "columnMajor", "sliced", "reversed", "misaligned", "readOnly"]


def load(name, arguments=(), operation=None):
    """What a name stands for, as a callable with an array and an axis: a Python callable, or `onnx:` with a path.

    The operation is softmax where none is given, or what a model says it is.
    """
    if name.startswith("quantised:"):
        roles, rest = quantized.split(name)
        return quantized.QuantizedCallable(load(rest, arguments, operation), roles)
    if name.startswith("onnx:"):
        from softmax_audit.onnx_loss import loss_of
        from softmax_audit.onnx_model import OnnxModel
        from softmax_audit.onnx_quantized import quantized_of

        path = name[len("onnx:"):]
        try:
            return loss_of(path) or quantized_of(path) or OnnxModel(path, operation)
        except ValueError as error:
            # A sentence of these modules, or of ONNX Runtime about the model.
            raise CannotLoad(f"{path} cannot be loaded: {' '.join(str(error).split())[:400]}") from None
        except BaseException as error:
            raise CannotLoad(f"{path} cannot be loaded: {said(error)}") from None
    function = callables.load(name)
    if operation == "attention":
        return attention.AttentionCallable(function, name, callables.keyword_arguments(arguments))
    return Understanding(
        function, name, callables.keyword_arguments(arguments), operation or "softmax")


class Host:
    """Calls a callable with arrays that lie in memory in all ways, and sees what it does besides computing."""

    def __init__(self, function):
        import numpy

        self.operation = function.operation
        self.numpy = numpy
        self.function = function
        #: How sums and products come out before the first call.
        self.mode = arithmetic_mode()
        #: The formats that it has answered in.
        self.given = set()
        self.types = {name: numpy.dtype(name) for name in ("float16", "float32", "float64")}
        try:
            import ml_dtypes

            self.types["bfloat16"] = numpy.dtype(ml_dtypes.bfloat16)
            for name in FLOAT8:
                if hasattr(ml_dtypes, name.replace("-", "_")):
                    self.types[name] = numpy.dtype(getattr(ml_dtypes, name.replace("-", "_")))
        except ImportError:
            pass

    def laid_out(self, array, layout):
        """The same elements in an array that lies in memory as asked, and the array that owns them."""
        numpy = self.numpy
        if layout == "columnMajor":
            result = numpy.array(array, order="F", copy=True)
            return result, result
        if layout == "sliced":
            base = numpy.zeros([2 * dimension for dimension in array.shape], array.dtype)
            # The dots keep an array of no dimensions, the target of a single lane, an array.
            result = base[(..., *(slice(None, None, 2) for _ in array.shape))]
            result[...] = array
            return result, base
        if layout == "reversed":
            backward = (..., *(slice(None, None, -1) for _ in array.shape))
            base = numpy.array(array[backward], order="C", copy=True)
            return base[backward], base
        if layout == "misaligned":
            size = array.dtype.itemsize
            base = numpy.zeros(array.nbytes + 256, numpy.uint8)
            start = -base.ctypes.data % 128 + size
            result = base[start:start + array.nbytes].view(array.dtype).reshape(array.shape)
            result[...] = array
            return result, base
        result = numpy.array(array, order="C", copy=True)
        if layout == "readOnly":
            result.flags.writeable = False
        return result, result

    # : The misconduct that it looks for. What a function writes elsewhere in memory nobody here can
    # see.
    watches = ("inputModified", "changedFloatingPointEnvironment")

    def call(self, array, axis, layout, format_name, others=(), parameters=None, modifiers=None):
        """The output as an array of the format, nanoseconds, and misconduct.

        `others` are the inputs beside the first, `parameters` those of a loss, `modifiers` those of the logits.
        """
        numpy = self.numpy
        given, base = self.laid_out(array, layout)
        before = base.tobytes()
        given_others = [self.laid_out(part, layout) for part in others]
        others_before = [owner.tobytes() for _, owner in given_others]
        modifiers = dict(modifiers or {})
        modifiers_before = {kind: value.tobytes() for kind, value in modifiers.items() if hasattr(value, "tobytes")}
        words = {"modifiers": modifiers} if modifiers else {}
        start = time.perf_counter_ns()
        result = self.function(given, *[part for part, _ in given_others], axis=axis, **(parameters or {}), **words)
        elapsed = time.perf_counter_ns() - start
        misconduct = []
        mode = arithmetic_mode()
        if mode != self.mode:
            misconduct.append({
                "kind": "changedFloatingPointEnvironment",
                "explanation": f"since a call, {mode}; before, {self.mode}"})
        if base.tobytes() != before:
            where = self.first_change(given, array)
            misconduct.append({
                "kind": "inputModified",
                "explanation": f"element {where} of the input was changed" if where is not None
                else "memory between the elements of the input was changed"})
        if any(owner.tobytes() != then for (_, owner), then in zip(given_others, others_before)):
            misconduct.append({
                "kind": "inputModified", "explanation": f"the {second_input(self.operation)} was changed"})
        for kind, then in modifiers_before.items():
            if modifiers[kind].tobytes() != then:
                misconduct.append({"kind": "inputModified", "explanation": f"the {kind} was changed"})
        return self.checked(result, array.shape, axis, format_name), elapsed, misconduct

    def modifiers(self):
        """The modifiers of logits that the callable may be called with, by name."""
        return sorted(self.function.modifiers()) if hasattr(self.function, "modifiers") else []

    def first_change(self, given, array):
        size = array.dtype.itemsize
        now, then = given.tobytes(), array.tobytes()
        return next((i // size for i in range(0, len(then), size) if now[i:i + size] != then[i:i + size]), None)

    def checked(self, result, shape, axis, format_name):
        """The result as an array; anything that is not one of the shape and format is rubbish."""
        shape, axis = tuple(shape), axis % max(len(shape), 1)
        answer = with_axis(as_array(result), self.operation, shape, axis)
        if answer.shape != output_shape(self.operation, shape, axis):
            asked = f" along axis {axis}" if gives_one(self.operation) else ""
            raise Rubbish(f"it returned the shape {answer.shape} for the shape {shape}{asked}")
        if format_name is not None and answer.dtype != self.types[format_name]:
            before = f"where it gave {format_name} before" if format_name in self.given else f"not {format_name}"
            raise Rubbish(f"it returned {answer.dtype}, {before}")
        return answer

    # What there is besides calls with floating-point tensors

    def probe(self, format_name):
        """The name of the output format; raises where the format is not taken."""
        if self.operation == "attention":
            return attention.probe(self, format_name)
        if format_name not in self.types:
            raise TypeError(f"{format_name} needs the package ml_dtypes")
        answer = self.checked(*self.tried(format_name, [0.0, 1.0, -1.0, 2.0, 0.5, 0.0]), None)
        for name, dtype in self.types.items():
            if answer.dtype == dtype:
                self.given.add(name)
                return name
        raise Rubbish(f"it returns {answer.dtype} for {format_name}")

    def tried(self, format_name, values):
        """The result for a small tensor of values, as it comes, with the shape of the tensor and the axis."""
        shape, axis = getattr(self.function, "trial", ((2, 3), 1))
        array = self.numpy.resize(values, shape).astype(self.types[format_name])
        others = callables.trial_inputs(self.operation, array)
        return self.function(array, *others, axis=axis), array.shape, axis

    def inspect(self, format_name):
        """Integers and truth values as input, the type of the output, and outputs of earlier calls."""
        numpy = self.numpy
        found = []
        try:
            output = self.probe(format_name)
            same = output == format_name
            # More precision than asked for is no loss; less is.
            wider = output in WIDER[format_name]
            found.append(inspection(
                "output-type", same or wider,
                f"{format_name} gives {output}" + ("" if same else ", which is wider" if wider else ", which loses")))
        except BaseException as error:
            found.append(inspection("output-type", False, f"{format_name} gives no answer: {said(error)}"))
        else:
            if self.operation != "attention":
                found.append(self.inspect_outputs(format_name))
        # Of integers beside other inputs, or of a matrix, nobody has said what they are.
        integers = ("int32", "int64", "uint8", "bool") if self.operation in INTEGER_OPERATIONS else ()
        for name in integers:
            values = [[0, 1, 1, 0], [1, 1, 0, 1]] if name == "bool" else [[0, 1, 3, 2], [7, 1, 0, 4]]
            array = numpy.array(values, name)
            found.append(self.inspect_integers(array, name))
        return found

    def inspect_outputs(self, format_name):
        """Whether the output of a call is still what it was after another call for the same shape."""
        law = "outputs-kept"
        try:
            output = as_array(self.tried(format_name, [0.0, 1.0, -1.0, 2.0, 0.5, 0.0])[0])
            before = output.copy()
            self.tried(format_name, [2.0, 0.0, 1.0, 0.0, -1.0, 3.0])
        except BaseException as error:
            # The law that every call is answered tells of it.
            return inspection(law, True, f"{format_name} gives no answer: {said(error)}")
        kept = before.tobytes() == output.tobytes()
        return inspection(law, kept, f"{format_name}: the output of a call " + (
            "stays as it is" if kept else "was overwritten by the next call, which returns the same memory"))

    def inspect_integers(self, array, name):
        numpy = self.numpy
        law = "integer-input"
        # Far more than any right answer is off by: 16-bit outputs included.
        tolerance = 0.01
        before = array.copy()
        try:
            answer = self.checked(self.function(array, axis=1), array.shape, 1, None)
        except Rubbish as error:
            return inspection(law, False, f"{name}: {error}")
        except BaseException as error:
            return inspection(law, True, f"{name} is refused: {said(error)}")
        if not numpy.array_equal(array, before):
            return inspection(law, False, f"{name}: the input was changed")
        exact = self.computed(before.astype(float))
        try:
            worst = float(numpy.abs(answer.astype(float) - exact).max())
        except BaseException as error:
            return inspection(law, False, f"{name} gives {answer.dtype}: {said(error)}")
        if not numpy.isfinite(worst):
            what = "NaN" if numpy.isnan(answer.astype(float)).any() else "infinity"
            return inspection(law, False, f"{name} gives {answer.dtype} that holds {what}")
        if not worst <= tolerance:
            return inspection(law, False, f"{name} gives {answer.dtype} that is off by {worst:.3g}")
        return inspection(law, True, f"{name} gives {answer.dtype}")

    def computed(self, rows):
        """The outputs for the rows of a matrix, of moderate numbers, to about the accuracy of float64."""
        numpy = self.numpy
        largest = rows.max(axis=1, keepdims=True)
        logsumexp = largest + numpy.log(numpy.exp(rows - largest).sum(axis=1, keepdims=True))
        if self.operation == "logsumexp":
            return logsumexp
        return numpy.exp(rows - logsumexp) if self.operation == "softmax" else rows - logsumexp

    def description(self):
        """How it is called, as far as that had to be found out; empty else."""
        return self.function.description() if hasattr(self.function, "description") else ""

    def domain(self):
        """The domain that it is offered for, as a part of what is said of it when it is ready."""
        domain = getattr(self.function, "domain", None)
        return {"domain": domain} if domain else {}

    def quantised(self):
        """The tensors that are integers, as a part of what is said of it when it is ready."""
        quantised = getattr(self.function, "quantised", None)
        return {"quantised": quantised} if quantised else {}

    def environment(self):
        """What figures may depend on."""
        numpy = self.numpy
        known = {"python": sys.version.split()[0], "numpy": numpy.__version__, **getattr(self.function, "facts", {})}
        try:
            from numpy._core._multiarray_umath import __cpu_features__ as features

            wanted = ("SSE42", "AVX", "AVX2", "FMA3", "AVX512F", "AVX512_SKX", "NEON", "SVE")
            known["processor features"] = " ".join(name for name in wanted if features.get(name))
        except ImportError:
            pass
        from importlib import metadata

        # Bundled adapters import their packages when they are first called, and say which they are.
        needed = getattr(self.function, "packages", ())
        for package, module in PACKAGES.items():
            if module in sys.modules or package in needed:
                try:
                    known[module] = metadata.version(package)
                except metadata.PackageNotFoundError:
                    pass
        for variable in ("OMP_NUM_THREADS", "KERAS_BACKEND", "JAX_ENABLE_X64", "TF_ENABLE_ONEDNN_OPTS",
                         "ATEN_CPU_CAPABILITY", "CUDA_VISIBLE_DEVICES"):
            if variable in os.environ:
                known[variable] = os.environ[variable]
        return known


def arithmetic_mode(tiny=2.0**-60, least=5e-324, small=2.0**-1022):
    """How this thread rounds and what it does below the normal range, in words; seen from what sums and products are.

    The numbers are arguments, so that no compiler works the sums out beforehand.
    """
    rounding = {
        (1.0, -1.0): "results are rounded to nearest" if 1.0 - tiny == 1.0 else "results are rounded toward zero",
        (1.0, -1.0 - 2.0**-52): "results are rounded down",
        (1.0 + 2.0**-52, -1.0): "results are rounded up",
    }.get((1.0 + tiny, -1.0 - tiny), "results are rounded in no known way")
    flushed = " and flushed to zero" if small * 0.5 == 0.0 else ""
    ignored = ", operands are flushed to zero" if least * 2.0**1000 == 0.0 else ""
    return rounding + flushed + ignored


def identity(name):
    """The file that a callable or model comes from and its SHA-256; nothing where it comes from none."""
    if name.startswith("quantised:"):
        name = quantized.split(name)[1]
    kind, _, rest = name.partition(":")
    path = rest if kind == "onnx" else getattr(sys.modules.get(kind), "__file__", None)
    if kind == "onnx" and path and not os.path.exists(path):
        path = path.rpartition("#")[0]
    if not path or not os.path.isfile(path):
        return {}
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return {"file": os.path.basename(path), "sha256": digest.hexdigest()}


def inspection(law, passed, explanation):
    return {"law": law, "passed": bool(passed), "explanation": explanation}


class Worker:
    """The protocol, spoken over two streams."""

    def __init__(self, commands, answers, ends):
        """Reads messages from a file, writes them with a function, and calls another at the end of the host."""
        self.commands = commands
        self.write = answers
        self.ends = ends
        self.memory = None
        self.process = os.getpid()

    @classmethod
    def of_process(cls):
        """One over copies of standard input and output, which ends with the host even in the middle of a call."""
        # What the callable prints must not get into the answers.
        commands = os.fdopen(os.dup(0), "rb")
        answers = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)

        def wait():
            poll = select.poll()
            poll.register(commands.fileno(), getattr(select, "POLLRDHUP", 0))
            poll.poll()
            # The host started this process as the first of a group, and may be gone without having
            # ended it.
            if os.getpgrp() == os.getpid():
                os.killpg(0, signal.SIGKILL)
            os._exit(0)

        threading.Thread(target=wait, daemon=True).start()
        return cls(commands, functools.partial(os.write, answers), os._exit)

    def send(self, kind, content):
        rest = struct.pack("<II", kind, len(content)) + content
        while rest:
            rest = rest[self.write(rest):]

    def receive(self):
        header = self.commands.read(8)
        if len(header) < 8:
            self.ends(0)
        kind, size = struct.unpack("<II", header)
        return kind, self.commands.read(size)

    def serve(self, name, loaded):
        """Answers until the host ends; `loaded` gives the callable for an operation, or raises CannotLoad."""
        kind, content = self.receive()
        if kind != HELLO or struct.unpack("<I", content[:4])[0] != 1:
            self.ends(64)
        try:
            try:
                import numpy  # noqa: F401
            except ImportError as error:
                raise CannotLoad(f"{name} cannot be loaded: {sys.executable} has no NumPy ({error})") from None
            operation = content[4:].decode()
            if operation and operation not in (*OPERATIONS, "attention"):
                raise CannotLoad(f"{name} cannot be loaded: this worker knows no operation {operation}")
            host = Host(loaded(operation or None))
        except CannotLoad as error:
            self.send(UNUSABLE, str(error).encode())
            self.ends(0)
        self.send(READY, json.dumps({
            "name": name, "operation": host.operation, "formats": {}, "layouts": LAYOUTS, "probe": True,
            "watches": host.watches, "modifiers": host.modifiers(),
            "environment": {**host.environment(), **identity(name)}, **host.domain(),
            **host.quantised()}).encode())
        while True:
            kind, content = self.receive()
            if kind == MEMORY:
                self.map(content)
                continue
            sequence = content[:8]
            try:
                kind, answer = self.answer(host, kind, content)
            except Rubbish as error:
                kind, answer = FAILED, struct.pack("<I", RUBBISH) + str(error).encode()
            except NotOffered as error:
                kind, answer = FAILED, struct.pack("<I", NOT_OFFERED) + str(error).encode()
            except BaseException as error:
                kind, answer = FAILED, struct.pack("<I", REFUSAL) + said(error).encode()
            self.end_copy()
            self.send(kind, sequence + answer)

    def end_copy(self):
        """Ends a copy of this process: a callable that forks comes back twice.

        The copy has nobody to answer to, and writes into the memory of calls that came after its own.
        """
        if os.getpid() != self.process:
            os._exit(0)

    def map(self, content):
        import mmap

        size, = struct.unpack("<Q", content[:8])
        file = os.open(content[8:].decode(), os.O_RDWR)
        self.memory = mmap.mmap(file, size)
        os.close(file)

    def answer(self, host, kind, content):
        if kind == CALL:
            return DONE, self.call(host, content)
        if kind == ATTENTION:
            return DONE, attention.call(host, self, content, FORMATS, LAYOUTS)
        _, code = struct.unpack("<QI", content)
        if kind == PROBE:
            try:
                code = FORMATS.index(host.probe(FORMATS[code]))
                return PROBED, struct.pack("<I", code) + host.description().encode()
            except Rubbish:
                # It does take the format: what it answers is for the calls to find out.
                return PROBED, struct.pack("<I", code) + host.description().encode()
            except BaseException as error:
                return PROBED, struct.pack("<I", NO_FORMAT) + said(error).encode()
        if kind == INSPECT:
            return INSPECTED, json.dumps(host.inspect(FORMATS[code])).encode()
        self.ends(64)

    def call(self, host, content):
        _, source, target, _, layout, axis, rank, start, end = struct.unpack("<QIIIIiIQQ", content[:48])
        shape = struct.unpack(f"<{rank}Q", content[48:48 + 8 * rank])
        source_type, target_type = host.types[FORMATS[source]], host.types[FORMATS[target]]
        array = self.array(host, shape, source_type, start)
        places = content[48 + 8 * rank:]
        others, parameters = self.accompanying(host, places, shape, axis, source_type)
        modifiers = self.modifiers(host, places, shape, axis, source_type)
        answer, elapsed, misconduct = host.call(
            array, axis, LAYOUTS[layout], FORMATS[target], others, parameters, modifiers)
        self.store(host, answer, target_type, end)
        return self.report(elapsed, misconduct)

    @staticmethod
    def report(elapsed, misconduct):
        """The content of an answer to a call: nanoseconds, and misconduct where there was some."""
        return struct.pack("<Q", max(elapsed, 1)) + (json.dumps(misconduct).encode() if misconduct else b"")

    def store(self, host, array, kind, start):
        """Stores the elements of an array, which are of a kind, at a place in the shared file."""
        self.end_copy()
        size = array.size * host.numpy.dtype(kind).itemsize
        self.memory[start:start + size] = host.numpy.ascontiguousarray(array).tobytes()

    def array(self, host, shape, kind, start):
        """An array of its own with the elements at a place in the shared file."""
        # Not frombuffer: it does not take an empty buffer.
        count = math.prod(shape)
        size = host.numpy.dtype(kind).itemsize
        return host.numpy.ndarray(shape, kind, bytearray(self.memory[start:start + count * size]))

    @staticmethod
    def numeric_modifiers(scale, softcap, causal):
        """The modifiers that are numbers in a message, where 0 stands for none."""
        modifiers = {}
        if scale != 0:
            modifiers["scale"] = scale
        if softcap != 0:
            modifiers["softcap"] = softcap
        if causal != 0:
            modifiers["causal"] = True
            modifiers[callables.ALIGNMENT] = "top-left" if causal == 1 else "bottom-right"
        return modifiers

    def modifiers(self, host, places, shape, axis, source_type):
        """The modifiers of the logits: a mask of their shape, sinks with an axis of length 1."""
        if second_input(host.operation) is not None or not places:
            return {}
        scale, softcap, causal, _, queries, mask, sink = struct.unpack("<ddiIQQQ", places)
        modifiers = self.numeric_modifiers(scale, softcap, causal)
        if causal != 0:
            modifiers["queries_differ"] = queries != shape[axis]
        if mask != 0:
            modifiers["mask"] = self.array(host, shape, source_type, mask)
        if sink != 0:
            modifiers["sink"] = self.array(host, (*shape[:axis], 1, *shape[axis + 1:]), source_type, sink)
        return modifiers

    def accompanying(self, host, places, shape, axis, source_type):
        """The inputs beside the first, and the parameters of a loss where they are not the usual ones."""
        array = functools.partial(self.array, host)
        role = second_input(host.operation)
        if role is None:
            return [], {}
        second, = struct.unpack("<Q", places[:8])
        if role == "upstream":
            return [array(shape, source_type, second)], {}
        smoothing, ignored, weights = struct.unpack("<dqQ", places[8:32])
        parameters = {}
        if smoothing != 0:
            parameters["label_smoothing"] = smoothing
        if ignored != -100:
            parameters["ignore_index"] = ignored
        if weights != 0:
            parameters["class_weights"] = array((shape[axis],), source_type, weights)
        return [array((*shape[:axis], *shape[axis + 1:]), "int64", second)], parameters


def main(words):
    if not words or words in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0 if words else 64
    name, arguments = words[0], words[1:]
    if name.startswith("served:"):
        from softmax_audit.served import relay

        relay(name[len("served:"):])
    if arguments[0::2] != ["--argument"] * ((len(arguments) + 1) // 2) or len(arguments) % 2:
        print(__doc__.strip())
        return 64
    Worker.of_process().serve(name, lambda operation: load(name, arguments[1::2], operation))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
