"""The operations of libraries, and the recipes that people pass on, as callables for softmax-audit.

`softmax-audit audit --library NAME --operation OPERATION` uses them; NAME is a library (`scipy`, `numpy` with all its
recipes) or one of the names below. As a program with --list it prints them as JSON, with the versions that this interpreter
has installed.

Every adapter is called as adapter(array, axis=k), with the inputs of the operation in its order and the parameters of losses
by name; those of attention as adapter(query, key, value), with modifiers by name. Libraries are imported when they are first called, run on one thread
where they can be told to, and refuse the formats that they do not have.
"""

import functools
import json
import math
import sys

from softmax_audit.callables import NotOffered

ADAPTERS: list = []


def adapter(name, summary, *packages, operation="softmax"):
    """Registers a function under a name, with the packages that it needs and the operation that it computes."""

    def register(function):
        ADAPTERS.append((name, operation, function.__name__, summary, packages))
        # The worker records their versions before the adapter imports them.
        function.packages = packages
        return function

    return register


# Recipes in NumPy. Some are wrong, and that is why they are here.


@adapter("numpy:naive", "exp(x) / sum(exp(x), axis)", "numpy")
def numpy_naive(x, axis):
    import numpy
    return numpy.exp(x) / numpy.sum(numpy.exp(x), axis=axis, keepdims=True)


@adapter("numpy:global-max-global-sum", "exp(x - max(x)) / sum over everything", "numpy")
def numpy_global_max_global_sum(x, axis):
    import numpy
    powers = numpy.exp(x - numpy.max(x))
    return powers / numpy.sum(powers)


@adapter("numpy:global-max-axis-sum", "exp(x - max(x)) / sum(axis): one maximum for the whole tensor", "numpy")
def numpy_global_max_axis_sum(x, axis):
    import numpy
    powers = numpy.exp(x - numpy.max(x))
    return powers / numpy.sum(powers, axis=axis, keepdims=True)


@adapter("numpy:axis-0", "exp(x - max(x)) / sum(axis=0), whatever the axis", "numpy")
def numpy_axis_0(x, axis):
    import numpy
    powers = numpy.exp(x - numpy.max(x))
    return powers / powers.sum(axis=0)


@adapter("numpy:max-trick", "exp(x - max(axis)) / sum(axis): the standard", "numpy")
def numpy_max_trick(x, axis):
    import numpy
    powers = numpy.exp(x - numpy.max(x, axis=axis, keepdims=True))
    return powers / numpy.sum(powers, axis=axis, keepdims=True)


@adapter("numpy:in-place", "x -= max(axis); exp; divide: in the caller's array", "numpy")
def numpy_in_place(x, axis):
    import numpy
    x -= numpy.max(x, axis=axis, keepdims=True)
    numpy.exp(x, out=x)
    x /= numpy.sum(x, axis=axis, keepdims=True)
    return x


@adapter("numpy:transposed", "exp(x.T - max(x, -1)) / sum(axis 0), transposed back", "numpy")
def numpy_transposed(x, axis):
    import numpy
    powers = numpy.exp(x.T - numpy.max(x, axis=-1))
    return (powers / numpy.sum(powers, axis=0)).T


@adapter("numpy:first-axis-2d", "rows of a matrix; anything else as one vector", "numpy")
def numpy_first_axis_2d(x, axis):
    import numpy
    if x.ndim == 2:
        powers = numpy.exp(x - numpy.max(x, axis=1)[:, None])
        return powers / numpy.sum(powers, axis=1)[:, None]
    powers = numpy.exp(x - numpy.max(x))
    return powers / numpy.sum(powers)


@adapter("numpy:theta-axis", "softmax(theta x, axis) with theta = 1.0", "numpy")
def numpy_theta_axis(x, axis, theta=1.0):
    import numpy
    if axis is None:
        axis = next((k for k, size in enumerate(x.shape) if size > 1), 0)
    scaled = x * theta
    scaled = scaled - numpy.expand_dims(numpy.max(scaled, axis=axis), axis)
    powers = numpy.exp(scaled)
    return powers / numpy.expand_dims(numpy.sum(powers, axis=axis), axis)


@adapter("numpy:log-domain", "exp(x - logsumexp(x, axis))", "numpy")
def numpy_log_domain(x, axis):
    import numpy
    largest = numpy.max(x, axis=axis, keepdims=True)
    logarithm = largest + numpy.log(numpy.sum(numpy.exp(x - largest), axis=axis, keepdims=True))
    return numpy.exp(x - logarithm)


@adapter("numpy:log-domain-no-axis", "exp(x - logsumexp(x)) over everything", "numpy")
def numpy_log_domain_no_axis(x, axis):
    import numpy
    largest = numpy.max(x)
    return numpy.exp(x - (largest + numpy.log(numpy.sum(numpy.exp(x - largest)))))


@adapter("numpy:twice-exp", "exp(x - max(axis)) computed twice, for numerator and sum", "numpy")
def numpy_twice_exp(x, axis):
    import numpy
    largest = numpy.max(x, axis=axis, keepdims=True)
    return numpy.exp(x - largest) / numpy.sum(numpy.exp(x - largest), axis=axis, keepdims=True)


@adapter("numpy:list-comprehension", "[exp(v) for v in x] / sum, in Python floats", "numpy")
def numpy_list_comprehension(x, axis):
    import numpy

    def lane(values):
        powers = [math.exp(value) for value in values.tolist()]
        total = sum(powers)
        return numpy.array([power / total for power in powers])

    if x.shape[axis] == 0 or x.size == 0:
        return numpy.zeros(x.shape)
    return numpy.apply_along_axis(lane, axis, x.astype(float))


# Libraries


@adapter("scipy", "scipy.special.softmax", "scipy")
def scipy(x, axis):
    from scipy import special
    return special.softmax(x, axis=axis)


@adapter("sklearn", "sklearn.utils.extmath.softmax, which takes the rows of a matrix", "scikit-learn")
def sklearn(x, axis):
    import numpy
    from sklearn.utils import extmath
    moved = numpy.moveaxis(x, axis, -1)
    if moved.size == 0:
        return numpy.zeros_like(x)
    rows = extmath.softmax(moved.reshape(-1, moved.shape[-1]), copy=True)
    return numpy.moveaxis(rows.reshape(moved.shape), -1, axis)


@functools.cache
def single_threaded_torch():
    import torch
    torch.set_num_threads(1)
    return torch


def to_torch(x):
    """A tensor with the bits of an array; torch takes neither negative strides nor bfloat16 from NumPy."""
    import numpy
    torch = single_threaded_torch()
    x = numpy.array(x, order="C", copy=True)
    if x.dtype.name == "bfloat16":
        return torch.from_numpy(x.view(numpy.int16)).view(torch.bfloat16)
    return torch.from_numpy(x)


def from_torch(y, dtype):
    import numpy
    torch = single_threaded_torch()
    if y.dtype == torch.bfloat16:
        return y.contiguous().view(torch.int16).numpy().view(dtype)
    return numpy.asarray(y.numpy())


@adapter("torch", "torch.nn.functional.softmax", "torch")
def torch(x, axis):
    y = single_threaded_torch().nn.functional.softmax(to_torch(x), dim=axis)
    return from_torch(y, x.dtype)


@adapter("torch:log-softmax", "torch.exp of torch.nn.functional.log_softmax", "torch")
def torch_log_softmax(x, axis):
    torch = single_threaded_torch()
    return from_torch(torch.exp(torch.nn.functional.log_softmax(to_torch(x), dim=axis)), x.dtype)


@adapter("torch:formula", "torch.exp(x) / torch.sum(torch.exp(x), dim=1).view(-1, 1)", "torch")
def torch_formula(x, axis):
    torch = single_threaded_torch()
    t = to_torch(x)
    return from_torch(torch.exp(t) / torch.sum(torch.exp(t), dim=1).view(-1, 1), x.dtype)


@adapter("tensorflow", "tf.nn.softmax", "tensorflow-cpu")
def tensorflow(x, axis):
    import tensorflow
    with tensorflow.device("/CPU:0"):
        return tensorflow.nn.softmax(tensorflow.constant(x), axis=axis).numpy()


@adapter("keras", "keras.activations.softmax, with the backend of KERAS_BACKEND", "keras")
def keras(x, axis):
    import keras
    import numpy
    return numpy.asarray(keras.ops.convert_to_numpy(
        keras.activations.softmax(keras.ops.convert_to_tensor(x), axis=axis)))


@functools.cache
def wide_jax():
    import jax
    # Without this float64 becomes float32.
    jax.config.update("jax_enable_x64", True)
    return jax


@adapter("jax", "jax.nn.softmax", "jax")
def jax(x, axis):
    import numpy
    return numpy.asarray(wide_jax().nn.softmax(x, axis=axis))


@functools.cache
def jitted_jax_softmax():
    jax = wide_jax()
    return jax.jit(jax.nn.softmax, static_argnames="axis")


@adapter("jax:jit", "jax.jit of jax.nn.softmax", "jax")
def jax_jit(x, axis):
    import numpy
    return numpy.asarray(jitted_jax_softmax()(x, axis=axis))


@functools.cache
def onnxruntime_session(operator, element_type, rank, axis):
    from softmax_audit.onnx_model import of_operator, session_of
    place = {"axes": [axis]} if operator.startswith("Reduce") else {"axis": axis}
    shape = [None] * rank
    return session_of(of_operator(operator, element_type, [("x", shape)], shape, **place))


def with_onnxruntime(operator, x, axis):
    import numpy
    import onnx
    if x.dtype.name == "bfloat16":
        raise TypeError(f"onnxruntime has no {operator} for bfloat16 on the processor")
    element_type = onnx.helper.np_dtype_to_tensor_dtype(x.dtype)
    session = onnxruntime_session(operator, element_type, x.ndim, axis)
    return session.run(None, {"x": numpy.ascontiguousarray(x)})[0]


@adapter("onnxruntime", "the operator Softmax, opset 13, in onnxruntime on the processor", "onnxruntime", "onnx")
def onnxruntime(x, axis):
    return with_onnxruntime("Softmax", x, axis)


@functools.cache
def numba_rows(fastmath):
    import numba
    import numpy

    @numba.njit(fastmath=fastmath)
    def rows(x, y):
        for row in range(x.shape[0]):
            largest = x[row, 0]
            for k in range(1, x.shape[1]):
                largest = max(largest, x[row, k])
            total = x.dtype.type(0)
            for k in range(x.shape[1]):
                y[row, k] = numpy.exp(x[row, k] - largest)
                total += y[row, k]
            for k in range(x.shape[1]):
                y[row, k] /= total

    return rows


def with_numba(x, axis, fastmath):
    import numpy
    if x.dtype.name not in ("float32", "float64"):
        raise TypeError(f"numba has no {x.dtype} on the processor")
    moved = numpy.ascontiguousarray(numpy.moveaxis(x, axis, -1))
    y = numpy.zeros_like(moved)
    if moved.size > 0:
        length = moved.shape[-1]
        numba_rows(fastmath)(moved.reshape(-1, length), y.reshape(-1, length))
    return numpy.moveaxis(y, -1, axis)


@adapter("numba", "maximum, exp and sum in a compiled loop", "numba")
def numba(x, axis):
    return with_numba(x, axis, False)


@adapter("numba:fastmath", "the same loop with fastmath, which may assume that there is no NaN or infinity", "numba")
def numba_fastmath(x, axis):
    return with_numba(x, axis, True)


@adapter("cupy", "exp(x - amax) / sum with keepdims, on a GPU", "cupy-cuda12x")
def cupy(x, axis):
    import cupy
    if x.dtype.name == "bfloat16":
        raise TypeError("cupy has no bfloat16")
    given = cupy.asarray(x)
    powers = cupy.exp(given - cupy.amax(given, axis=axis, keepdims=True))
    return cupy.asnumpy(powers / cupy.sum(powers, axis=axis, keepdims=True))


@functools.cache
def openvino_model(operator, type_name, shape, axis):
    import openvino
    from openvino import opset13
    parameter = opset13.parameter(list(shape), dtype=type_name)
    model = openvino.Model([getattr(opset13, operator)(parameter, axis)], [parameter])
    # The default hint lets it compute float32 in bfloat16 where the processor has it.
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    return openvino.compile_model(model, "CPU", options)


def with_openvino(operator, x, axis):
    import numpy
    if x.dtype.name == "bfloat16":
        raise TypeError("bfloat16 does not get into openvino from NumPy")
    return openvino_model(operator, x.dtype.type, x.shape, axis)(numpy.ascontiguousarray(x))[0]


@adapter("openvino", "the operator Softmax in openvino on the processor, precision hint f32", "openvino")
def openvino(x, axis):
    return with_openvino("softmax", x, axis)


def with_mlx(function, x, axis):
    import mlx.core as core
    import numpy
    if x.dtype.name == "bfloat16":
        given = core.array(numpy.ascontiguousarray(x).view(numpy.uint16)).view(core.bfloat16)
        return numpy.array(function(given, axis=axis).view(core.uint16)).view(x.dtype)
    if x.dtype == numpy.float64:
        with core.stream(core.cpu):
            return numpy.array(function(core.array(x, dtype=core.float64), axis=axis))
    return numpy.array(function(core.array(x), axis=axis))


@adapter("mlx", "mlx.core.softmax", "mlx")
def mlx(x, axis):
    import mlx.core as core
    return with_mlx(core.softmax, x, axis)


@adapter("tinygrad", "tinygrad.Tensor.softmax", "tinygrad")
def tinygrad(x, axis):
    import numpy
    from tinygrad import Tensor
    if x.dtype.name == "bfloat16":
        raise TypeError("bfloat16 does not get into tinygrad from NumPy")
    return Tensor(numpy.ascontiguousarray(x)).softmax(axis=axis).numpy()


# Log-softmax.


@adapter("numpy:naive", "x - log(sum(exp(x), axis))", "numpy", operation="log-softmax")
def numpy_naive_log_softmax(x, axis):
    import numpy
    return x - numpy.log(numpy.sum(numpy.exp(x), axis=axis, keepdims=True))


@adapter("numpy:log-of-softmax", "log(softmax(x, axis)): -inf where the probability underflows", "numpy",
         operation="log-softmax")
def numpy_log_of_softmax(x, axis):
    import numpy
    return numpy.log(numpy_max_trick(x, axis))


@adapter("numpy:shifted", "(x - max(axis)) - log(sum(exp(x - max(axis)), axis)): the standard", "numpy",
         operation="log-softmax")
def numpy_shifted_log_softmax(x, axis):
    import numpy
    shifted = x - numpy.max(x, axis=axis, keepdims=True)
    return shifted - numpy.log(numpy.sum(numpy.exp(shifted), axis=axis, keepdims=True))


@adapter("numpy:logsumexp", "x - logsumexp(x, axis)", "numpy", operation="log-softmax")
def numpy_offset_log_softmax(x, axis):
    return x - numpy_max_trick_logsumexp(x, axis)


@adapter("scipy", "scipy.special.log_softmax", "scipy", operation="log-softmax")
def scipy_log_softmax(x, axis):
    from scipy import special
    return special.log_softmax(x, axis=axis)


@adapter("torch", "torch.nn.functional.log_softmax", "torch", operation="log-softmax")
def torch_own_log_softmax(x, axis):
    return from_torch(single_threaded_torch().nn.functional.log_softmax(to_torch(x), dim=axis), x.dtype)


@adapter("tensorflow", "tf.nn.log_softmax", "tensorflow-cpu", operation="log-softmax")
def tensorflow_log_softmax(x, axis):
    import tensorflow
    with tensorflow.device("/CPU:0"):
        return tensorflow.nn.log_softmax(tensorflow.constant(x), axis=axis).numpy()


@adapter("keras", "keras.ops.log_softmax, with the backend of KERAS_BACKEND", "keras", operation="log-softmax")
def keras_log_softmax(x, axis):
    import keras
    import numpy
    return numpy.asarray(keras.ops.convert_to_numpy(
        keras.ops.log_softmax(keras.ops.convert_to_tensor(x), axis=axis)))


@adapter("jax", "jax.nn.log_softmax", "jax", operation="log-softmax")
def jax_log_softmax(x, axis):
    import numpy
    return numpy.asarray(wide_jax().nn.log_softmax(x, axis=axis))


@functools.cache
def jitted_jax(name):
    jax = wide_jax()
    return jax.jit(getattr(jax.nn, name), static_argnames="axis")


@adapter("jax:jit", "jax.jit of jax.nn.log_softmax", "jax", operation="log-softmax")
def jax_jit_log_softmax(x, axis):
    import numpy
    return numpy.asarray(jitted_jax("log_softmax")(x, axis=axis))


@adapter("onnxruntime", "the operator LogSoftmax, opset 13, in onnxruntime on the processor", "onnxruntime", "onnx",
         operation="log-softmax")
def onnxruntime_log_softmax(x, axis):
    return with_onnxruntime("LogSoftmax", x, axis)


@adapter("cupy", "cupyx.scipy.special.log_softmax, on a GPU", "cupy-cuda12x", operation="log-softmax")
def cupy_log_softmax(x, axis):
    import cupy
    from cupyx.scipy import special
    if x.dtype.name == "bfloat16":
        raise TypeError("cupy has no bfloat16")
    return cupy.asnumpy(special.log_softmax(cupy.asarray(x), axis=axis))


@adapter("openvino", "the operator LogSoftmax in openvino on the processor, precision hint f32", "openvino",
         operation="log-softmax")
def openvino_log_softmax(x, axis):
    return with_openvino("log_softmax", x, axis)


@adapter("mlx", "mlx.nn.log_softmax", "mlx", operation="log-softmax")
def mlx_log_softmax(x, axis):
    from mlx import nn
    return with_mlx(nn.log_softmax, x, axis)


@adapter("tinygrad", "tinygrad.Tensor.log_softmax", "tinygrad", operation="log-softmax")
def tinygrad_log_softmax(x, axis):
    import numpy
    from tinygrad import Tensor
    if x.dtype.name == "bfloat16":
        raise TypeError("bfloat16 does not get into tinygrad from NumPy")
    return Tensor(numpy.ascontiguousarray(x)).log_softmax(axis=axis).numpy()


# Logsumexp. The axis is kept with length 1, or dropped where that is what the library does.


@adapter("numpy:naive", "log(sum(exp(x), axis))", "numpy", operation="logsumexp")
def numpy_naive_logsumexp(x, axis):
    import numpy
    return numpy.log(numpy.sum(numpy.exp(x), axis=axis, keepdims=True))


@adapter("numpy:max-trick", "max(axis) + log(sum(exp(x - max(axis)), axis)): the standard", "numpy",
         operation="logsumexp")
def numpy_max_trick_logsumexp(x, axis):
    import numpy
    largest = numpy.max(x, axis=axis, keepdims=True)
    return largest + numpy.log(numpy.sum(numpy.exp(x - largest), axis=axis, keepdims=True))


@adapter("numpy:logaddexp", "logaddexp.reduce(x, axis): one term after the other", "numpy", operation="logsumexp")
def numpy_logaddexp(x, axis):
    import numpy
    return numpy.logaddexp.reduce(x, axis=axis)


@adapter("scipy", "scipy.special.logsumexp", "scipy", operation="logsumexp")
def scipy_logsumexp(x, axis):
    from scipy import special
    return special.logsumexp(x, axis=axis)


@adapter("torch", "torch.logsumexp", "torch", operation="logsumexp")
def torch_logsumexp(x, axis):
    return from_torch(single_threaded_torch().logsumexp(to_torch(x), dim=axis), x.dtype)


@adapter("tensorflow", "tf.reduce_logsumexp", "tensorflow-cpu", operation="logsumexp")
def tensorflow_logsumexp(x, axis):
    import tensorflow
    with tensorflow.device("/CPU:0"):
        return tensorflow.reduce_logsumexp(tensorflow.constant(x), axis=axis).numpy()


@adapter("keras", "keras.ops.logsumexp, with the backend of KERAS_BACKEND", "keras", operation="logsumexp")
def keras_logsumexp(x, axis):
    import keras
    import numpy
    return numpy.asarray(keras.ops.convert_to_numpy(
        keras.ops.logsumexp(keras.ops.convert_to_tensor(x), axis=axis)))


@adapter("jax", "jax.nn.logsumexp", "jax", operation="logsumexp")
def jax_logsumexp(x, axis):
    import numpy
    return numpy.asarray(wide_jax().nn.logsumexp(x, axis=axis))


@adapter("jax:jit", "jax.jit of jax.nn.logsumexp", "jax", operation="logsumexp")
def jax_jit_logsumexp(x, axis):
    import numpy
    return numpy.asarray(jitted_jax("logsumexp")(x, axis=axis))


@adapter("onnxruntime", "the operator ReduceLogSumExp, opset 13, in onnxruntime on the processor", "onnxruntime", "onnx",
         operation="logsumexp")
def onnxruntime_logsumexp(x, axis):
    return with_onnxruntime("ReduceLogSumExp", x, axis)


@adapter("cupy", "cupyx.scipy.special.logsumexp, on a GPU", "cupy-cuda12x", operation="logsumexp")
def cupy_logsumexp(x, axis):
    import cupy
    from cupyx.scipy import special
    if x.dtype.name == "bfloat16":
        raise TypeError("cupy has no bfloat16")
    return cupy.asnumpy(special.logsumexp(cupy.asarray(x), axis=axis))


@adapter("mlx", "mlx.core.logsumexp", "mlx", operation="logsumexp")
def mlx_logsumexp(x, axis):
    import mlx.core as core
    return with_mlx(core.logsumexp, x, axis)


@adapter("tinygrad", "tinygrad.Tensor.logsumexp", "tinygrad", operation="logsumexp")
def tinygrad_logsumexp(x, axis):
    import numpy
    from tinygrad import Tensor
    if x.dtype.name == "bfloat16":
        raise TypeError("bfloat16 does not get into tinygrad from NumPy")
    return Tensor(numpy.ascontiguousarray(x)).logsumexp(axis=axis).numpy()


# Losses, gradients and Jacobians. They give one array, of the format of their first input.


@adapter("numpy:of-log-softmax", "-log_softmax(x)[target]", "numpy", operation="cross-entropy")
def numpy_cross_entropy(x, targets, axis, label_smoothing=0.0, ignore_index=-100, class_weights=None):
    import numpy
    logarithms = numpy_shifted_log_softmax(x, axis)
    chosen = numpy.where(targets == ignore_index, 0, targets)
    place = numpy.expand_dims(chosen, axis)
    kind = x.dtype.type
    own = -numpy.take_along_axis(logarithms, place, axis)
    weights = None
    if class_weights is not None:
        shape = [1] * x.ndim
        shape[axis] = -1
        weights = class_weights.reshape(shape)
        own = own * numpy.take_along_axis(numpy.broadcast_to(weights, x.shape), place, axis)
    loss = own
    if label_smoothing:
        spread = -logarithms if weights is None else -logarithms * weights
        loss = kind(1 - label_smoothing) * own + kind(label_smoothing / x.shape[axis]) * spread.sum(axis, keepdims=True)
    return numpy.where(numpy.expand_dims(targets, axis) == ignore_index, kind(0), loss)


@adapter("numpy:one-hot", "-sum(one_hot * log(softmax(x)))", "numpy", operation="cross-entropy")
def numpy_one_hot_cross_entropy(x, targets, axis):
    import numpy
    places = numpy.moveaxis(numpy.eye(x.shape[axis], dtype=x.dtype)[numpy.maximum(targets, 0)], -1, axis)
    return -numpy.sum(places * numpy.log(numpy_max_trick(x, axis)), axis=axis, keepdims=True)


@adapter("numpy:softmax-less-target", "softmax(x) - one_hot", "numpy", operation="cross-entropy-vjp")
def numpy_cross_entropy_vjp(x, targets, axis):
    import numpy
    places = numpy.moveaxis(numpy.eye(x.shape[axis], dtype=x.dtype)[numpy.maximum(targets, 0)], -1, axis)
    gradient = numpy_max_trick(x, axis) - places
    return numpy.where(numpy.expand_dims(targets, axis) == -100, x.dtype.type(0), gradient)


@adapter("numpy:recomputed", "p * (g - sum(p * g))", "numpy", operation="softmax-vjp")
def numpy_softmax_vjp(x, g, axis):
    return numpy_softmax_backward(numpy_max_trick(x, axis), g, axis)


@adapter("numpy:jacobian", "einsum of the Jacobian with g", "numpy", operation="softmax-vjp")
def numpy_einsum_softmax_vjp(x, g, axis):
    import numpy
    rows = numpy.moveaxis(numpy_max_trick(x, axis), axis, -1)
    jacobian = numpy.einsum("...i,ij->...ij", rows, numpy.eye(x.shape[axis], dtype=x.dtype)) \
        - numpy.einsum("...i,...j->...ij", rows, rows)
    return numpy.moveaxis(numpy.einsum("...ij,...i->...j", jacobian, numpy.moveaxis(g, axis, -1)), -1, axis)


@adapter("numpy:centred", "y * (g - sum(y * g))", "numpy", operation="softmax-backward")
def numpy_softmax_backward(y, g, axis):
    return y * (g - (y * g).sum(axis=axis, keepdims=True))


@adapter("numpy:exp-of-log", "g - exp(log_softmax(x)) * sum(g)", "numpy", operation="log-softmax-vjp")
def numpy_log_softmax_vjp(x, g, axis):
    import numpy
    return g - numpy.exp(numpy_shifted_log_softmax(x, axis)) * g.sum(axis=axis, keepdims=True)


@adapter("numpy:diagflat", "diagflat(s) - outer(s, s)", "numpy", operation="softmax-jacobian")
def numpy_softmax_jacobian(x, axis):
    import numpy
    rows = numpy.moveaxis(numpy_max_trick(x, axis), axis, -1)
    matrix = rows[..., None] * numpy.eye(x.shape[axis], dtype=x.dtype) - rows[..., None] * rows[..., None, :]
    return numpy.moveaxis(matrix, (-2, -1), (axis, axis + 1))


def with_torch_gradient(function, x, *others):
    """The gradient by x that automatic differentiation gives."""
    t = to_torch(x).requires_grad_()
    result = function(t)
    result.backward(*others)
    return from_torch(t.grad, x.dtype)


def torch_rows(x, axis):
    """A matrix of the lanes, whose classes are its second dimension, and how the lanes are put back."""
    torch = single_threaded_torch()
    t = torch.movedim(to_torch(x), axis, -1)
    return t.reshape(-1, t.shape[-1]), t.shape


def torch_loss_arguments(targets, label_smoothing, ignore_index, class_weights):
    torch = single_threaded_torch()
    return dict(
        target=torch.from_numpy(targets.reshape(-1).copy()), label_smoothing=label_smoothing, ignore_index=ignore_index,
        weight=None if class_weights is None else to_torch(class_weights), reduction="none")


@adapter("torch", "torch.nn.functional.cross_entropy", "torch", operation="cross-entropy")
def torch_cross_entropy(x, targets, axis, label_smoothing=0.0, ignore_index=-100, class_weights=None):
    torch = single_threaded_torch()
    rows, shape = torch_rows(x, axis)
    loss = torch.nn.functional.cross_entropy(
        rows, **torch_loss_arguments(targets, label_smoothing, ignore_index, class_weights))
    return from_torch(torch.movedim(loss.reshape(*shape[:-1], 1), -1, axis), x.dtype)


@adapter("onnxruntime", "the operator SoftmaxCrossEntropyLoss, opset 13, in onnxruntime on the processor", "onnxruntime", "onnx",
         operation="cross-entropy")
def onnxruntime_cross_entropy(x, targets, axis, ignore_index=-100, class_weights=None):
    from softmax_audit.onnx_loss import losses
    return losses(x, targets, axis, ignore_index, class_weights)


@adapter("torch", "the gradient of torch.nn.functional.cross_entropy", "torch", operation="cross-entropy-vjp")
def torch_cross_entropy_vjp(x, targets, axis, label_smoothing=0.0, ignore_index=-100, class_weights=None):
    torch = single_threaded_torch()
    rows, shape = torch_rows(x, axis)
    rows = rows.detach().requires_grad_()
    torch.nn.functional.cross_entropy(
        rows, **torch_loss_arguments(targets, label_smoothing, ignore_index, class_weights)).sum().backward()
    return from_torch(torch.movedim(rows.grad.reshape(shape), -1, axis), x.dtype)


@adapter("torch", "the gradient of torch.nn.functional.softmax", "torch", operation="softmax-vjp")
def torch_softmax_vjp(x, g, axis):
    functional = single_threaded_torch().nn.functional
    return with_torch_gradient(lambda t: functional.softmax(t, dim=axis), x, to_torch(g))


@adapter("torch", "torch._softmax_backward_data", "torch", operation="softmax-backward")
def torch_softmax_backward(y, g, axis):
    t = to_torch(y)
    return from_torch(single_threaded_torch()._softmax_backward_data(to_torch(g), t, axis, t.dtype), y.dtype)


@adapter("torch", "the gradient of torch.nn.functional.log_softmax", "torch", operation="log-softmax-vjp")
def torch_log_softmax_vjp(x, g, axis):
    functional = single_threaded_torch().nn.functional
    return with_torch_gradient(lambda t: functional.log_softmax(t, dim=axis), x, to_torch(g))


@adapter("torch", "torch.autograd.functional.jacobian of torch.softmax, lane by lane", "torch",
         operation="softmax-jacobian")
def torch_softmax_jacobian(x, axis):
    torch = single_threaded_torch()
    rows, shape = torch_rows(x, axis)
    matrices = [torch.autograd.functional.jacobian(lambda t: torch.softmax(t, 0), row) for row in rows]
    matrix = torch.stack(matrices) if matrices else rows.new_zeros(0, shape[-1], shape[-1])
    return from_torch(
        torch.movedim(matrix.reshape(*shape, shape[-1]), (-2, -1), (axis, axis + 1)).contiguous(), x.dtype)


def with_jax_gradient(function, x, g):
    import numpy
    _, pull_back = wide_jax().vjp(function, x)
    return numpy.asarray(pull_back(g)[0])


@adapter("jax", "jax.vjp of jax.nn.softmax", "jax", operation="softmax-vjp")
def jax_softmax_vjp(x, g, axis):
    return with_jax_gradient(lambda t: wide_jax().nn.softmax(t, axis=axis), x, g)


@adapter("jax", "jax.vjp of jax.nn.log_softmax", "jax", operation="log-softmax-vjp")
def jax_log_softmax_vjp(x, g, axis):
    return with_jax_gradient(lambda t: wide_jax().nn.log_softmax(t, axis=axis), x, g)


# Attention. Tensors are (batch, heads, length, dimension); keys and values may have fewer heads.


def every_head(part, heads):
    """Keys or values with one head for each of the queries."""
    import numpy
    return numpy.repeat(part, heads // part.shape[1], axis=1)


def without_later_keys(scores, causal, alignment):
    """Scores of -inf for the keys after a query's own."""
    import numpy
    queries, keys = scores.shape[-2:]
    if not causal:
        return scores
    ahead = 0 if alignment == "top-left" else keys - queries
    hidden = numpy.arange(keys) > numpy.arange(queries)[:, None] + ahead
    return numpy.where(hidden, scores.dtype.type(-numpy.inf), scores)


def numpy_scores(query, key, scale, softcap, mask, causal, alignment):
    import numpy
    factor = query.dtype.type(1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    scores = numpy.matmul(query, every_head(key, query.shape[1]).swapaxes(-1, -2)) * factor
    if softcap is not None:
        scores = numpy.tanh(scores / query.dtype.type(softcap)) * query.dtype.type(softcap)
    if mask is not None:
        scores = scores + mask
    return without_later_keys(scores, causal, alignment)


@adapter("numpy:naive", "exp(q k / sqrt(d)) / sum, times v: no maximum is subtracted", "numpy", operation="attention")
def numpy_naive_attention(query, key, value, scale=None, softcap=None, mask=None, causal=False, causal_alignment=None):
    import numpy
    powers = numpy.exp(numpy_scores(query, key, scale, softcap, mask, causal, causal_alignment))
    weights = powers / numpy.sum(powers, axis=-1, keepdims=True)
    return numpy.matmul(weights, every_head(value, query.shape[1]))


@adapter("numpy:max-trick", "softmax(q k / sqrt(d)) v in the format of the inputs, the maximum subtracted", "numpy",
         operation="attention")
def numpy_max_trick_attention(query, key, value, scale=None, softcap=None, mask=None, causal=False, causal_alignment=None):
    import numpy
    scores = numpy_scores(query, key, scale, softcap, mask, causal, causal_alignment)
    weights = numpy_max_trick(scores, -1)
    return numpy.matmul(weights, every_head(value, query.shape[1]))


@adapter("numpy:einsum", "einsum('bhqd,bhkd->bhqk'), softmax, einsum('bhqk,bhkd->bhqd')", "numpy", operation="attention")
def numpy_einsum_attention(query, key, value, scale=None):
    import numpy
    factor = query.dtype.type(1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    scores = numpy.einsum("bhqd,bhkd->bhqk", query, every_head(key, query.shape[1])) * factor
    return numpy.einsum("bhqk,bhkd->bhqd", numpy_max_trick(scores, -1), every_head(value, query.shape[1]))


def refuse_other_widths(query, value):
    if query.shape[-1] != value.shape[-1]:
        raise NotOffered("it takes values as long as queries alone")


def with_jax_attention(function, query, key, value, scale, mask, causal):
    import numpy
    refuse_other_widths(query, value)
    # Heads come after the length there.
    query, key, value = (part.swapaxes(1, 2) for part in (query, key, value))
    return numpy.asarray(function(query, key, value, bias=mask, scale=scale, is_causal=causal)).swapaxes(1, 2)


@adapter("jax", "jax.nn.dot_product_attention", "jax", operation="attention")
def jax_attention(query, key, value, scale=None, mask=None, causal=False):
    return with_jax_attention(wide_jax().nn.dot_product_attention, query, key, value, scale, mask, causal)


@functools.cache
def jitted_jax_attention():
    jax = wide_jax()
    return jax.jit(jax.nn.dot_product_attention, static_argnames=("scale", "is_causal"))


@adapter("jax:jit", "jax.jit of jax.nn.dot_product_attention", "jax", operation="attention")
def jax_jit_attention(query, key, value, scale=None, mask=None, causal=False):
    return with_jax_attention(jitted_jax_attention(), query, key, value, scale, mask, causal)


def with_torch_attention(backend, query, key, value, scale, mask, causal):
    torch = single_threaded_torch()
    tensors = [to_torch(part) for part in (query, key, value)]
    bias = None if mask is None else to_torch(mask)
    with torch.nn.attention.sdpa_kernel(backend(torch.nn.attention.SDPBackend)):
        output = torch.nn.functional.scaled_dot_product_attention(
            *tensors, attn_mask=bias, is_causal=causal, scale=scale, enable_gqa=query.shape[1] != key.shape[1])
    return from_torch(output, query.dtype)


@adapter("torch:math", "torch.nn.functional.scaled_dot_product_attention, backend MATH", "torch", operation="attention")
def torch_math_attention(query, key, value, scale=None, mask=None, causal=False):
    return with_torch_attention(lambda backends: backends.MATH, query, key, value, scale, mask, causal)


@adapter("torch:flash", "torch.nn.functional.scaled_dot_product_attention, backend FLASH_ATTENTION", "torch",
         operation="attention")
def torch_flash_attention(query, key, value, scale=None, mask=None, causal=False):
    return with_torch_attention(lambda backends: backends.FLASH_ATTENTION, query, key, value, scale, mask, causal)


@functools.cache
def onnxruntime_attention_session(element_type, scale, softcap, causal, has_mask):
    import onnx
    import onnxruntime
    attributes = {"is_causal": int(causal)}
    if scale is not None:
        attributes["scale"] = scale
    if softcap is not None:
        attributes["softcap"] = softcap
    names = ["query", "key", "value"] + (["mask"] if has_mask else [])
    shape = [None] * 4

    def information(name):
        return onnx.helper.make_tensor_value_info(name, element_type, shape)

    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Attention", names, ["output"], **attributes)], "attention",
        [information(name) for name in names], [information("output")])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 23)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


@adapter("onnxruntime", "the operator Attention, opset 23, in onnxruntime on the processor", "onnxruntime", "onnx",
         operation="attention")
def onnxruntime_attention(query, key, value, scale=None, softcap=None, mask=None, causal=False):
    import numpy
    import onnx
    if query.dtype.name == "bfloat16":
        raise TypeError("onnxruntime has no Attention for bfloat16 on the processor")
    element_type = onnx.helper.np_dtype_to_tensor_dtype(query.dtype)
    inputs = {"query": query, "key": key, "value": value}
    if mask is not None:
        inputs["mask"] = mask
    session = onnxruntime_attention_session(element_type, scale, softcap, causal, mask is not None)
    return session.run(None, {name: numpy.ascontiguousarray(part) for name, part in inputs.items()})[0]


def listed():
    """All adapters with the versions of the packages they need; null for one that is not installed."""
    from importlib import metadata

    def version(package):
        alternatives = {"tensorflow-cpu": ["tensorflow"], "mlx": []}.get(package, [])
        for name in [package, *alternatives]:
            try:
                return metadata.version(name)
            except metadata.PackageNotFoundError:
                pass
        return None

    return [
        {"name": name, "operation": operation, "attribute": attribute, "summary": summary,
         "packages": {package: version(package) for package in packages}}
        for name, operation, attribute, summary, packages in ADAPTERS]


def main(words):
    """Prints the adapters as JSON."""
    if words != ["--list"]:
        print(__doc__.strip())
        return 0 if words in (["-h"], ["--help"]) else 64
    print(json.dumps(listed()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
