"""A development: the kernel, the proofs about it, their products, what binds them together, and the table of statements."""

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
        """The text of every module of Coq by its name; a pair of Gappa's question and None where Gappa writes it."""
        found = {path.stem: path.read_text() for path in self.proofs.glob("*.v")}
        found["Kernel"] = kernel.coq(self.kernel)
        for path in self.proofs.glob("*.g"):
            for level in LEVELS:
                found[f"{path.stem.capitalize()}_{level}"] = (kernel.gappa(self.kernel, path.read_text(), level), None)
        return found

    @staticmethod
    def needs(text, names):
        if isinstance(text, tuple):
            return []
        words = re.findall(r"(?m)^Require (?:Import )?([^.]*)\.$", text)
        return sorted({word for line in words for word in line.split()} & set(names))

    # Proving.

    def prove(self, wanted=None):
        """Proves all modules, or those that are wanted with what they need, and what Sollya is asked."""
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
                keys[name] = digest(name, text[0] if isinstance(text, tuple) else text, *[key(one) for one in needs[name]])
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
            result = subprocess.run(command, cwd=self.products, capture_output=True, text=True, timeout=limit)
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
        lines += [f"Definition all := ({', '.join('@' + one for one in theorems)}).", "Print Assumptions all."]
        (self.products / "Assumptions.v").write_text("\n".join(lines) + "\n")
        printed = self.run(["coqc", "-q", "Assumptions.v"], "Assumptions")
        found = set(re.findall(r"(?m)^([A-Za-z_][\w.']*)\s*:", printed)) - {"Axioms"}
        expected = set((self.proofs / "axioms.txt").read_text().split())
        if found != expected:
            raise Failure(f"the theorems assume {sorted(found - expected)} beyond axioms.txt, and not {sorted(expected - found)}")

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
                raise Failure(f"not what was proven: {', '.join(changed)}; run scripts/prove --write")
        page = (self.root / PAGE).read_text()
        if self.table() not in page:
            raise Failure(f"the table of {PAGE} is not that of the proofs; run scripts/prove --write")

    # The table.

    def quantity(self, text):
        """A bound as it stands in a proof, in decimals."""
        found = re.fullmatch(r"(\d+) / (\d+)( \* u)?", text)
        if not found:
            return text
        value = Fraction(int(found[1]), int(found[2]))
        digits = f"{float(value):.10g}"
        if Fraction(digits) != value:
            raise Failure(f"{text} has no short decimal form")
        return digits + (" u" if found[3] else "")

    def table(self):
        """The statements as a table of Markdown; bounds are read from the proofs, claims from the sources."""
        bounds = re.sub(r"\s*\n\s*///?\s*", " ", (self.root / kernel.SOURCES["bounds"]).read_text())
        rows = ["| Statement | Checked by | File | Claimed | Proven |", "| --- | --- | --- | --- | --- |"]
        for one in self.statements():
            text = (self.proofs / one["file"]).read_text()
            proven = one["proven"]
            if one.get("pattern"):
                places = re.findall(one["pattern"], text)
                if len(places) < 1:
                    raise Failure(f"{one['file']} does not have {one['pattern']}")
                proven = self.quantity(places[0])
            if one.get("claim") and not re.search(one["claim"], bounds):
                raise Failure(f"{kernel.SOURCES['bounds']} does not claim {one['claim']}")
            name = one["file"] if not one["theorem"] else f"{one['file']}: {one['theorem'].split('.')[-1]}"
            rows.append(f"| {one['statement']} | {one['tool']} | `{name}` | {one['claimed']} | {proven} |")
        return "\n".join(rows)

    def write(self):
        page = self.root / PAGE
        text = page.read_text()
        start = text.index(MARKS[0])
        end = text.find(MARKS[1], start)
        end = len(text) if end < 0 else end
        page.write_text(text[:start] + self.table() + ("\n" if end == len(text) else "") + text[end:])
        (self.proofs / "binding.json").write_text(json.dumps(self.binding(), indent=1, sort_keys=True) + "\n")
