"""The kernel of exponentials and sums in binary64, as the C sources have it, for Gappa and Coq.

Constants, coefficients and the order of evaluation are read; nothing of them is repeated here.
"""

import hashlib
import re
from fractions import Fraction
from pathlib import Path

from c_expressions import (Reader, Unreadable, closed, function_body, macro_body, number, table,
                           uncommented, whole_function)

RETURNED = "return (doubles)((integers)p + ((integers)shifted << 52));"
TOTAL = re.compile(r"const doubles total = ([^;]*);")
FOLDER = "Sources/CLaneKernels"
SOURCES = {
    "dispatch": "Sources/CLaneKernels/dispatch.c",
    "exponentials": "Sources/CLaneKernels/exponentials.h",
    "vectors": "Sources/CLaneKernels/vectors.h",
    "element": "Sources/CLaneKernels/element.h",
    "comparison": "Sources/CLaneKernels/comparison.h",
    "interface": "Sources/CLaneKernels/include/lane_kernels.h",
    "survey": "Sources/CLaneKernels/survey.h",
    "candidates": "Sources/CLaneKernels/candidates.h",
    "ratios": "Sources/CLaneKernels/ratios.h",
    "kernels": "Sources/CLaneKernels/kernels.h",
    "codes": "Sources/Oracle/Filters/KernelLevel.swift",
    "logits": "Sources/Oracle/Filters/SurveyedLogits.swift",
    "lane": "Sources/Oracle/Filters/FilteredLane.swift",
    "bounds": "Sources/Oracle/Filters/FilterBounds.swift",
}


class Kernel:
    """The part of the sources of a checkout that the proofs take over."""

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
        self.claims = {name: self.claim(pattern) for name, pattern in claims.items()}
        self.single_vanishes = number(self.found("bounds", r"singleVanishes = (0x\S+)"))
        self.tail_vanishes = number(self.found("bounds", r"tailVanishes = (0x\S+)"))

    def claim(self, pattern):
        """The bounds of a function with exact differences and without, in u."""
        place = re.search(pattern, self.text["bounds"], re.S)
        if not place:
            raise Unreadable(f"{SOURCES['bounds']} does not match {pattern}")
        return tuple(map(int, place.groups()))

    def found(self, source, pattern):
        places = re.findall(pattern, self.text[source])
        if len(places) != 1:
            raise Unreadable(f"{SOURCES[source]}: {len(places)} places match {pattern}")
        return places[0]

    def pieces(self):
        """The text that the proofs are about, without comments and space.

        A change of any of it asks for new proofs. Where the proofs only model the text (loops, the
        widening of formats, who calls whom) the digest is all that binds it.
        """
        text = {name: uncommented(one) for name, one in self.text.items()}
        leveled = {
            "exponentials": ["exponential", "exponentials_of", "exponentials", "tail"],
            "vectors": ["load", "store", "all", "all_integers", "choose", "larger", "smaller",
                        "any", "add_up", "count_up", "largest", "multiply_add", "narrow_eight",
                        "widen_eight", "widen_whole_group", "widen_group"],
            "survey": ["larger_narrow", "smaller_narrow", "look_at_eight", "look_at_singles",
                       "ordered", "look_at_halves", "look_at_wide", "look"],
            "comparison": ["probabilities_at"],
        }
        # Functions of C and of Swift, by how they begin.
        others = {
            "dispatch": ["lane_survey lane_look(", "lane_sum lane_exponentials(",
                         "lane_sum lane_tail("],
            "element": ["uint64_t bits_of(", "uint32_t word_of(", "double from_bits(",
                        "double widen_float16(", "double widen_bfloat16(", "void widen_one(",
                        "size_t block_length(", "void probability_of("],
            "interface": ["enum { LANE_FLOAT16 ="],
            "codes": ["var kernelCode: Int32 {"],
            "lane": ["package init(", "func sumOfSingles()", "func evaluateSingles()",
                     "func withSingles(", "func single(at index: Int)"],
            "logits": ["init(_ lane: consuming EncodedLane,", "var hasExactDifferences: Bool {",
                       "func exponentials("],
            "bounds": ["static func single(", "static func logarithm("],
        }
        pieces = {}
        for source, names in leveled.items():
            for name in names:
                pieces[f"{SOURCES[source]} {name}"] = whole_function(self.text[source], name)
        for source, starts in others.items():
            for start in starts:
                name = " ".join(re.findall(r"\w+", start))
                pieces[f"{SOURCES[source]} {name}"] = self.braced(text[source], start)
        for start in ("typedef struct { double maximum;",
                      "typedef struct { double high, low; uint64"):
            name = " ".join(re.findall(r"\w+", start))
            pieces[f"{SOURCES['interface']} {name}"] = self.braced(text["interface"], start)
        pieces[f"{SOURCES['survey']} single_survey"] = self.braced(text["survey"], "typedef struct")
        for source in ("vectors", "survey", "exponentials"):
            pieces[f"{SOURCES[source]} directives"] = self.directives(source)
        first = self.text["kernels"].partition('#include "exponentials.h"')[0]
        pieces[f"{SOURCES['kernels']} before exponentials"] = uncommented(first)
        pieces[f"{SOURCES['dispatch']} typedefs"] = uncommented(
            "\n".join(re.findall(r"(?m)^typedef [^;]*;", self.text["dispatch"])))
        # The levels, and how a level and a format are chosen.
        pieces[f"{SOURCES['dispatch']} directives"] = self.directives("dispatch")
        # A pragma of any header holds for the levels that follow.
        for path in sorted((self.root / FOLDER).rglob("*.[ch]")):
            pragmas = re.findall(r"(?m)^\s*#\s*pragma (?!clang loop)[^\n]*$|_Pragma[^\n]*",
                                 path.read_text())
            if pragmas:
                pieces[f"{path.relative_to(self.root)} pragmas"] = uncommented("\n".join(pragmas))
        for name in ("coefficients", "reduction"):
            values = table(self.text["dispatch"], name)
            pieces[f"{SOURCES['dispatch']} {name}"] = " ".join(map(str, values))
        constants = (self.rounder, self.tiny, self.block, self.group, self.floor)
        pieces["constants"] = " ".join(map(str, constants))
        # All places where an exponential is multiplied by the factor.
        for source in ("candidates", "ratios"):
            products = re.findall(r"[^;{}]*reference->factor[^;]*;", text[source])
            pieces[f"{SOURCES[source]} products"] = " ".join(products)
        pieces[f"{SOURCES['bounds']} constants"] = str(
            (sorted(self.claims.items()), self.single_vanishes, self.tail_vanishes))
        return pieces

    def directives(self, source):
        """The directives of a source, those of calls aside, with the lines that continue them."""
        lines = re.findall(r"(?m)^#(?:[^\n]*\\\n)*[^\n]*$", self.text[source])
        return " ".join(uncommented(one) for one in lines
                        if not re.match(r"#(define|undef) CALL\b", one))

    @staticmethod
    def braced(text, start):
        """The text from a start that occurs once to the end of its braces."""
        if text.count(start) != 1:
            raise Unreadable(f"'{start}' occurs {text.count(start)} times")
        return closed(text, text.index(start))

    def digests(self):
        return {name: hashlib.sha256(piece.encode()).hexdigest()
                for name, piece in sorted(self.pieces().items())}


def is_fused(level):
    return level == "fused"


class Writer:
    """Writes expressions with a rounding after every operation, or without any."""

    # Operands are put in parentheses, and names get this suffix.
    def __init__(self, level, name=lambda text: text):
        self.level = level
        self.name = name

    def rounded(self, text):
        if self.level == "exact":
            return text
        return f"fl ({text})" if self.is_coq else f"fl({text})"

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
        product = f"{a} * {b}"
        if self.level == "unfused":
            product = f"({self.rounded(product)})"
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
    """The module Kernel: the kernel as functions of real numbers.

    `fl` is the rounding to binary64.
    """
    parts = ["(* Written by scripts/prove from the C sources. *)",
             "From Coq Require Import Reals ZArith.", "Require Import Gappa.Gappa_library.",
             "From Flocq Require Import Core.", "Require Import Rounding.",
             "Local Open Scope R_scope."]
    for level in ("fused", "unfused"):
        writer = CoqWriter(level)
        parts.append(writer.definition(f"shifted_{level}", ["d"], kernel.rounding[:-1], "shifted"))
        first = kernel.remainder[:-1]
        parts.append(writer.definition(f"reduced_{level}", ["d", "k"], first, first[-1][0]))
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
             "tiny": kernel.tiny, "floor": -kernel.floor,
             "single_vanishes": kernel.single_vanishes, "tail_vanishes": kernel.tail_vanishes}
    parts += [f"Definition {name} : R := {writer.constant(value)}."
              for name, value in names.items()]
    parts += [f"Definition {name} : nat := {value}%nat."
              for name, value in (("block", kernel.block), ("group", kernel.group))]
    for name, (exact, inexact) in sorted(kernel.claims.items()):
        parts.append(f"Definition claimed_{name}_exact : R := {exact} * u.")
        parts.append(f"Definition claimed_{name} : R := {inexact} * u.")
    return "\n\n".join(parts) + "\n"


def gappa(kernel, template, level):
    """A Gappa file: a template with the kernel's definitions in it.

    The names of exact ones begin with M.
    """
    writer = GappaWriter(level, lambda name: name)
    def exact(steps):
        own = {name for name, _ in steps}
        writer = GappaWriter("exact", lambda name: f"M{name}" if name in own else name)
        return writer.definitions(steps)
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
    given = {"PREAMBLE": "prec = 200!;\n" + writer.definitions(kernel.polynomial),
             "POLYNOMIAL_IN_X": "p"}
    return re.sub(r"@([A-Z_]+)@", lambda place: given[place.group(1)], template)
