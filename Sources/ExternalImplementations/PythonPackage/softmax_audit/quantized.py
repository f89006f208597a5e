"""Softmaxes of integers, carried as float32: an integer q stands as q less its zero point, which float32 holds exactly.

The host draws integers and judges outputs in steps; it asks for float32 tensors, and what is here makes integers of them and
float32 tensors of what comes back.
"""

from softmax_audit.callables import Rubbish, as_array

#: The types, and the integers that there are.
TYPES = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}


class Integers:
    """The integers of a tensor, which mean scale (q - zero point)."""

    def __init__(self, scale, zero_point, kind):
        self.scale, self.zero_point, self.kind = float(scale), int(zero_point), kind

    @classmethod
    def of_text(cls, text):
        """What the host writes: the scale in hexadecimal, the zero point and the type, with commas."""
        scale, zero_point, kind = text.split(",")
        return cls(float.fromhex(scale), zero_point, kind)

    def described(self):
        return {"scale": self.scale, "zeroPoint": self.zero_point, "type": self.kind}

    def codes(self, differences):
        """Integers of float32 differences; those of trial calls may be none, and are rounded."""
        import numpy

        least, most = TYPES[self.kind]
        return numpy.clip(numpy.rint(differences) + self.zero_point, least, most).astype(self.kind)

    def differences(self, codes):
        import numpy

        codes = as_array(codes)
        if codes.dtype != numpy.dtype(self.kind):
            raise Rubbish(f"it returned {codes.dtype}, not {self.kind}")
        return (codes.astype(numpy.int64) - self.zero_point).astype(numpy.float32)


class QuantizedCallable:
    """A callable of integers, or to integers, as one of float32 differences.

    `roles` are the tensors that are integers, by their roles: logits, and that of the output.
    """

    def __init__(self, function, roles):
        self.function, self.roles = function, roles
        self.operation = function.operation
        self.facts = getattr(function, "facts", {})
        self.packages = getattr(function, "packages", ())
        if "logits" in roles:
            function.kinds = (roles["logits"].kind,)
        self.quantised = {role: integers.described() for role, integers in roles.items()}

    def description(self):
        return self.function.description() if hasattr(self.function, "description") else ""

    def __call__(self, x, axis):
        import numpy

        if x.dtype != numpy.float32:
            raise TypeError("integers are carried as float32")
        logits = self.roles.get("logits")
        outputs = next((integers for role, integers in self.roles.items() if role != "logits"), None)
        answer = self.function(x if logits is None else logits.codes(x), axis=axis)
        return answer if outputs is None else outputs.differences(answer)


def split(name):
    """The roles and the rest of `quantised:ROLE=SCALE,ZERO,TYPE;...:rest`."""
    _, roles, rest = name.split(":", 2)
    pairs = (part.split("=", 1) for part in roles.split(";"))
    return {role: Integers.of_text(text) for role, text in pairs}, rest
