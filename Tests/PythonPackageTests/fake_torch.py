"""As much of torch as softmax-audit touches, over NumPy, for machines without it.

Its tensors are no arrays: NumPy cannot read them by itself, least of all bfloat16, and neither gradients nor other devices
let go of theirs.
"""

import types

import ml_dtypes
import numpy

strided = "strided"
int16, bfloat16, float16, float32, float64 = (
    numpy.dtype(kind) for kind in ("int16", ml_dtypes.bfloat16, "float16", "float32", "float64"))


class Tensor:
    layout = strided

    def __init__(self, array, device="cpu", requires_grad=False):
        self.array, self.device, self.requires_grad = array, device, requires_grad

    def __array__(self, *_, **__):
        raise TypeError("a tensor is no array")

    @property
    def dtype(self):
        return self.array.dtype

    def detach(self):
        return Tensor(self.array, self.device)

    def cpu(self):
        return Tensor(self.array, "cpu", self.requires_grad)

    def to(self, device):
        return Tensor(self.array, device, self.requires_grad)

    def contiguous(self):
        return Tensor(numpy.ascontiguousarray(self.array), self.device, self.requires_grad)

    def view(self, dtype):
        return Tensor(self.array.view(dtype), self.device, self.requires_grad)

    def numpy(self):
        if self.requires_grad or self.device != "cpu" or self.dtype == bfloat16:
            raise TypeError("this tensor does not become an array as it is")
        return self.array


def from_numpy(array):
    if array.dtype == bfloat16 or any(stride < 0 for stride in array.strides):
        raise TypeError("no such array becomes a tensor")
    return Tensor(array)


def softmax(input, dim, dtype=None):
    if not isinstance(input, Tensor):
        raise TypeError("softmax(): argument 'input' must be Tensor")
    wide = input.array.astype("float64")
    powers = numpy.exp(wide - wide.max(axis=dim, keepdims=True))
    return Tensor(
        (powers / powers.sum(axis=dim, keepdims=True)).astype(dtype or input.dtype), input.device, input.requires_grad)


class Module:
    def named_parameters(self):
        return iter(())

    def parameters(self):
        return iter(())

    def __call__(self, *inputs):
        return self.forward(*inputs)


class Softmax(Module):
    def __init__(self, dim=None):
        self.dim = dim

    def forward(self, input):
        return softmax(input, self.dim)


for kind in (Module, Softmax):
    kind.__module__ = "torch.nn"
softmax.__module__ = "torch"
cuda = types.SimpleNamespace(is_available=lambda: False)
nn = types.SimpleNamespace(Softmax=Softmax, Module=Module)
