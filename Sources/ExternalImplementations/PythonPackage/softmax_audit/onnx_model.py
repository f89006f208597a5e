"""A softmax, log-softmax or logsumexp as an ONNX model, or as one node in it, as a callable for softmax-audit.

A tensor of the model's own shape, along its own axis, is given to the model as it is. Any other tensor is taken apart into
lanes, and the lanes are given to the model in tensors of a shape that it takes: where it is of fixed shape, several calls
with as many lanes as it has room for, the last of them filled up.
"""

import math
import os

from softmax_audit.callables import gives_one, output_shape, with_axis

# The operators, and the operations that they are.
OPERATORS = {"Softmax": "softmax", "LogSoftmax": "log-softmax", "ReduceLogSumExp": "logsumexp"}
# Nodes that leave every logit as it is, but for its format, and those operators.
TRANSPARENT = (*OPERATORS, "Identity", "Cast")
# Operators that scale or move logits by another input.
SCALING = {"Mul": "times", "Div": "over", "Add": "plus", "Sub": "minus"}
#: The operator set of models that are made here: the first with a softmax along one axis.
OPSET = 13


def split(text):
    """The path of a model and the name of a node in it, which is None where the text names none."""
    if os.path.exists(text) or "#" not in text:
        return text, None
    path, _, node = text.rpartition("#")
    return path, node


class OnnxModel:
    """A model with one input and one output that is one of the operations, or one node of a larger model.

    The node says which operation it is. Its axis is honoured, and so is what operator set 12 and older did in a softmax: all
    dimensions from the axis on are one lane. A model that has no such node, and spells the operation out, is taken for what
    was asked for, along its last axis. A model that computes its logits from something else cannot be told apart from a wrong
    one, and is refused; its node can be audited alone.
    """

    packages = ("onnxruntime", "onnx")

    def __init__(self, text, operation=None):
        import onnx

        self.path, wanted = split(text)
        model = onnx.load(self.path, load_external_data=False)
        self.opset = opset_of(model)
        nodes = [node for node in model.graph.node if node.op_type in OPERATORS]
        self.remarks = []
        if wanted is not None:
            node = self.named(nodes, wanted)
            model = self.alone(model, node)
            self.remarks.append(f"the node {name_of(node)} alone")
        else:
            self.refuse_others(model.graph, nodes)
            node = nodes[0] if nodes else None
        #: What it computes, as far as the model says; else what was asked for.
        self.operation = OPERATORS[node.op_type] if node is not None else operation or "softmax"
        reason = f"it has a node {node.op_type}" if node is not None else f"it has no node {' or '.join(OPERATORS)}"
        if node is None or self.operation != "softmax":
            self.remarks.append(f"taken for {self.operation}: {reason}")
        self.take(model, node)
        self.open(model if wanted is not None else None)

    # Which softmax

    def choices(self, nodes):
        names = [f"{self.path}#{name_of(node)}" for node in nodes]
        return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")

    def named(self, nodes, wanted):
        found = [node for node in nodes if wanted in (node.name, *node.output)]
        if not found:
            there = f"there are {self.choices(nodes)}" if nodes else "it has none"
            raise ValueError(f"it has no node {kinds(nodes)} of the name {wanted}; {there}")
        if len(found) > 1:
            raise ValueError(f"it has {len(found)} nodes {kinds(found)} of the name {wanted}; name the output of one")
        return found[0]

    def refuse_others(self, graph, nodes):
        """Raises where the model is more than a softmax of its one input, and says how its nodes can be audited."""
        constants = constant_values(graph)
        inputs = [value.name for value in graph.input if value.name not in constants]
        way_out = f"; audit the {OPERATORS[nodes[0].op_type]} alone as {self.choices(nodes)}" if nodes else ""
        if len(inputs) != 1 or len(graph.output) != 1:
            listed = f" ({', '.join(inputs)})" if inputs else ""
            raise ValueError(
                f"it has {len(inputs)} inputs{listed} and {len(graph.output)} outputs; one of each is needed{way_out}")
        if len(nodes) > 1:
            raise ValueError(f"it has {len(nodes)} nodes {kinds(nodes)}; name one, of {self.choices(nodes)}")
        others = [node for node in graph.node if node.op_type not in (*TRANSPARENT, "Constant")]
        if nodes and others:
            node = others[0]
            scalar = [constants[name] for name in node.input if name in constants and constants[name] is not None]
            if len(others) == 1 and node.op_type in SCALING and scalar and node.output[0] in nodes[0].input:
                raise ValueError(
                    f"its logits are its input {SCALING[node.op_type]} {scalar[0]:g} (a node {node.op_type}){way_out}")
            present = sorted({node.op_type for node in others})
            raise ValueError(f"its logits are not its input: it also has {', '.join(present)}{way_out}")

    @staticmethod
    def alone(model, node):
        """A model of one node, which takes tensors of the rank that the node has in its own model, of any shape."""
        import onnx

        types = {value.name: value.type.tensor_type for value in tensors(model.graph)}
        if node.input[0] not in types or types[node.input[0]].elem_type == 0:
            try:
                model = onnx.shape_inference.infer_shapes(model)
            except Exception as error:
                raise ValueError(f"the format of the logits of {name_of(node)} is not known: {error}") from None
            types = {value.name: value.type.tensor_type for value in tensors(model.graph)}
        kind = types.get(node.input[0])
        if kind is None or kind.elem_type == 0:
            raise ValueError(
                f"the format of the logits of {name_of(node)} is not known; save the model with onnx.shape_inference")
        shape = [None] * len(kind.shape.dim) if kind.HasField("shape") else None
        # The output of a reduction may have one dimension less.
        shapes = [shape, None if gives_one(OPERATORS[node.op_type]) else shape]
        values = [
            onnx.helper.make_tensor_value_info(name, kind.elem_type, shape)
            for name, shape in zip((node.input[0], node.output[0]), shapes)]
        # Its axes may stand in a constant of the model.
        axes = [
            onnx.numpy_helper.from_array(constant_array(model.graph, name), name) for name in node.input[1:] if name]
        graph = onnx.helper.make_graph([node], "alone", values[:1], values[1:], initializer=axes)
        single = onnx.helper.make_model(graph, opset_imports=model.opset_import)
        single.ir_version = model.ir_version
        return single

    # What it takes

    def take(self, model, node):
        """Notes the input, its format and shape, and the axis."""
        import onnx

        graph = model.graph
        constants = constant_values(graph)
        value = next(value for value in graph.input if value.name not in constants)
        self.input = value.name
        kind = value.type.tensor_type
        if kind.elem_type == 0:
            raise ValueError(f"the format of its input {value.name} is not known")
        self.dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
        # Operator set 13 made softmax a matter of one axis. What is spelled out has none but the
        # last.
        self.flattens = node is not None and self.opset < 13 and not gives_one(self.operation)
        axis = self.axis_of(graph, node)
        knows_shape = kind.HasField("shape")
        rank = len(kind.shape.dim) if knows_shape else max(2, axis + 1, -axis)
        if axis < 0:
            axis += rank
        if not 0 <= axis < rank:
            raise ValueError(f"its {self.operation} has axis {axis}, its input rank {rank}")
        self.axis = axis
        # The dimensions; None for one of any size.
        self.shape = [
            dimension.dim_value if dimension.HasField("dim_value") and dimension.dim_value > 0 else None
            for dimension in kind.shape.dim] if knows_shape else [None] * rank
        if self.flattens and rank - axis > 1 and self.shape[axis + 1:] != [1] * (rank - axis - 1):
            self.remarks.append(
                f"opset {self.opset}: it adds over all dimensions from axis {axis} on; on a tensor of rank {rank} that is "
                f"no softmax along axis {axis}")
        if any(self.shape):
            self.remarks.append(f"its shape is {self.shape_text()}")

    def axis_of(self, graph, node):
        """The axis of a node, negative from the end; the last where there is no node."""
        if node is None:
            return -1
        if not gives_one(self.operation):
            given = [entry.i for entry in node.attribute if entry.name == "axis"]
            return given[0] if given else 1 if self.flattens else -1
        # Operator set 18 made the axes an input.
        axes = [axis for entry in node.attribute if entry.name == "axes" for axis in entry.ints]
        for name in node.input[1:]:
            if name:
                axes = [int(axis) for axis in constant_array(graph, name).reshape(-1)]
        if len(axes) != 1:
            listed = ", ".join(map(str, axes)) if axes else "all"
            raise ValueError(f"its {self.operation} is over the axes {listed}; one axis is needed")
        return axes[0]

    def shape_text(self):
        return "(" + ", ".join("any" if size is None else str(size) for size in self.shape) + ")"

    @property
    def facts(self):
        """What results keep of it."""
        return {"opset": str(self.opset), **({"call": self.description()} if self.remarks else {})}

    def description(self):
        return "; ".join(self.remarks)

    @property
    def lane_dimensions(self):
        """The dimensions that make up a lane."""
        return range(self.axis, len(self.shape)) if self.flattens else range(self.axis, self.axis + 1)

    @property
    def length(self):
        """The length of a lane where the model fixes it, else None; then a multiple of `length_step`."""
        sizes = [self.shape[place] for place in self.lane_dimensions]
        return None if None in sizes else math.prod(sizes)

    @property
    def length_step(self):
        return math.prod(self.shape[place] or 1 for place in self.lane_dimensions)

    @property
    def domain(self):
        """The lengths outside of which nothing is to be asked but tensors of its own shape; None where all are taken."""
        own = {"shape": self.shape, "axis": self.axis}
        if self.length is not None:
            return {"lengthMultipleOf": self.length, "largestLength": self.length, **own}
        return {"lengthMultipleOf": self.length_step, **own} if self.length_step > 1 else None

    @property
    def trial(self):
        """A shape and an axis to try it with: lanes that it takes."""
        return (2, self.length or 3 * self.length_step), 1

    # Calling it

    def open(self, model):
        self.session = session_of(self.path if model is None else model)

    def run(self, array):
        import numpy

        return self.session.run(None, {self.input: numpy.ascontiguousarray(array)})[0]

    def is_own(self, shape, axis):
        return axis == self.axis and len(shape) == len(self.shape) and all(
            own is None or own == size for own, size in zip(self.shape, shape))

    def __call__(self, x, axis):
        import numpy

        if x.dtype != self.dtype:
            raise TypeError(f"the model takes {self.dtype}")
        if x.size == 0:
            shape = output_shape(self.operation, x.shape, axis)
            return numpy.full(shape, 0 if self.operation == "softmax" else -numpy.inf, x.dtype)
        if self.is_own(x.shape, axis):
            return self.run(x)
        moved = numpy.moveaxis(x, axis, -1)
        rows = numpy.ascontiguousarray(moved).reshape(-1, moved.shape[-1])
        answers = self.of_lanes(rows)
        return numpy.moveaxis(answers.reshape(*moved.shape[:-1], answers.shape[-1]), -1, axis)

    def of_lanes(self, rows):
        """The outputs of the rows of a matrix, in as few calls as the shape of the model allows."""
        import numpy

        count, length = rows.shape
        if length % self.length_step or self.length not in (None, length):
            raise TypeError(f"the model takes lanes of {self.length or f'a multiple of {self.length_step}'} logits only")
        lane = [self.shape[place] for place in self.lane_dimensions]
        if None in lane:
            free = lane.index(None)
            lane = [size or 1 for size in lane]
            lane[free] = length // self.length_step
        others = [place for place in range(len(self.shape)) if place not in self.lane_dimensions]
        batch = [self.shape[place] for place in others]
        room = math.prod(size or 1 for size in batch)
        if None in batch:
            free = batch.index(None)
            # All lanes in one call.
            batch = [size or 1 for size in batch]
            batch[free] = -(-count // room)
            room *= batch[free]
        answers = []
        for start in range(0, count, room):
            part = rows[start:start + room]
            # What room is left is filled with a lane that is there anyway.
            filled = numpy.concatenate([part, numpy.repeat(part[-1:], room - len(part), axis=0)])
            tensor = filled.reshape(*batch, *lane)
            if not self.flattens:
                tensor = numpy.moveaxis(tensor, -1, self.axis)
            answer = with_axis(self.run(tensor), self.operation, tensor.shape, self.axis)
            if answer.shape != output_shape(self.operation, tensor.shape, self.axis):
                return answer
            if not self.flattens:
                answer = numpy.moveaxis(answer, self.axis, -1)
            answers.append(answer.reshape(room, -1)[:len(part)])
        return numpy.concatenate(answers)


def opset_of(model):
    """The operator set of a model; 1 where it names none."""
    return max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=1)


def of_operator(operator, element_type, inputs, output, **attributes):
    """A model of one operator.

    `inputs` are the names of the inputs with their shapes and, where it is not that of the logits, their element type;
    `output` is the shape of the output.
    """
    import onnx

    make = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node(operator, [name for name, *_ in inputs], ["y"], **attributes)
    values = [make(name, *(own or [element_type]), shape) for name, shape, *own in inputs]
    graph = onnx.helper.make_graph([node], "operator", values, [make("y", element_type, output)])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)])
    # onnxruntime takes models of its own age, and onnx writes the newest.
    model.ir_version = 8
    return model


def session_of(model):
    """A model, or the path of one, in onnxruntime on one thread of the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model if isinstance(model, str) else model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def kinds(nodes):
    """The operators of nodes with commas; those that there could be where there are none."""
    return " or ".join(sorted({node.op_type for node in nodes}) or OPERATORS)


def constant_array(graph, name):
    """The value of a constant of a graph.

    Raises ValueError where it is none.
    """
    import onnx

    for tensor in graph.initializer:
        if tensor.name == name:
            return onnx.numpy_helper.to_array(tensor)
    for node in graph.node:
        for attribute in node.attribute if node.op_type == "Constant" and name in node.output else ():
            if attribute.name == "value":
                return onnx.numpy_helper.to_array(attribute.t)
            if attribute.name == "value_ints":
                import numpy

                return numpy.array(attribute.ints)
    raise ValueError(f"the axes {name} of its node are no constant")


def name_of(node):
    """What a node is called: its own name, or that of what it computes."""
    return node.name or node.output[0]


def tensors(graph):
    return [*graph.input, *graph.value_info, *graph.output]


def constant_values(graph):
    """The tensors that are constants, by name, with the value of those that are one number."""
    import onnx

    def number(tensor):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or math.prod(tensor.dims) != 1:
            return None
        return float(onnx.numpy_helper.to_array(tensor).reshape(-1)[0])

    values = {tensor.name: number(tensor) for tensor in graph.initializer}
    for node in graph.node:
        for attribute in node.attribute if node.op_type == "Constant" else ():
            if attribute.name == "value":
                values[node.output[0]] = number(attribute.t)
            elif attribute.name == "value_float":
                values[node.output[0]] = attribute.f
    return values
