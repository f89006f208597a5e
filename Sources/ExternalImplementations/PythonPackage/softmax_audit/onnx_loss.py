"""The operator SoftmaxCrossEntropyLoss of ONNX as a cross-entropy: in onnxruntime as it is, or as a node of a model.

The operator has its classes along axis 1. Lanes along any axis are given to it as the rows of a matrix, each with its
target, and each has a loss of its own: a mean or a sum of a model is left out, and that is said.
"""

import functools

from softmax_audit.callables import NotOffered
from softmax_audit.onnx_model import name_of, of_operator, opset_of, session_of, split, tensors

OPERATOR = "SoftmaxCrossEntropyLoss"
#: The target that is ignored where nobody says which.
IGNORED = -100


@functools.lru_cache(maxsize=64)
def session(element_type, has_weights, ignored):
    """The operator alone, with a loss for each row of a matrix of any size."""
    import onnx

    inputs = [("x", [None, None]), ("targets", [None], onnx.TensorProto.INT64)]
    if has_weights:
        inputs.append(("weights", [None]))
    return session_of(of_operator(OPERATOR, element_type, inputs, [None], reduction="none", ignore_index=ignored))


def losses(x, targets, axis, ignored, weights=None):
    """The losses of the lanes of an array, the axis kept with length 1."""
    import numpy
    import onnx

    if x.dtype.name == "bfloat16":
        raise TypeError(f"onnxruntime has no {OPERATOR} for bfloat16 on the processor")
    rows = numpy.moveaxis(x, axis, -1)
    shape = rows.shape[:-1]
    if x.size == 0:
        return numpy.zeros((*x.shape[:axis], 1, *x.shape[axis + 1:]), x.dtype)
    inputs = {
        "x": numpy.ascontiguousarray(rows.reshape(-1, rows.shape[-1])),
        "targets": numpy.ascontiguousarray(targets.reshape(-1), numpy.int64)}
    if weights is not None:
        inputs["weights"] = numpy.ascontiguousarray(weights, x.dtype)
    element_type = onnx.helper.np_dtype_to_tensor_dtype(x.dtype)
    answer, = session(element_type, weights is not None, int(ignored)).run(None, inputs)
    return numpy.moveaxis(answer.reshape(*shape, 1), -1, axis)


def loss_of(text):
    """The loss that a model is, or that a node of it is; None where it has no such node, or another one is named."""
    import onnx

    path, wanted = split(text)
    model = onnx.load(path, load_external_data=False)
    found = [
        node for node in model.graph.node
        if node.op_type == OPERATOR and (wanted is None or wanted in (node.name, *node.output))]
    if not found:
        return None
    if len(found) > 1:
        names = ", ".join(f"{path}#{name_of(node)}" for node in found)
        raise ValueError(f"it has {len(found)} nodes {OPERATOR}; name one, of {names}")
    return OnnxLoss(path, model, found[0], is_alone=wanted is not None)


class OnnxLoss:
    """A node SoftmaxCrossEntropyLoss of a model.

    Its class weights are those that a call brings, where the node has a third input that the model leaves open. Weights that
    the model fixes, and logits that it computes of something else, are refused: the losses would be of other inputs than
    those that they are compared with.
    """

    operation = "cross-entropy"
    packages = ("onnxruntime", "onnx")

    def __init__(self, path, model, node, is_alone):
        import onnx

        inputs = [value.name for value in model.graph.input]
        if not is_alone and any(name not in inputs for name in node.input[:2]):
            raise ValueError(
                f"its logits or targets are not its inputs; audit the loss alone as {path}#{name_of(node)}")
        attributes = {entry.name: entry for entry in node.attribute}
        weights = node.input[2] if len(node.input) > 2 else ""
        if weights and weights not in inputs:
            raise ValueError("its class weights are constants; a loss is audited with weights that are inputs")
        self.takes_weights = bool(weights)
        self.ignored = attributes["ignore_index"].i if "ignore_index" in attributes else None
        types = {value.name: value.type.tensor_type for value in tensors(model.graph)}
        kind = types.get(node.input[0])
        if kind is None or kind.elem_type == 0:
            raise ValueError(f"the format of the logits of {name_of(node)} is not known")
        self.dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
        self.opset = opset_of(model)
        reduction = attributes["reduction"].s.decode() if "reduction" in attributes else "mean"
        self.remarks = [f"the node {name_of(node)} alone"] if is_alone else []
        self.remarks.append(f"taken for {self.operation}: it has a node {OPERATOR}")
        if reduction != "none":
            self.remarks.append(f"its {reduction} is left out: a loss for each lane")

    @property
    def facts(self):
        """What results keep of it."""
        return {"opset": str(self.opset), "call": self.description()}

    def description(self):
        return "; ".join(self.remarks)

    def __call__(self, x, targets, axis, ignore_index=IGNORED, class_weights=None, label_smoothing=0.0):
        if label_smoothing:
            raise NotOffered(f"{OPERATOR} has no label smoothing")
        if class_weights is not None and not self.takes_weights:
            raise NotOffered("its loss has no class weights")
        if ignore_index not in (IGNORED, self.ignored):
            raise NotOffered(f"it ignores {'nothing' if self.ignored is None else f'the target {self.ignored}'}")
        if x.dtype != self.dtype:
            raise TypeError(f"the model takes {self.dtype}")
        own = IGNORED if self.ignored is None else self.ignored
        if ignore_index != own and (targets == own).any():
            raise NotOffered(f"it ignores the target {own}")
        return losses(x, targets, axis, ignore_index, class_weights)
