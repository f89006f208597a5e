"""An ONNX model of a quantised softmax: DequantizeLinear, Softmax and QuantizeLinear, or QLinearSoftmax of ONNX Runtime.

Scales and zero points are those of the model. It runs as it is, with the optimizations of ONNX Runtime, which make one operator
of the three.
"""

from softmax_audit.onnx_model import OnnxModel, constant_array, name_of, opset_of, split
from softmax_audit.quantized import TYPES, Integers

#: The operators, and the operations that they are.
OPERATORS = {"Softmax": "softmax", "LogSoftmax": "log-softmax", "QLinearSoftmax": "softmax"}
#: The roles of the outputs.
OUTPUTS = {"softmax": "probabilities", "log-softmax": "log-probabilities"}


def quantized_of(text, operation=None):
    """The model, or None where it is none of integers or has a node named."""
    import onnx

    path, wanted = split(text)
    if wanted is not None:
        return None
    model = onnx.load(path, load_external_data=False)
    if not any(node.op_type in ("QLinearSoftmax", "QuantizeLinear", "DequantizeLinear") for node in model.graph.node):
        return None
    return QuantizedModel(path, model)


class QuantizedModel(OnnxModel):
    """A model whose one input or one output, or both, are integers, as a callable of float32 differences."""

    def __init__(self, path, model):
        import numpy

        self.path, self.remarks, self.opset = path, [], opset_of(model)
        nodes = [node for node in model.graph.node if node.op_type in OPERATORS]
        if len(nodes) != 1:
            raise ValueError(f"it has {len(nodes)} nodes {', '.join(OPERATORS)}; a quantised model of one is needed")
        node = nodes[0]
        self.operation = OPERATORS[node.op_type]
        constants = {tensor.name for tensor in model.graph.initializer}
        inputs = [value.name for value in model.graph.input if value.name not in constants]
        outputs = [value.name for value in model.graph.output]
        if len(inputs) != 1 or len(outputs) != 1:
            raise ValueError(f"it has {len(inputs)} inputs and {len(outputs)} outputs; one of each is needed")
        used = [node]
        if node.op_type == "QLinearSoftmax":
            self.opset = next((entry.i for entry in node.attribute if entry.name == "opset"), self.opset)
            self.logits = integers(model.graph, node, 1, 2)
            self.outputs = integers(model.graph, node, 3, 4)
            first, last = node.input[0], node.output[0]
        else:
            before = next((other for other in model.graph.node if node.input[0] in other.output), None)
            after = next((other for other in model.graph.node if node.output[0] in other.input), None)
            first, last, self.logits, self.outputs = node.input[0], node.output[0], None, None
            if before is not None and before.op_type == "DequantizeLinear":
                self.logits, first = integers(model.graph, before, 1, 2), before.input[0]
                used.append(before)
            if after is not None and after.op_type == "QuantizeLinear":
                self.outputs, last = integers(model.graph, after, 1, 2), after.output[0]
                used.append(after)
        others = [other for other in model.graph.node if other not in used and other.op_type != "Constant"]
        if (first, last) != (inputs[0], outputs[0]) or others:
            names = sorted({other.op_type for other in others})
            raise ValueError(
                f"it is more than a quantised {self.operation} of its input" + (f": it has {', '.join(names)}" if names else ""))
        self.remarks.append(f"{', '.join(other.op_type for other in reversed(used))} as onnxruntime runs them")
        self.take(model, node)
        self.kind = self.dtype
        self.dtype = numpy.dtype(numpy.float32)
        if self.logits is None and self.kind != self.dtype:
            raise ValueError(f"its logits are {self.kind}; float32 or integers are needed")
        self.quantised = {
            role: found.described()
            for role, found in (("logits", self.logits), (OUTPUTS[self.operation], self.outputs)) if found is not None}
        self.open(None)

    def run(self, array):
        answer = super().run(array if self.logits is None else self.logits.codes(array))
        return answer if self.outputs is None else self.outputs.differences(answer)


def integers(graph, node, scale, zero_point):
    """What the integers of a node mean, by two of its inputs, which are constants of one number each."""
    factor = constant(graph, node, scale)
    if len(node.input) > zero_point and node.input[zero_point]:
        zero = constant(graph, node, zero_point)
        kind, start = str(zero.dtype), int(zero.reshape(-1)[0])
    else:
        # The standard's own, where there is none.
        kind, start = "uint8", 0
    if kind not in TYPES:
        raise ValueError(f"{name_of(node)} has integers of type {kind}; {', '.join(TYPES)} are audited")
    return Integers(float(factor.reshape(-1)[0]), start, kind)


def constant(graph, node, place):
    try:
        value = constant_array(graph, node.input[place])
    except ValueError:
        raise ValueError(f"the scale or zero point {node.input[place]} of {name_of(node)} is no constant") from None
    if value.size != 1:
        raise ValueError(f"{name_of(node)} has {value.size} scales or zero points; one for the tensor is needed")
    return value
