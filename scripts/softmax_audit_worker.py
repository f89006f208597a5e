"""The worker of softmax-audit for Python callables: one file, needs NumPy, and ml_dtypes for bfloat16.

As a program it speaks the protocol of Sources/ExternalImplementations/WorkerProtocol.md:

    python softmax_audit_worker.py package.module:callable

The callable is called as callable(array, axis=k) and returns an array of the same shape.

In a test suite:

    from softmax_audit_worker import assert_softmax

    def test_softmax():
        assert_softmax("mypackage.ops:softmax", "--format", "float32", "--max-ulp", "4")
"""

import importlib
import json
import os
import select
import struct
import sys
import threading
import time

HELLO, MEMORY, CALL, PROBE, INSPECT = 1, 2, 3, 4, 5
READY, UNUSABLE, DONE, FAILED, PROBED, INSPECTED = 16, 17, 18, 19, 20, 21
REFUSAL, RUBBISH = 0, 1
NO_FORMAT = 0xFFFFFFFF
FORMATS = ["float16", "bfloat16", "float32", "float64"]
WIDER = {
    "float16": ("float32", "float64"), "bfloat16": ("float32", "float64"), "float32": ("float64",), "float64": ()}
# Packages whose version figures may depend on, and the modules they bring.
PACKAGES = {
    "scipy": "scipy", "scikit-learn": "sklearn", "torch": "torch", "tensorflow-cpu": "tensorflow",
    "tensorflow": "tensorflow", "keras": "keras", "jax": "jax", "jaxlib": "jaxlib", "onnx": "onnx",
    "onnxruntime": "onnxruntime", "numba": "numba", "ml_dtypes": "ml_dtypes", "mlx": "mlx", "openvino": "openvino",
    "tinygrad": "tinygrad", "cupy-cuda12x": "cupy"}
LAYOUTS = ["rowMajor", "columnMajor", "sliced", "reversed", "misaligned", "readOnly"]


class Rubbish(Exception):
    """An answer that is no tensor of the promised shape and format."""


class CannotLoad(Exception):
    """There is no such callable, or nothing to call it with."""


def load(name):
    """The callable of a name `package.module:attribute`, the folder of the caller being on the path.

    A name `onnx:path` is that of a model.
    """
    if name.startswith("onnx:"):
        import softmax_audit_adapters

        try:
            return softmax_audit_adapters.onnx_model(name[len("onnx:"):])
        except BaseException as error:
            raise CannotLoad(f"{name[len('onnx:'):]} cannot be loaded: {said(error)}") from None
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise CannotLoad(f"{name} names no callable; write package.module:callable")
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module_name)
    except BaseException as error:
        raise CannotLoad(f"{name} cannot be loaded: importing {module_name} raised {said(error)}") from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise CannotLoad(f"{name} cannot be loaded: {module_name} has no {attribute}")
        found = getattr(found, part)
    if not callable(found):
        raise CannotLoad(f"{name} is no callable but {type(found).__name__}")
    return found


def said(error):
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:400]}" if text else type(error).__name__


class Host:
    """Calls a softmax with arrays that lie in memory in all ways, and sees what it does besides computing."""

    def __init__(self, function):
        import numpy

        self.numpy = numpy
        self.function = function
        self.types = {name: numpy.dtype(name) for name in ("float16", "float32", "float64")}
        try:
            import ml_dtypes

            self.types["bfloat16"] = numpy.dtype(ml_dtypes.bfloat16)
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
            result = base[tuple(slice(None, None, 2) for _ in array.shape)]
            result[...] = array
            return result, base
        if layout == "reversed":
            backward = tuple(slice(None, None, -1) for _ in array.shape)
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

    def call(self, array, axis, layout, format_name):
        """The output as an array of the format, nanoseconds, and misconduct."""
        numpy = self.numpy
        given, base = self.laid_out(array, layout)
        before = base.tobytes()
        start = time.perf_counter_ns()
        result = self.function(given, axis=axis)
        elapsed = time.perf_counter_ns() - start
        misconduct = []
        if base.tobytes() != before:
            where = self.first_change(given, array)
            misconduct.append({
                "kind": "inputModified",
                "explanation": f"element {where} of the input was changed" if where is not None
                else "memory between the elements of the input was changed"})
        return self.checked(result, array.shape, format_name), elapsed, misconduct

    def first_change(self, given, array):
        size = array.dtype.itemsize
        now, then = given.tobytes(), array.tobytes()
        return next((i // size for i in range(0, len(then), size) if now[i:i + size] != then[i:i + size]), None)

    def checked(self, result, shape, format_name):
        """The result as an array; anything that is not one of the shape and format is rubbish."""
        numpy = self.numpy
        if result is None:
            raise Rubbish("it returned None")
        try:
            answer = numpy.asarray(result)
        except BaseException as error:
            raise Rubbish(f"it returned {type(result).__name__}, which is no array ({said(error)})") from None
        if answer.shape != tuple(shape):
            raise Rubbish(f"it returned the shape {answer.shape} for the shape {tuple(shape)}")
        if format_name is not None and answer.dtype != self.types[format_name]:
            raise Rubbish(f"it returned {answer.dtype}, where it gave {format_name} before")
        return answer

    # What there is besides calls with floating-point tensors

    def probe(self, format_name):
        """The name of the output format; raises where the format is not taken."""
        if format_name not in self.types:
            raise TypeError("bfloat16 needs the package ml_dtypes")
        array = self.numpy.array([[0.0, 1.0, -1.0], [2.0, 0.5, 0.0]], self.types[format_name])
        answer = self.checked(self.function(array, axis=1), array.shape, None)
        for name, dtype in self.types.items():
            if answer.dtype == dtype:
                return name
        raise Rubbish(f"it returns {answer.dtype} for {format_name}")

    def inspect(self, format_name):
        """What integers and truth values do, and whether the output keeps the type of the input."""
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
        for name in ("int32", "int64", "uint8", "bool"):
            values = [[0, 1, 1, 0], [1, 1, 0, 1]] if name == "bool" else [[0, 1, 3, 2], [7, 1, 0, 4]]
            array = numpy.array(values, name)
            found.append(self.inspect_integers(array, name))
        return found

    def inspect_integers(self, array, name):
        numpy = self.numpy
        law = "integer-input"
        # Far more than any right answer is off by: 16-bit outputs included.
        tolerance = 0.01
        before = array.copy()
        try:
            answer = self.checked(self.function(array, axis=1), array.shape, None)
        except Rubbish as error:
            return inspection(law, False, f"{name}: {error}")
        except BaseException as error:
            return inspection(law, True, f"{name} is refused: {said(error)}")
        if not numpy.array_equal(array, before):
            return inspection(law, False, f"{name}: the input was changed")
        exact = numpy.exp(before.astype(float) - before.astype(float).max(axis=1, keepdims=True))
        exact /= exact.sum(axis=1, keepdims=True)
        try:
            worst = float(numpy.abs(answer.astype(float) - exact).max())
        except BaseException as error:
            return inspection(law, False, f"{name} gives {answer.dtype}: {said(error)}")
        if not worst <= tolerance:
            return inspection(law, False, f"{name} gives {answer.dtype} that is off by {worst:.3g}")
        return inspection(law, True, f"{name} gives {answer.dtype}")

    def environment(self):
        """What figures may depend on."""
        numpy = self.numpy
        known = {"python": sys.version.split()[0], "numpy": numpy.__version__}
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


def inspection(law, passed, explanation):
    return {"law": law, "passed": bool(passed), "explanation": explanation}


class Worker:
    """The protocol, spoken over copies of standard input and output."""

    def __init__(self):
        # What the callable prints must not get into the answers.
        self.commands = os.fdopen(os.dup(0), "rb")
        self.answers = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        self.memory = None
        self.process = os.getpid()
        self.watch()

    def watch(self):
        """Ends with the host, even in the middle of a call."""

        def wait():
            poll = select.poll()
            poll.register(self.commands.fileno(), getattr(select, "POLLRDHUP", 0))
            poll.poll()
            os._exit(0)

        threading.Thread(target=wait, daemon=True).start()

    def send(self, kind, content):
        rest = struct.pack("<II", kind, len(content)) + content
        while rest:
            rest = rest[os.write(self.answers, rest):]

    def receive(self):
        header = self.commands.read(8)
        if len(header) < 8:
            os._exit(0)
        kind, size = struct.unpack("<II", header)
        return kind, self.commands.read(size)

    def serve(self, name):
        kind, content = self.receive()
        if kind != HELLO or struct.unpack("<I", content[:4])[0] != 1:
            os._exit(64)
        try:
            try:
                import numpy  # noqa: F401
            except ImportError as error:
                raise CannotLoad(f"{name} cannot be loaded: {sys.executable} has no NumPy ({error})") from None
            host = Host(load(name))
        except CannotLoad as error:
            self.send(UNUSABLE, str(error).encode())
            os._exit(0)
        self.send(READY, json.dumps({
            "name": name, "formats": {}, "layouts": LAYOUTS, "probe": True,
            "environment": host.environment()}).encode())
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
            except BaseException as error:
                kind, answer = FAILED, struct.pack("<I", REFUSAL) + said(error).encode()
            # A callable that forks comes back twice; the copy has nobody to answer to.
            if os.getpid() != self.process:
                os._exit(0)
            self.send(kind, sequence + answer)

    def map(self, content):
        import mmap

        size, = struct.unpack("<Q", content[:8])
        file = os.open(content[8:].decode(), os.O_RDWR)
        self.memory = mmap.mmap(file, size)
        os.close(file)

    def answer(self, host, kind, content):
        if kind == CALL:
            return DONE, self.call(host, content)
        _, code = struct.unpack("<QI", content)
        if kind == PROBE:
            try:
                return PROBED, struct.pack("<I", FORMATS.index(host.probe(FORMATS[code])))
            except Rubbish as error:
                # It does take the format: what it answers is for the calls to find out.
                return PROBED, struct.pack("<I", code) + str(error).encode()
            except BaseException as error:
                return PROBED, struct.pack("<I", NO_FORMAT) + said(error).encode()
        if kind == INSPECT:
            return INSPECTED, json.dumps(host.inspect(FORMATS[code])).encode()
        os._exit(64)

    def call(self, host, content):
        numpy = host.numpy
        _, source, target, operation, layout, axis, rank, start, end = struct.unpack("<QIIIIiIQQ", content[:48])
        shape = struct.unpack(f"<{rank}Q", content[48:])
        if operation != 0:
            raise Rubbish("this worker knows no operation but softmax")
        count = 1
        for dimension in shape:
            count *= dimension
        # Not frombuffer alone: it does not take an empty buffer.
        source_type, target_type = host.types[FORMATS[source]], host.types[FORMATS[target]]
        raw = bytearray(self.memory[start:start + count * source_type.itemsize])
        array = numpy.ndarray(shape, source_type, raw)
        answer, elapsed, misconduct = host.call(array, axis, LAYOUTS[layout], FORMATS[target])
        self.memory[end:end + count * target_type.itemsize] = numpy.ascontiguousarray(answer).tobytes()
        return struct.pack("<Q", max(elapsed, 1)) + (json.dumps(misconduct).encode() if misconduct else b"")


def assert_softmax(name, *options, program=None, command="audit"):
    """Raises AssertionError with the report where `softmax-audit audit --python name` finds something wrong.

    `options` are those of the command line; `program` is the path of softmax-audit, by default SOFTMAX_AUDIT in the
    environment or what the search path has. `command` may also be "check". A callable is taken for what it is called
    in its module.
    """
    import subprocess

    if not isinstance(name, str):
        name = f"{name.__module__}:{name.__qualname__}"
    program = program or os.environ.get("SOFTMAX_AUDIT") or "softmax-audit"
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(part for part in [os.getcwd(), *sys.path] if part)
    result = subprocess.run(
        [program, command, "--python", name, "--python-executable", sys.executable, *map(str, options)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    if result.returncode != 0:
        raise AssertionError(f"{name} is no softmax (status {result.returncode})\n{result.stdout}{result.stderr}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__.strip())
        sys.exit(0 if sys.argv[1:] in (["-h"], ["--help"]) else 64)
    Worker().serve(sys.argv[1])
