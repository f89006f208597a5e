"""Reads straight-line C of the kernels into expressions, one for each assignment, in order.

An expression is a number (a Fraction), a name (a str), or a tuple of an operation and its operands:
"+", "-", "*", and "fma", which is one rounding at some levels and two at the others. Loops with
constant bounds are unrolled.
"""

import re
from fractions import Fraction

TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][-+]?\d+|\d+\.\d*|\d+|[A-Za-z_]\w*|\+\+"
    r"|[-+*/()\[\]{},;=<&])")
QUALIFIERS = {"const", "doubles", "double", "int", "size_t"}
FUNCTIONS = {"multiply_add"}


class Unreadable(Exception):
    """C that is none of what a kernel is made of."""


def uncommented(text):
    """The text without comments and pragmas, its space made uniform."""
    text = re.sub(r"//[^\n]*", "", text)
    text = re.sub(r"(?m)^#pragma clang loop.*$", "", text)
    return re.sub(r"\s+", " ", text.replace("\\\n", "\n")).strip()


def closed(text, start):
    """The text from `start` to the brace that closes the first one from there on."""
    first = text.index("{", start)
    depth = 0
    for position in range(first, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[start : position + 1]
    raise Unreadable("a brace is not closed")


def braces(text, start):
    """The text between the first brace from `start` and the one that closes it."""
    first = text.index("{", start)
    return closed(text, first)[1:-1]


def function_start(text, name):
    """The place of the function of a level, which occurs once."""
    pattern = r"(?:INLINE|static)[^;{}()]*\bLEVEL\(%s\)\(" % re.escape(name)
    places = [place.start() for place in re.finditer(pattern, text)]
    if len(places) != 1:
        raise Unreadable(f"{len(places)} functions are named {name}")
    return places[0]


def function_body(text, name):
    """The body of the function of a level."""
    return uncommented(braces(text, function_start(text, name)))


def whole_function(text, name):
    """The function of a level with its results and parameters."""
    return uncommented(closed(text, function_start(text, name)))


def macro_body(text, name):
    """The body of a macro of the form do { ... } while (0), which occurs once."""
    places = [m.start() for m in re.finditer(r"#define %s\(" % re.escape(name), text)]
    if len(places) != 1:
        raise Unreadable(f"{len(places)} macros are named {name}")
    return uncommented(braces(text, places[0]))


def number(text):
    """The value of a literal, exactly."""
    if text[:2].lower() == "0x":
        digits, _, exponent = text[2:].lower().partition("p")
        whole, _, part = digits.partition(".")
        return Fraction(int(whole + part, 16)) / 16 ** len(part) * Fraction(2) ** int(exponent)
    return Fraction(text)


def table(text, name):
    """The numbers of a static table of binary64 numbers, each of which is one of that format."""
    found = re.findall(r"static const double %s\[(\d+)\] = \{(.*?)\};" % name, text, re.S)
    if len(found) != 1:
        raise Unreadable(f"{len(found)} tables are named {name}")
    values = [number(one.strip()) if one.strip()[0] != "-" else -number(one.strip()[1:])
              for one in uncommented(found[0][1]).split(",") if one.strip()]
    if len(values) != int(found[0][0]):
        raise Unreadable(f"{name} has {len(values)} numbers")
    for value in values:
        if Fraction(float(value)) != value:
            raise Unreadable(f"{value} of {name} is not a number of binary64")
    return values


class Reader:
    """Executes statements on names instead of numbers."""

    def __init__(self, body, given, tables):
        self.tokens = self.tokenized(body)
        self.place = 0
        self.values = {name: name for name in given}
        self.tables = tables
        self.integers = {}
        self.counts = {}
        # Names and their expressions, in order; the expression that is returned, if one is.
        self.steps = []
        self.returned = None

    @staticmethod
    def tokenized(text):
        tokens, place = [], 0
        text = text.rstrip()
        while place < len(text):
            match = TOKEN.match(text, place)
            if not match:
                raise Unreadable(f"cannot read '{text[place:place + 40]}'")
            tokens.append(match.group(1))
            place = match.end()
        return tokens

    @property
    def next(self):
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self, wanted=None):
        token = self.next
        if token is None or (wanted is not None and token != wanted):
            raise Unreadable(f"'{token}' where '{wanted}' should stand")
        self.place += 1
        return token

    def run(self):
        while self.next is not None and self.returned is None:
            self.statement()
        return self

    def statement(self):
        if self.next == "for":
            self.loop()
            return
        if self.next == "return":
            self.take()
            self.returned = self.sum()
            self.take(";")
            return
        is_declared = False
        while self.next in QUALIFIERS:
            self.take()
            is_declared = True
        while True:
            name = self.take()
            if self.next == "[":
                self.take()
                index = self.integer_sum()
                self.take("]")
                if self.next != "=":
                    # Room for an array.
                    if not is_declared:
                        raise Unreadable(f"{name} is not assigned to")
                else:
                    self.take("=")
                    self.assign(f"{name}{index}", (name, index))
            elif self.next == "=":
                self.take("=")
                self.assign(name, name)
            elif not is_declared:
                raise Unreadable(f"'{name}' begins no statement")
            if self.next != ",":
                break
            self.take()
        self.take(";")

    def assign(self, base, key):
        expression = self.sum()
        self.counts[base] = self.counts.get(base, 0) + 1
        name = base if self.counts[base] == 1 else f"{base}_{self.counts[base]}"
        if isinstance(expression, Fraction):
            self.values[key] = expression
            return
        self.steps.append((name, expression))
        self.values[key] = name

    def loop(self):
        self.take("for")
        self.take("(")
        self.take("int")
        name = self.take()
        self.take("=")
        first = self.integer_sum()
        self.take(";")
        self.take(name)
        self.take("<")
        end = self.integer_sum()
        self.take(";")
        self.take(name)
        self.take("++")
        self.take(")")
        self.take("{")
        body = self.place
        for value in range(first, end):
            self.integers[name] = value
            self.place = body
            while self.next != "}":
                self.statement()
        self.take("}")
        del self.integers[name]

    def integer_sum(self):
        value = self.integer_product()
        while self.next in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            value += sign * self.integer_product()
        return value

    def integer_product(self):
        value = self.integer()
        while self.next == "*":
            self.take()
            value *= self.integer()
        return value

    def integer(self):
        token = self.take()
        if token.isdigit():
            return int(token)
        if token in self.integers:
            return self.integers[token]
        raise Unreadable(f"'{token}' is no integer that is known")

    def sum(self):
        value = self.product()
        while self.next in ("+", "-"):
            operation = self.take()
            value = (operation, value, self.product())
        return value

    def product(self):
        value = self.operand()
        while self.next == "*":
            self.take()
            value = ("*", value, self.operand())
        return value

    def operand(self):
        token = self.take()
        if token == "-":
            value = self.operand()
            if not isinstance(value, Fraction):
                raise Unreadable("the negative of what is no constant")
            return -value
        if token == "(":
            value = self.sum()
            self.take(")")
            return value
        if token[0].isdigit():
            return number(token)
        if token == "LEVEL":
            return self.call()
        if self.next == "[":
            self.take()
            index = self.integer_sum()
            self.take("]")
            if token in self.tables:
                return self.tables[token][index]
            return self.known((token, index))
        if token in self.tables and not isinstance(self.tables[token], list):
            return self.tables[token]
        return self.known(token)

    def known(self, key):
        if key not in self.values:
            raise Unreadable(f"{key} has no value yet")
        return self.values[key]

    def call(self):
        self.take("(")
        name = self.take()
        self.take(")")
        self.take("(")
        operands = [self.sum()]
        while self.next == ",":
            self.take()
            operands.append(self.sum())
        self.take(")")
        if name == "all" and len(operands) == 1:
            return operands[0]
        if name == "multiply_add" and len(operands) == 3:
            return ("fma", *operands)
        raise Unreadable(f"LEVEL({name}) is not known")
