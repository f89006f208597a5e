"""The kernel of exponentials and sums in binary64, as it stands in the C sources, for Gappa and for Coq.

Constants, coefficients and the order of evaluation are read; nothing of them is repeated here.
"""

import hashlib
import re
from fractions import Fraction
from pathlib import Path

import c_expressions
from c_expressions import Reader, Unreadable, function_body, macro_body, number, table, uncommented

RETURNED = "return (doubles)((integers)p + ((integers)shifted << 52));"
TOTAL = re.compile(r"const doubles total = ([^;]*);")
SOURCES = {
    "dispatch": "Sources/CLaneKernels/dispatch.c",
    "exponentials": "Sources/CLaneKernels/exponentials.h",
    "vectors": "Sources/CLaneKernels/vectors.h",
    "element": "Sources/CLaneKernels/element.h",
    "comparison": "Sources/CLaneKernels/comparison.h",
    "interface": "Sources/CLaneKernels/include/lane_kernels.h",
    "survey": "Sources/CLaneKernels/survey.h",
    "lane": "Sources/Oracle/Filters/FilteredLane.swift",
    "bounds": "Sources/Oracle/Filters/FilterBounds.swift",
}


class Kernel:
    """What the proofs take from the sources of a checkout."""

    def __init__(self, root):
        self.root = Path(root)
        self.text = {name: (self.root / path).read_text() for name, path in SOURCES.items()}
        text = self.text
        self.rounder = number(self.found("vectors", r"#define ROUNDER (\S+)"))
        self.tiny = number(self.found("interface", r"#define LANE_TINY (\S+)"))
        self.block = int(self.found("interface", r"enum \{ LANE_BLOCK = (\d+) \};"))
        self.group = int(self.found("interface", r"enum \{ LANE_GROUP = (\d+) \};"))
        self.floor = number(self.found("exponentials", r"floor = LEVEL\(all\)\(-(\d+)\)"))
        tables = {name: table(text["dispatch"], name) for name in ("coefficients", "reduction")}
        tables["ROUNDER"] = self.rounder
        self.reduction = tables["reduction"][:2]
        self.coefficients = tables["coefficients"]

        body = function_body(text["exponentials"], "exponential")
        if not body.endswith(RETURNED):
            raise Unreadable("the scaling by a power of two is not what the proof knows")
        self.exponential = Reader(body[: -len(RETURNED)], ["d"], tables).run().steps
        names = [name for name, _ in self.exponential]
        for name in ("shifted", "k", "r", "p"):
            if names.count(name) != 1:
                raise Unreadable(f"{name} is not assigned to once in exponential")
        ends = [names.index(name) + 1 for name in ("k", "r")]
        self.rounding = self.exponential[: ends[0]]
        self.remainder = self.exponential[ends[0] : ends[1]]
        self.polynomial = self.exponential[ends[1] :]

        macro = re.sub(r"\((a|b)\)", r"\1", macro_body(text["vectors"], "TWO_SUM"))
        self.two_sum = Reader(macro, ["a", "b"], {}).run().steps
        places = [("a", lane) for lane in range(8)]
        self.add_up = Reader(function_body(text["vectors"], "add_up"), places, {}).run().returned
        sums = function_body(text["exponentials"], "exponentials_of")
        places = [("sums", part) for part in range(4)]
        self.total = Reader(f"return {TOTAL.findall(sums)[0]};", places, {}).run().returned

        claims = {
            "single": r"static func single\(.*?\? (\d+) : (\d+)\) \* 0x1p-53",
            "logarithm": r"static func logarithm\(.*?\? (\d+) : (\d+)\) \* 0x1p-53",
        }
        self.claims = {name: tuple(map(int, re.search(one, text["bounds"], re.S).groups())) for name, one in claims.items()}
        self.vanishing = number(self.found("bounds", r"singleVanishes = (\S+)"))

    def found(self, source, pattern):
        places = re.findall(pattern, self.text[source])
        if len(places) != 1:
            raise Unreadable(f"{SOURCES[source]}: {len(places)} places match {pattern}")
        return places[0]

    def pieces(self):
        """What the proofs are about, without comments and space: a change of any of it asks for new proofs."""
        text = self.text
        functions = {
            "exponentials": ["exponential", "exponentials_of", "exponentials"],
            "vectors": ["all", "larger", "choose", "add_up", "multiply_add", "widen_group", "widen_whole_group"],
            "survey": ["look_at_eight", "look_at_singles", "look_at_halves"],
        }
        pieces = {
            f"{SOURCES[source]} {name}": function_body(text[source], name)
            for source, names in functions.items() for name in names
        }
        pieces[f"{SOURCES['vectors']} TWO_SUM"] = macro_body(text["vectors"], "TWO_SUM")
        for name in ("coefficients", "reduction"):
            pieces[f"{SOURCES['dispatch']} {name}"] = " ".join(map(str, table(text["dispatch"], name)))
        pieces[f"{SOURCES['dispatch']} levels"] = uncommented(
            "\n".join(re.findall(r"(?m)^#(?:pragma|if|else|endif|define HAS_|define PORTABLE|define LEVEL|undef).*$", text["dispatch"])))
        pieces["constants"] = " ".join(map(str, (self.rounder, self.tiny, self.block, self.group, self.floor)))
        element = uncommented(text["element"])
        pieces[f"{SOURCES['element']} probability_of"] = self.swift_free(element, "static inline void probability_of(")
        pieces[f"{SOURCES['element']} block_length"] = self.swift_free(element, "static inline size_t block_length(")
        pieces[f"{SOURCES['comparison']} product"] = self.found("comparison", r"if \(!is_pair\) p\[part\] \*= .*")
        pieces[f"{SOURCES['lane']} factor"] = self.found("lane", r"let factor = .*")
        pieces[f"{SOURCES['bounds']} constants"] = str((sorted(self.claims.items()), self.vanishing))
        return pieces

    @staticmethod
    def swift_free(text, start):
        if text.count(start) != 1:
            raise Unreadable(f"'{start}' occurs {text.count(start)} times")
        return start + c_expressions.braces(text, text.index(start))

    def digests(self):
        return {name: hashlib.sha256(piece.encode()).hexdigest() for name, piece in sorted(self.pieces().items())}


def is_fused(level):
    return level == "fused"


class Writer:
    """Writes expressions with a rounding after every operation, or without any."""

    # Operands are put in parentheses, and names get this suffix.
    def __init__(self, level, name=lambda text: text):
        self.level = level
        self.name = name

    def rounded(self, text):
        return text if self.level == "exact" else f"fl ({text})" if self.is_coq else f"fl({text})"

    def write(self, expression):
        if isinstance(expression, Fraction):
            return self.constant(expression)
        if isinstance(expression, str):
            return self.name(expression)
        operation, *operands = expression
        if isinstance(operands[0], int):
            return self.name(expression)
        a, b, *rest = [self.write(one) for one in operands]
        if operation != "fma":
            return f"({self.rounded(f'{a} {operation} {b}')})"
        product = f"{a} * {b}" if self.level in ("fused", "exact") else f"({self.rounded(f'{a} * {b}')})"
        return f"({self.rounded(f'{product} + {rest[0]}')})"


class GappaWriter(Writer):
    is_coq = False

    def constant(self, value):
        mantissa, exponent = dyadic(value)
        return f"{mantissa}b{exponent}"

    def definitions(self, steps):
        return "\n".join(f"{self.name(name)} = {self.write(one)};" for name, one in steps)


class CoqWriter(Writer):
    is_coq = True

    def constant(self, value):
        # As Gappa writes them.
        mantissa, exponent = dyadic(value)
        if exponent == 0:
            return f"(Float1 ({mantissa}))"
        return f"(float2R (Float2 ({mantissa}) ({exponent})))"

    def definition(self, name, given, steps, result):
        lines = [f"Definition {name} ({' '.join(given)} : R) : R :="]
        lines += [f"  let {self.name(one)} := {self.write(value)} in" for one, value in steps]
        return "\n".join(lines + [f"  {result}."])


def dyadic(value):
    """The odd mantissa and the exponent of two of a number; 0 and 0 for 0."""
    if value == 0:
        return 0, 0
    exponent = -(value.denominator.bit_length() - 1)
    mantissa = value.numerator
    while mantissa % 2 == 0:
        mantissa, exponent = mantissa // 2, exponent + 1
    return mantissa, exponent


def coq(kernel):
    """The module Kernel: the kernel as functions of real numbers and of `fl`, the rounding to binary64."""
    parts = ["(* Written by scripts/prove from the C sources. *)",
             "From Coq Require Import Reals ZArith.", "Require Import Gappa.Gappa_library.",
             "From Flocq Require Import Core.", "Require Import Rounding.", "Local Open Scope R_scope."]
    for level in ("fused", "unfused"):
        writer = CoqWriter(level)
        parts.append(writer.definition(f"shifted_{level}", ["d"], kernel.rounding[:-1], "shifted"))
        parts.append(writer.definition(f"remainder_{level}", ["d", "k"], kernel.remainder, "r"))
        parts.append(writer.definition(f"polynomial_{level}", ["r"], kernel.polynomial, "p"))
    writer = CoqWriter("unfused")
    parts.append(writer.definition("multiple", ["shifted"], kernel.rounding[-1:], "k"))
    parts.append(CoqWriter("exact").definition("polynomial", ["r"], kernel.polynomial, "p"))
    sum_ = [step for step in kernel.two_sum if step[0] != "error"]
    parts.append(writer.definition("two_sum", ["a", "b"], sum_[:3], "sum"))
    parts.append(writer.definition("two_sum_error", ["a", "b"], kernel.two_sum, "error"))
    for name, expression in (("add_up", kernel.add_up), ("add_parts", kernel.total)):
        access = CoqWriter("unfused", lambda key: f"(a {key[1]}%nat)")
        parts.append(f"Definition {name} (a : nat -> R) : R := {access.write(expression)}.")
    names = {"rounder": kernel.rounder, "inverse_log_two": kernel.rounding[0][1][2],
             "log_two_high": -kernel.remainder[0][1][2], "log_two_low": -kernel.remainder[1][1][2],
             "tiny": kernel.tiny, "floor": -kernel.floor, "single_vanishes": kernel.vanishing}
    parts += [f"Definition {name} : R := {writer.constant(value)}." for name, value in names.items()]
    parts += [f"Definition {name} : nat := {value}%nat." for name, value in (("block", kernel.block), ("group", kernel.group))]
    for name, (exact, inexact) in sorted(kernel.claims.items()):
        parts.append(f"Definition claimed_{name}_exact : R := {exact} * u.")
        parts.append(f"Definition claimed_{name} : R := {inexact} * u.")
    return "\n\n".join(parts) + "\n"


def gappa(kernel, template, level):
    """A Gappa file: a template with the kernel's definitions in it, `exact` ones with names that begin with M."""
    writer = GappaWriter(level, lambda name: name)
    def exact(steps):
        own = {name for name, _ in steps}
        return GappaWriter("exact", lambda name: f"M{name}" if name in own else name).definitions(steps)
    places = {
        "ROUNDING": lambda: writer.definitions(kernel.rounding),
        "REMAINDER": lambda: writer.definitions(kernel.remainder),
        "POLYNOMIAL": lambda: writer.definitions(kernel.polynomial),
        "EXACT_REMAINDER": lambda: exact(kernel.remainder),
        "EXACT_POLYNOMIAL": lambda: exact(kernel.polynomial),
        "INVERSE": lambda: writer.constant(kernel.rounding[0][1][2]),
        "ROUNDER": lambda: writer.constant(kernel.rounder),
    }
    return re.sub(r"@([A-Z_]+)@", lambda place: places[place.group(1)](), template)


def sollya(kernel, template):
    """A file for Sollya: a template with the exact polynomial in it, in x."""
    writer = GappaWriter("exact", lambda name: "x" if name == "r" else name)
    writer.constant = lambda value: f"({dyadic(value)[0]} * 2^({dyadic(value)[1]}))"
    given = {"PREAMBLE": "prec = 200!;\n" + writer.definitions(kernel.polynomial), "POLYNOMIAL_IN_X": "p"}
    return re.sub(r"@([A-Z_]+)@", lambda place: given[place.group(1)], template)
