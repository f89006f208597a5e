"""How a Python callable is called as an attention: callable(query, key, value, scale=s, causal=True, ...).

Tensors have four dimensions: (batch, heads, length, dimension); keys and values may have fewer heads. The answer is the
output, or a pair (output, logsumexp).
"""

import inspect
import json
import struct
import sys
import time

from softmax_audit.callables import (
    ALIGNMENT, CannotLoad, NotOffered, Rubbish, as_array, belongs_to_torch, given, is_module, said)

#: The modifiers, by the names that callables have for them, likely ones first.
MODIFIER_NAMES = {
    "scale": ("scale", "scaling", "softmax_scale"),
    "softcap": ("softcap", "soft_cap", "logits_soft_cap"),
    "mask": ("mask", "attn_mask", "attention_mask", "bias"),
    "causal": ("causal", "is_causal"),
    "sink": ("sink", "sinks", "s_aux")}
#: The parameter by which a callable is told that heads are grouped.
GROUPED = "enable_gqa"
#: The parameters of callables that have no signature Python knows, by the end of their name.
KNOWN = {"scaled_dot_product_attention": ("attn_mask", "is_causal", "scale", GROUPED)}
#: A case that nothing can be wrong with: a batch of one head, two queries, three keys, and
#: values of as many numbers.
TRIAL = (1, 1, 1, 2, 3, 4, 4)


class AttentionCallable:
    """A callable of queries, keys and values, its keyword arguments, and the arrays that it takes."""

    operation = "attention"

    def __init__(self, function, name, arguments=None):
        self.name = name
        self.function = function
        self.arguments = dict(arguments or {})
        self.facts = {f"argument {key}": json.dumps(value, default=str) for key, value in self.arguments.items()}
        #: NumPy arrays or torch tensors; None before that is known.
        self.arrays = "torch" if belongs_to_torch(function, name) else None
        if inspect.isclass(function):
            try:
                self.function = function(**self.arguments)
            except BaseException as error:
                raise CannotLoad(f"{name} cannot be made an instance of: {said(error)}") from None
            self.arguments = {}
        self.packages = getattr(function, "packages", ())
        self.names = self.parameters()
        if self.names is not None:
            for word in self.arguments:
                if word not in self.names:
                    raise CannotLoad(f"{name} has no argument {word}; it has {', '.join(self.names) or 'none'}")

    def parameters(self):
        """The names that it takes; None where it takes any."""
        called = getattr(self.function, "forward", self.function) if is_module(self.function) else self.function
        try:
            parameters = inspect.signature(called).parameters
        except (TypeError, ValueError):
            return KNOWN.get(getattr(self.function, "__name__", ""), ())
        if any(entry.kind == inspect.Parameter.VAR_KEYWORD for entry in parameters.values()):
            return None
        return tuple(parameters)

    def takes(self, word):
        return (self.names is None or word in self.names) and word not in self.arguments

    def modifiers(self):
        """The modifiers that it may be called with, each with the name that it has there.

        What takes any keyword is offered those that it names itself.
        """
        own = () if self.names is None else self.names
        found = {kind: [word for word in words if word in own and word not in self.arguments]
                 for kind, words in MODIFIER_NAMES.items()}
        return {kind: words[0] for kind, words in found.items() if words}

    def description(self):
        return {"torch": "called with torch tensors", "numpy": "called with NumPy arrays"}.get(self.arrays, "")

    def named(self, modifiers, sizes):
        """The keyword arguments of a call."""
        own, named = self.modifiers(), {}
        for kind, value in modifiers.items():
            if kind == ALIGNMENT:
                continue
            if kind not in own:
                raise NotOffered(f"it has no parameter {kind}")
            named[own[kind]] = given(value, self.arrays) if hasattr(value, "dtype") else value
        alignment = modifiers.get(ALIGNMENT)
        if alignment is not None:
            if self.names is not None and ALIGNMENT in self.names:
                named[ALIGNMENT] = alignment
            elif sizes[3] != sizes[4]:
                raise NotOffered(f"it has no parameter {ALIGNMENT}, and there are not as many queries as keys")
        if sizes[1] != sizes[2] and self.names is not None and GROUPED in self.names:
            named[GROUPED] = True
        return named

    def __call__(self, tensors, sizes, modifiers):
        if self.arrays is None:
            self.find_arrays(tensors, sizes)
        return self.function(
            *[given(part, self.arrays) for part in tensors], **self.arguments, **self.named(modifiers, sizes))

    def find_arrays(self, tensors, sizes):
        """NumPy arrays, or torch tensors where those bring no answer and torch is there."""
        self.arrays = "numpy"
        try:
            as_array(first(self.function(*[part.copy() for part in tensors], **self.arguments, **self.named({}, sizes))))
        except Exception:
            if "torch" in sys.modules:
                self.arrays = "torch"


def first(result):
    """The output of an answer that may be a pair."""
    return result[0] if isinstance(result, (tuple, list)) else result


def second(result):
    """The logsumexp of an answer; None where it has none."""
    return result[1] if isinstance(result, (tuple, list)) and len(result) > 1 else None


def shapes(sizes):
    """The shapes of query, key, value, mask and sinks."""
    batch, heads, key_heads, queries, keys, dimension, value_dimension = sizes
    return (
        (batch, heads, queries, dimension), (batch, key_heads, keys, dimension), (batch, key_heads, keys, value_dimension),
        (batch, heads, queries, keys), (heads,))


def answered(host, tensors, sizes, modifiers, format_name):
    """The output and the logsumexp as arrays of the shapes that they must have."""
    result = host.function(tensors, sizes, modifiers)
    output, rest = as_array(first(result)), second(result)
    batch, heads, _, queries, _, _, width = sizes
    if output.shape != (batch, heads, queries, width):
        raise Rubbish(f"it returned the shape {output.shape}, not {(batch, heads, queries, width)}")
    if format_name is not None and output.dtype != host.types[format_name]:
        raise Rubbish(f"it returned {output.dtype}, not {format_name}")
    if rest is None:
        return output, None
    logsumexp = as_array(rest)
    if logsumexp.size != batch * heads * queries:
        raise Rubbish(f"the logsumexp has the shape {logsumexp.shape}, not {(batch, heads, queries)}")
    return output, logsumexp.reshape(batch, heads, queries)


def probe(host, format_name):
    """The name of the output format; raises where the format is not taken."""
    if format_name not in host.types:
        raise TypeError("bfloat16 needs the package ml_dtypes")
    tensors = [
        host.numpy.resize([0.0, 1.0, -1.0, 0.5], shape).astype(host.types[format_name]) for shape in shapes(TRIAL)[:3]]
    output, _ = answered(host, tensors, TRIAL, {}, None)
    for name, dtype in host.types.items():
        if output.dtype == dtype:
            return name
    raise Rubbish(f"it returns {output.dtype} for {format_name}")


def call(host, worker, content, formats, layouts):
    """Answers a message: writes output and logsumexp to the shared file, gives nanoseconds and misconduct."""
    _, source, target, layout, causal, scale, softcap = struct.unpack("<QIIIidd", content[:40])
    numbers = struct.unpack("<14Q", content[40:152])
    sizes, offsets = numbers[:7], numbers[7:]
    source_type, target_type = host.types[formats[source]], host.types[formats[target]]

    def array(shape, start):
        return worker.array(host, shape, source_type, start)

    own = shapes(sizes)
    tensors = [host.laid_out(array(shape, start), layouts[layout])[0] for shape, start in zip(own[:3], offsets[:3])]
    modifiers = worker.numeric_modifiers(scale, softcap, causal)
    if offsets[3] != 0:
        modifiers["mask"] = array(own[3], offsets[3])
    if offsets[4] != 0:
        modifiers["sink"] = array(own[4], offsets[4])
    inputs = [*tensors, *[part for part in modifiers.values() if hasattr(part, "tobytes")]]
    before = [part.tobytes() for part in inputs]
    start = time.perf_counter_ns()
    output, logsumexp = answered(host, tensors, sizes, modifiers, formats[target])
    elapsed = time.perf_counter_ns() - start
    misconduct = []
    if any(part.tobytes() != then for part, then in zip(inputs, before)):
        misconduct.append({"kind": "inputModified", "explanation": "an input was changed"})
    worker.store(host, output, target_type, offsets[5])
    if logsumexp is not None:
        worker.store(host, logsumexp.astype("float32"), "float32", offsets[6])
    return worker.report(elapsed, misconduct)
