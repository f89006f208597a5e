"""How a Python callable is called: what it is given, by which keyword it takes the axis, and what it gives back.

People bring functions of NumPy arrays and of torch tensors, with `axis=` or `dim=` or neither, modules and their classes,
partial and jitted functions. `Understanding` finds out by the signature, and by calling with six logits where that says
nothing, and calls in that way from then on: as understanding(array, axis) with NumPy arrays in and out.
"""

import functools
import importlib
import importlib.util
import inspect
import json
import math
import os
import sys

AXIS_KEYWORDS = ("axis", "dim")
# : The operations that callables can be audited as: how many numbers a lane gives, and the input
# beside the first.
ONE_FOR_EACH, ONE, MATRIX = "one for each logit", "one", "one for each pair of logits"
OPERATIONS = {
    "softmax": (ONE_FOR_EACH, None), "log-softmax": (ONE_FOR_EACH, None), "logsumexp": (ONE, None),
    "cross-entropy": (ONE, "targets"), "softmax-vjp": (ONE_FOR_EACH, "upstream"),
    "softmax-backward": (ONE_FOR_EACH, "upstream"), "log-softmax-vjp": (ONE_FOR_EACH, "upstream"),
    "cross-entropy-vjp": (ONE_FOR_EACH, "targets"), "softmax-jacobian": (MATRIX, None)}
#: The parameters of losses, by the names that callables have for them.
PARAMETER_NAMES = {
    "label_smoothing": ("label_smoothing",), "ignore_index": ("ignore_index",),
    "class_weights": ("class_weights", "weight")}
#: The modifiers of logits, by the names that callables have for them, likely ones first.
MODIFIER_NAMES = {
    "scale": ("scale", "scaling"), "softcap": ("softcap", "soft_cap", "logits_soft_cap"),
    "mask": ("mask", "attn_mask", "attention_mask"), "causal": ("causal", "is_causal"), "sink": ("sink", "sinks")}
#: The keyword that says which alignment a causal mask has.
ALIGNMENT = "causal_alignment"
#: The operations whose logits may have modifiers.
MODIFIED_OPERATIONS = ("softmax", "log-softmax", "logsumexp")


class CannotLoad(Exception):
    """There is no such callable, or nothing to call it with."""


class NotOffered(Exception):
    """The callable lacks a parameter that it was to be called with."""


class Rubbish(Exception):
    """An answer that is no tensor of the promised shape and format."""


def gives_one(operation):
    """Whether a lane gives one number."""
    return OPERATIONS[operation][0] == ONE


def second_input(operation):
    """The role of the input beside the first: upstream, targets, or None."""
    return OPERATIONS[operation][1]


def output_shape(operation, shape, axis):
    """The shape of the output for an input.

    Where a lane gives one number, its axis has length 1; where it gives a matrix, the axis is there twice.
    """
    extent, _ = OPERATIONS[operation]
    own = {ONE: (1,), MATRIX: (shape[axis], shape[axis]), ONE_FOR_EACH: (shape[axis],)}[extent]
    return (*shape[:axis], *own, *shape[axis + 1:])


def with_axis(answer, operation, shape, axis):
    """An answer, with the axis that it may have dropped where a lane gives one number."""
    if gives_one(operation) and answer.shape == (*shape[:axis], *shape[axis + 1:]):
        return answer.reshape(output_shape(operation, shape, axis))
    return answer


def said(error):
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:400]}" if text else type(error).__name__


# Finding a callable


def load(name):
    """The callable of a name `package.module:attribute` or `folder/file.py:attribute`.

    The folder of the caller is on the path, and so is that of the file.
    """
    module_name, colon, attribute = name.rpartition(":")
    if not colon or not module_name or not attribute:
        raise CannotLoad(f"{name} names no callable; write package.module:callable or file.py:callable")
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = import_file(module_name) if module_name.endswith(".py") else importlib.import_module(module_name)
    except FileNotFoundError as error:
        if error.filename == module_name:
            raise CannotLoad(f"{name} cannot be loaded: there is no file {module_name}") from None
        raise CannotLoad(f"{name} cannot be loaded: importing {module_name} raised {said(error)}") from None
    except BaseException as error:
        raise CannotLoad(f"{name} cannot be loaded: importing {module_name} raised {said(error)}") from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise CannotLoad(f"{name} cannot be loaded: {module_name} has no {attribute}")
        found = getattr(found, part)
    if not callable(found):
        raise CannotLoad(f"{name} is no callable but {type(found).__name__}")
    return found


def import_file(path):
    """The module in a file, under the name of the file, with its folder on the path as Python itself does it."""
    if not os.path.isfile(path):
        raise FileNotFoundError(2, "no such file", path)
    folder, file = os.path.split(os.path.abspath(path))
    name = file[:-len(".py")]
    sys.path.insert(0, folder)
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


def keyword_arguments(texts):
    """The arguments of texts NAME=VALUE: JSON, true, false and none in any case, numbers, data types as torch.float32.

    All else is a string.
    """
    arguments = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise CannotLoad(f"--argument {text}: write NAME=VALUE")
        if name in arguments:
            raise CannotLoad(f"--argument {name} is given twice; leave one out")
        arguments[name] = argument_value(value)
    return arguments


def argument_value(text):
    word = text.strip().lower()
    if word in ("true", "false"):
        return word == "true"
    if word in ("none", "null"):
        return None
    for read in (json.loads, int, float):
        try:
            return read(text)
        except ValueError:
            pass
    if text.startswith("torch.") and hasattr(sys.modules.get("torch"), text[len("torch."):]):
        return getattr(sys.modules["torch"], text[len("torch."):])
    return text


# Understanding it


class Way:
    """One way to call: with which arrays, and how it is told the axis."""

    def __init__(self, arrays, keyword=None, fixed_axis=None):
        self.arrays = arrays
        #: `axis` or `dim`; None where it takes no axis.
        self.keyword = keyword
        #: The axis that it has of its own, where it takes none.
        self.fixed_axis = fixed_axis

    def __str__(self):
        arrays = {"numpy": "NumPy arrays", "torch": "torch tensors"}.get(self.arrays, f"{self.arrays} tensors")
        if self.keyword:
            return f"called with {arrays}, {self.keyword}="
        place = "last axis" if self.fixed_axis == -1 else f"axis {self.fixed_axis}"
        return f"called with {arrays} along its {place} only; other axes are moved there and back"


class Understanding:
    """A callable, its keyword arguments, and the way in which it is called.

    Raises CannotLoad where its signature says that it cannot be called so: an argument that it does not have, or one that
    it needs.
    """

    #: What it is tried with: a shape and an axis.
    trial = ((2, 3), 1)
    #: The types of numbers that it may take, in which it is tried.
    kinds = ("float32", "float64", "float16")

    def __init__(self, function, name, arguments=None, operation="softmax"):
        self.name = name
        self.operation = operation
        self.arguments = dict(arguments or {})
        self.function = function
        #: What results keep of it: how its arguments are read.
        self.facts = {f"argument {key}": json.dumps(value, default=str) for key, value in self.arguments.items()}
        #: Packages whose versions figures may depend on.
        self.packages = getattr(function, "packages", ())
        #: Bundled adapters are written for us.
        self.way = Way("numpy", "axis") if self.packages else None
        #: What was done to the callable before it was called.
        self.remark = None
        #: Makes an instance for an axis; None for what is called itself.
        self.instance = None
        if inspect.isclass(function):
            self.open_class(function)
        self.check_arguments()

    # What the signature says

    def open_class(self, kind):
        """A class is made an instance of: for each axis where its constructor takes one."""
        parameters = self.parameters(kind)
        keyword = next((word for word in AXIS_KEYWORDS if word in parameters), None)
        if keyword in self.arguments:
            keyword = None
        arguments = dict(self.arguments)
        if keyword is not None:
            self.check_arguments()
            self.instance = functools.cache(lambda axis: kind(**arguments, **{keyword: axis}))
            self.remark = f"an instance with {keyword}= for each axis"
            return
        self.check_arguments()
        try:
            self.function = kind(**arguments)
        except BaseException as error:
            raise CannotLoad(f"{self.name} cannot be made an instance of: {said(error)}") from None
        if not callable(self.function):
            raise CannotLoad(f"{self.name} is a class whose instances cannot be called")
        self.remark = "an instance of the class"
        self.arguments = {}

    @staticmethod
    def parameters(function):
        """The parameters by name; empty where Python does not know them."""
        try:
            return dict(inspect.signature(function).parameters)
        except (TypeError, ValueError):
            return {}

    def called(self):
        """What is called with a tensor, as far as it has a signature: the method of a module."""
        return getattr(self.function, "forward", self.function) if is_module(self.function) else self.function

    def check_arguments(self):
        parameters = self.parameters(self.called())
        kinds = inspect.Parameter
        takes_any = not parameters or any(entry.kind == kinds.VAR_KEYWORD for entry in parameters.values())
        names = [
            name for name, entry in parameters.items()
            if entry.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
        for name in self.arguments:
            if not takes_any and name not in names:
                raise CannotLoad(f"{self.name} has no argument {name}; it has {', '.join(names) or 'none'}")
        if inspect.isclass(self.function):
            return
        if any(name in AXIS_KEYWORDS for name in self.arguments):
            raise CannotLoad(f"{self.name}: the axis is for the audit to choose; leave --argument axis or dim out")
        positional = [
            name for name, entry in parameters.items()
            if entry.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
        variadic = any(entry.kind == kinds.VAR_POSITIONAL for entry in parameters.values())
        if parameters and not positional and not variadic:
            raise CannotLoad(f"{self.name} takes no logits: it has no positional argument")
        needed = [
            name for name, entry in parameters.items()
            if entry.default is kinds.empty and entry.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)
            and name not in positional[:self.input_count()] and name not in AXIS_KEYWORDS and name not in self.arguments]
        if needed:
            inputs = "the logits" if self.input_count() == 1 else f"the inputs of {self.operation}"
            raise CannotLoad(
                f"{self.name} needs {' and '.join(needed)} besides {inputs}; give it as --argument {needed[0]}=VALUE, "
                f"or name a function of {inputs} alone")
        if second_input(self.operation) == "targets" and "reduction" in names and "reduction" not in self.arguments:
            self.arguments["reduction"] = "none"
            self.remark = 'reduction="none"'

    def input_count(self):
        return 1 if second_input(self.operation) is None else 2

    def modifiers(self):
        """The modifiers that its signature has a parameter for, each with the name that it has there."""
        if self.operation not in MODIFIED_OPERATIONS:
            return {}
        own = self.parameters(self.called())
        found = {kind: [name for name in names if name in own and name not in self.arguments]
                 for kind, names in MODIFIER_NAMES.items()}
        return {kind: names[0] for kind, names in found.items() if names}

    def named_modifiers(self, modifiers, way):
        """The modifiers of a call under the names that the callable has for them, arrays as it takes them."""
        own, named = self.modifiers(), {}
        for kind, value in modifiers.items():
            if kind in (ALIGNMENT, "queries_differ"):
                continue
            if kind not in own:
                raise NotOffered(f"it has no parameter {kind}")
            named[own[kind]] = given(value, way.arrays) if hasattr(value, "dtype") else value
        alignment = modifiers.get(ALIGNMENT)
        if alignment is not None:
            if ALIGNMENT in self.parameters(self.called()):
                named[ALIGNMENT] = alignment
            elif modifiers.get("queries_differ"):
                raise NotOffered(f"it has no parameter {ALIGNMENT}, and there are not as many queries as keys")
        return named

    def named_parameters(self, parameters):
        """The parameters of a loss under the names that the callable has for them."""
        own = self.parameters(self.called())
        takes_any = not own or any(entry.kind == inspect.Parameter.VAR_KEYWORD for entry in own.values())
        named = {}
        for name, value in parameters.items():
            known = [word for word in PARAMETER_NAMES[name] if word in own]
            if not known and not takes_any:
                raise NotOffered(f"it has no parameter {name}")
            named[known[0] if known else name] = value
        return named

    def keywords(self):
        """The keywords for the axis that are worth trying, likely ones first; None for no axis."""
        parameters = self.parameters(self.called())
        named = [word for word in AXIS_KEYWORDS if word in parameters]
        if named:
            return named[:1]
        unknown = not parameters or any(
            entry.kind == inspect.Parameter.VAR_KEYWORD for entry in parameters.values())
        return [*AXIS_KEYWORDS, None] if unknown and not is_module(self.function) else [None]

    def ways(self):
        """The ways worth trying, likely ones first."""
        arrays = ["numpy"]
        if belongs_to_torch(self.function, self.name):
            arrays = ["torch"]
        elif "torch" in sys.modules:
            arrays.append("torch")
        device = own_device(self.function)
        if device != "cpu":
            arrays = [device]
        elif "torch" in arrays and accelerator():
            arrays.append(accelerator())
        if self.instance is not None:
            return [Way(kind, keyword="axis") for kind in arrays]
        fixed = own_axis(self.function)
        return [
            Way(kind, keyword, None if keyword else fixed) for kind in arrays for keyword in self.keywords()]

    def understand(self):
        """Finds the way by trying.

        Raises the error of the first way where none brings an answer.
        """
        import numpy

        first, answering = None, None
        # Nearly everything takes float32; what does not may take another.
        for kind in self.kinds:
            array = numpy.array([[0.0, 1.0, -1.0], [2.0, 0.5, 0.0]])
            array = (array if kind.startswith("float") else numpy.abs(array)).astype(kind)
            for way in self.ways():
                try:
                    others = trial_inputs(self.operation, array)
                    if self.call(way, array.copy(), 1, *others).shape == output_shape(self.operation, array.shape, 1):
                        self.way = way
                        return
                except Rubbish:
                    pass
                except Exception as error:
                    first = first or error
                    continue
                answering = answering or way
        if answering is None and self.make_axis_static():
            self.understand()
            return
        # It answers, if not with the shape of the operation: that is for the calls to tell.
        self.way = answering
        if answering is None:
            raise first

    def make_axis_static(self):
        """Compiles a jitted function of JAX anew, with an axis that is no tracer; False where it is none."""
        wrapped = getattr(self.function, "__wrapped__", None)
        jax = sys.modules.get("jax")
        if jax is None or wrapped is None or not hasattr(self.function, "lower") or self.remark is not None:
            return False
        words = [word for word in AXIS_KEYWORDS if word in self.parameters(wrapped)]
        if not words:
            return False
        self.function = jax.jit(wrapped, static_argnames=words)
        self.remark = f"jax.jit anew, with a static {words[0]}"
        return True

    # Calling it

    def __call__(self, array, *others, axis, modifiers=None, **parameters):
        if self.way is None:
            self.understand()
        return self.call(self.way, array, axis, *others, modifiers=modifiers, **parameters)

    def call(self, way, array, axis, *others, modifiers=None, **parameters):
        if modifiers and self.instance is not None:
            raise NotOffered("an instance for each axis takes no modifiers")
        arguments = {**self.arguments, **self.named_parameters(parameters)}
        if way.keyword is not None:
            arguments.update(self.named_modifiers(modifiers or {}, way))
        for name, value in arguments.items():
            if name in PARAMETER_NAMES["class_weights"] and hasattr(value, "dtype"):
                arguments[name] = given(value, way.arrays)
        inputs = [given(part, way.arrays) for part in (array, *others)]
        if self.instance is not None:
            answer = self.instance(axis)(*inputs)
        elif way.keyword is not None:
            answer = self.function(*inputs, **{way.keyword: axis}, **arguments)
        elif second_input(self.operation) is None:
            return self.call_along_own_axis(way, array, axis, modifiers or {})
        else:
            return self.call_with_rows(way, array, axis, others[0], arguments)
        return with_axis(as_array(answer), self.operation, array.shape, axis)

    def call_along_own_axis(self, way, array, axis, modifiers):
        import numpy

        own = way.fixed_axis
        rank = max(array.ndim, own + 1 if own >= 0 else -own)
        place = axis + rank - array.ndim

        def move(part):
            wide = part.reshape((1,) * (rank - part.ndim) + part.shape)
            return wide if place == own % rank else numpy.moveaxis(wide, place, own)

        moved = move(array)
        named = self.named_modifiers(
            {kind: move(value) if hasattr(value, "dtype") else value for kind, value in modifiers.items()}, way)
        answer = as_array(self.function(given(moved, way.arrays), **self.arguments, **named))
        answer = with_axis(answer, self.operation, moved.shape, own % rank)
        if answer.shape != output_shape(self.operation, moved.shape, own % rank):
            return answer
        if OPERATIONS[self.operation][0] == MATRIX:
            last = own % rank
            answer = numpy.moveaxis(answer, (last, last + 1), (place, place + 1))
            return answer.reshape(output_shape(self.operation, array.shape, axis))
        return numpy.moveaxis(answer, own, place).reshape(output_shape(self.operation, array.shape, axis))

    def call_with_rows(self, way, array, axis, other, arguments):
        """Calls a function of several inputs that takes no axis with a matrix, a lane in each row."""
        import numpy

        def rows(part):
            moved = numpy.moveaxis(part, axis, -1)
            return numpy.ascontiguousarray(moved.reshape(-1, moved.shape[-1]))

        second = numpy.ascontiguousarray(other.reshape(-1)) if other.ndim < array.ndim else rows(other)
        matrix = rows(array)
        answer = as_array(self.function(given(matrix, way.arrays), given(second, way.arrays), **arguments))
        shape = [*array.shape[:axis], *array.shape[axis + 1:]]
        if gives_one(self.operation):
            return with_axis(answer.reshape(shape), self.operation, array.shape, axis) \
                if answer.size == math.prod(shape) else answer
        if answer.shape != matrix.shape:
            return answer
        return numpy.moveaxis(answer.reshape(*shape, array.shape[axis]), -1, axis)

    def description(self):
        """What is kept with the results; empty before it was understood, and where there was nothing to find out."""
        if self.way is None or self.packages:
            return ""
        way = str(self.way).replace(", axis=", "") if self.instance is not None else str(self.way)
        return way + (f"; {self.remark}" if self.remark else "")


def is_module(function):
    """Whether it is a module of torch, or of what looks like it."""
    return not inspect.isclass(function) and hasattr(function, "forward") and hasattr(function, "named_parameters")


def belongs_to_torch(function, name):
    """Whether a callable is of torch itself, or a module, which only takes tensors."""
    while isinstance(function, functools.partial):
        function = function.func
    places = (name, getattr(function, "__module__", None) or "")
    kinds = function.__mro__ if inspect.isclass(function) else ()
    return is_module(function) or any(
        place.split(":")[0].split(".")[0] == "torch" for place in places) or any(
        kind.__module__.split(".")[0] == "torch" for kind in kinds)


def own_axis(function):
    """The axis that an object is made for, as torch.nn.Softmax(dim=1) is; else the last."""
    for word in AXIS_KEYWORDS:
        axis = getattr(function, word, None)
        if isinstance(axis, int) and not isinstance(axis, bool):
            return axis
    return -1


def own_device(function):
    """The device that the parameters of a module lie on."""
    parameter = next(iter(function.parameters()), None) if is_module(function) else None
    return "cpu" if parameter is None else str(parameter.device)


def accelerator():
    """The device of torch beside the processor; None where there is none."""
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    return "cuda" if cuda is not None and cuda.is_available() else None


def trial_inputs(operation, array):
    """The inputs beside the first for a matrix of logits, a lane in each row."""
    import numpy

    role = second_input(operation)
    if role == "upstream":
        return [numpy.ones_like(array)]
    return [numpy.arange(array.shape[0]) % array.shape[1]] if role == "targets" else []


# Arrays and tensors


def given(array, arrays):
    """An array as it is, or as a tensor with its bits."""
    if arrays == "numpy":
        return array
    tensor = to_torch(array)
    return tensor if arrays == "torch" else tensor.to(arrays)


def to_torch(array):
    """A tensor that shares the memory of an array, strides included.

    Torch has neither negative strides nor memory that must not be written to: such arrays are copied. It takes no
    bfloat16 and no 8-bit floats from NumPy, and gets the bits as integers.
    """
    import torch

    if any(stride < 0 for stride in array.strides) or not array.flags.writeable or not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="), order="C", copy=True)
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view("int16")).view(torch.bfloat16)
    if array.dtype.name.startswith("float8_"):
        return torch.from_numpy(array.view("uint8")).view(getattr(torch, array.dtype.name))
    return torch.from_numpy(array)


def as_array(result):
    """An answer as an array: tensors are detached, moved to the host, and read as the bits that they are.

    Raises Rubbish where it is none.
    """
    import numpy

    if result is None:
        raise Rubbish("it returned None")
    try:
        if is_tensor(result):
            return tensor_as_array(result)
        # What CuPy computes does not come to the host by itself.
        return numpy.asarray(result.get() if type(result).__module__.split(".")[0] == "cupy" else result)
    except BaseException as error:
        raise Rubbish(f"it returned {type(result).__name__}, which is no array ({said(error)})") from None


def tensor_as_array(result):
    import torch

    tensor = result.detach()
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    tensor = tensor.cpu()
    if tensor.dtype == torch.bfloat16:
        import ml_dtypes

        return tensor.contiguous().view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    name = str(tensor.dtype).removeprefix("torch.")
    if name.startswith("float8_"):
        import ml_dtypes

        return tensor.contiguous().view(torch.uint8).numpy().view(getattr(ml_dtypes, name))
    return tensor.numpy()


def is_tensor(result):
    torch = sys.modules.get("torch")
    kind = getattr(torch, "Tensor", None)
    return kind is not None and isinstance(result, kind)
