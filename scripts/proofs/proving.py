"""A development: the kernel, the proofs about it, their products, their binding, their table."""

import concurrent.futures
import hashlib
import json
import re
import subprocess
import threading
from fractions import Fraction
from pathlib import Path

import kernel
from c_expressions import Unreadable

LEVELS = ("fused", "unfused")
PAGE = "Sources/SoftmaxAudit/SoftmaxAudit.docc/MachineCheckedBounds.md"
MARKS = ("| Statement |", "\n\n## ")
LIMIT = 600
# Products of errors in proportion to their sum, with room.
FIRST_ORDER = Fraction(1, 2**30)


class Failure(Exception):
    """Something that is not proven, or not what was proven."""


def digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Development:
    def __init__(self, root, proofs, products):
        self.root, self.proofs, self.products = Path(root), Path(proofs), Path(products)
        self._kernel = None

    @property
    def kernel(self):
        self._kernel = self._kernel or kernel.Kernel(self.root)
        return self._kernel

    # What is to be proven.

    def statements(self):
        return json.loads((self.proofs / "statements.json").read_text())

    def sources(self):
        """The files of the proofs that people write, tests and this binding aside."""
        return sorted(path for path in self.proofs.iterdir()
                      if path.suffix in (".v", ".g", ".sollya", ".py", ".json", ".txt")
                      and path.name not in ("binding.json", "test_proofs.py"))

    def modules(self):
        """The text of every module of Coq by its name.

        It is a pair of Gappa's question and None where Gappa writes the module.
        """
        found = {path.stem: path.read_text() for path in self.proofs.glob("*.v")}
        found["Kernel"] = kernel.coq(self.kernel)
        for path in self.proofs.glob("*.g"):
            for level in LEVELS:
                question = kernel.gappa(self.kernel, path.read_text(), level)
                found[f"{path.stem.capitalize()}_{level}"] = (question, None)
        return found

    @staticmethod
    def needs(text, names):
        if isinstance(text, tuple):
            return []
        words = re.findall(r"(?m)^Require (?:Import )?([^.]*)\.$", text)
        return sorted({word for line in words for word in line.split()} & set(names))

    # Proving.

    def prove(self, wanted=None):
        """Proves all modules and the question to Sollya, or the wanted ones with their needs."""
        self.products.mkdir(parents=True, exist_ok=True)
        modules = self.modules()
        needs = {name: self.needs(text, modules) for name, text in modules.items()}
        chosen = set()
        def choose(name):
            if name not in chosen:
                chosen.add(name)
                for one in needs[name]:
                    choose(one)
        for name in wanted or modules:
            choose(name)
        keys = {}
        def key(name):
            if name not in keys:
                text = modules[name]
                own = text[0] if isinstance(text, tuple) else text
                keys[name] = digest(name, own, *[key(one) for one in needs[name]])
            return keys[name]
        done = {name: threading.Event() for name in chosen}
        failures = []
        def work(name):
            for one in needs[name]:
                done[one].wait()
            try:
                if not failures:
                    self.compile(name, modules[name], key(name))
            except Failure as failure:
                failures.append(failure)
            finally:
                done[name].set()
        for name in chosen:
            key(name)
        # Those that take longest first; what waits takes no processor.
        order = sorted(chosen, key=lambda name: (not name.startswith("Evaluation"), name))
        with concurrent.futures.ThreadPoolExecutor(len(order)) as pool:
            self.processors = threading.Semaphore(2)
            list(pool.map(work, order))
        if failures:
            raise failures[0]
        if wanted is None:
            self.ask_sollya()
            self.check_assumptions()
            self.table()

    def run(self, command, name, limit=LIMIT):
        try:
            result = subprocess.run(command, cwd=self.products, capture_output=True, text=True,
                                    timeout=limit)
        except subprocess.TimeoutExpired:
            raise Failure(f"{name}: {command[0]} took more than {limit} seconds")
        if result.returncode != 0:
            words = (result.stderr + result.stdout).strip().splitlines()
            raise Failure(f"{name} is not proven: {command[0]} says\n" + "\n".join(words[:12]))
        return result.stdout

    def compile(self, name, text, key):
        stamp = self.products / f"{name}.key"
        if stamp.exists() and stamp.read_text() == key and (self.products / f"{name}.vo").exists():
            return
        stamp.unlink(missing_ok=True)
        with self.processors:
            if isinstance(text, tuple):
                (self.products / f"{name}.g").write_text(text[0])
                text = self.run(["gappa", "-Bcoq", f"{name}.g"], name)
            (self.products / f"{name}.v").write_text(text)
            self.run(["coqc", "-q", f"{name}.v"], name)
        stamp.write_text(key)

    def ask_sollya(self):
        question = kernel.sollya(self.kernel, (self.proofs / "supnorm.sollya").read_text())
        (self.products / "supnorm.sollya").write_text(question)
        if self.run(["sollya", "supnorm.sollya"], "supnorm").strip() != "proven":
            raise Failure("supnorm is not proven: Sollya finds a larger supremum")

    def check_assumptions(self):
        """Compares what the theorems assume with the axioms of the classical reals."""
        theorems = sorted({one["theorem"] for one in self.statements() if one["theorem"]})
        lines = [f"Require {module}." for module in sorted({one.split(".")[0] for one in theorems})]
        # One look at all of them: each takes a while.
        lines += [f"Definition all := ({', '.join('@' + one for one in theorems)}).",
                  "Print Assumptions all."]
        (self.products / "Assumptions.v").write_text("\n".join(lines) + "\n")
        printed = self.run(["coqc", "-q", "Assumptions.v"], "Assumptions")
        found = set(re.findall(r"(?m)^([A-Za-z_][\w.']*)\s*:", printed)) - {"Axioms"}
        expected = set((self.proofs / "axioms.txt").read_text().split())
        if found != expected:
            raise Failure(f"the theorems assume {sorted(found - expected)} beyond axioms.txt, "
                          f"and not {sorted(expected - found)}")

    # The binding.

    def binding(self):
        return {"kernel": self.kernel.digests(),
                "proofs": {path.name: digest(path.read_text()) for path in self.sources()}}

    def check_binding(self):
        try:
            bound = json.loads((self.proofs / "binding.json").read_text())
        except FileNotFoundError:
            raise Failure("nothing is bound; run scripts/prove --write")
        now = self.binding()
        for kind in ("kernel", "proofs"):
            changed = sorted(name for name in now[kind].keys() | bound[kind].keys()
                             if now[kind].get(name) != bound[kind].get(name))
            if changed:
                raise Failure(f"not what was proven: {', '.join(changed)}; "
                              "run scripts/prove --write")
        page = (self.root / PAGE).read_text()
        if self.table() not in page:
            raise Failure(f"the table of {PAGE} is not that of the proofs; "
                          "run scripts/prove --write")

    # The table.

    @staticmethod
    def quantity(text):
        """A bound as it stands in a proof, in decimals or as a power of two."""
        power = re.fullmatch(r"bpow radix2 \((-\d+)\)", text)
        if power:
            return f"2^{power[1]}"
        found = re.fullmatch(r"(\d+) / (\d+)( \* u)?", text)
        if not found:
            return text
        value = Fraction(int(found[1]), int(found[2]))
        digits = f"{float(value):.10g}"
        if Fraction(digits) != value:
            raise Failure(f"{text} has no short decimal form")
        return digits + (" u" if found[3] else "")

    @staticmethod
    def magnitude(cell):
        """The value of a sum such as 2 u + 2^-84 that a cell begins with; None of anything else."""
        total = Fraction(0)
        for term in cell.partition(",")[0].split(" + "):
            found = re.fullmatch(r"(?:(\d+(?:\.\d+)?)|2\^(-?\d+))( u)?", term)
            if not found:
                return None
            value = Fraction(found[1]) if found[1] else Fraction(2) ** int(found[2])
            total += value / 2**53 if found[3] else value
        return total

    def stated(self, one):
        """The statement of a theorem and the definitions of its file; of Sollya's the file."""
        text = (self.proofs / one["file"]).read_text()
        if not one["theorem"]:
            return text
        name = one["theorem"].split(".")[-1]
        statement = re.findall(rf"(?ms)^(?:Lemma|Theorem) {name}\b.*?\n(?=Proof)", text)
        if len(statement) != 1:
            raise Failure(f"{one['file']} has {len(statement)} theorems {name}")
        return "\n".join(statement + re.findall(r"(?m)^Definition .*$", text))

    def table(self):
        """The statements as a table of Markdown.

        A bound with a `pattern` is read from the statement of its theorem, and a claim with a group
        from FilterBounds; `{}` is its place in the cell. Every other cell is text that people keep
        true; of a `claim` without a group it is only known that it stands in FilterBounds. Where
        both cells are numbers the proven one has to be no larger than the claimed one.
        """
        bounds = (self.root / kernel.SOURCES["bounds"]).read_text()
        bounds = re.sub(r"\s*\n\s*///?\s*", " ", bounds)
        rows = ["| Statement | Checked by | File | Claimed | Proven |",
                "| --- | --- | --- | --- | --- |"]
        for one in self.statements():
            stated = self.stated(one)
            claimed, proven = one["claimed"], one["proven"]
            if one.get("pattern"):
                places = re.findall(one["pattern"], stated)
                if len(places) != 1:
                    raise Failure(f"{one['file']}: {len(places)} places match {one['pattern']}")
                proven = proven.format(self.quantity(places[0]))
            if one.get("claim"):
                place = re.search(one["claim"], bounds)
                if not place:
                    raise Failure(f"{kernel.SOURCES['bounds']} does not claim {one['claim']}")
                claimed = claimed.format(*place.groups())
            self.compare(one["statement"], claimed, proven)
            name = one["file"]
            if one["theorem"]:
                name += f": {one['theorem'].split('.')[-1]}"
            rows.append(f"| {one['statement']} | {one['tool']} | `{name}` | {claimed} | {proven} |")
        return "\n".join(rows)

    def compare(self, statement, claimed, proven):
        """Fails where a claim is a number and what is proven a larger one."""
        limit, value = self.magnitude(claimed), self.magnitude(proven)
        if limit is None or value is None:
            return
        if "first order" in claimed:
            limit *= 1 + FIRST_ORDER
        if value > limit:
            raise Failure(f"'{statement}' is claimed with {claimed} and proven with {proven}")

    def write(self):
        page = self.root / PAGE
        text = page.read_text()
        start = text.index(MARKS[0])
        end = text.find(MARKS[1], start)
        end = len(text) if end < 0 else end
        last = "\n" if end == len(text) else ""
        page.write_text(text[:start] + self.table() + last + text[end:])
        binding = json.dumps(self.binding(), indent=1, sort_keys=True)
        (self.proofs / "binding.json").write_text(binding + "\n")
