"""What an audit found, as text, rows, a data frame, and in a notebook."""

import html
import json
import math
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Sequence, Tuple

from softmax_audit.program import Run

if TYPE_CHECKING:
    import pandas

#: Of several exit statuses the first of these is that of them all.
PRECEDENCE = (70, 65, 64, 73, 1, 2)


class Report:
    """What an audit found.

    It is true where all that was asked for was measured and nothing failed.
    """

    def __init__(self, name: str, operation: str, runs: Sequence[Run], is_served: bool = False):
        self.name = name
        self.operation = operation
        #: The runs of the program that it consists of: measuring, and trying laws.
        self.runs = list(runs)
        #: Whether the callable was called in this process.
        self.is_served = is_served

    @property
    def status(self) -> int:
        """The exit status: 0 all was measured and nothing failed, 1 something failed, 2 something was not measured."""
        statuses = [run.status for run in self.runs if run.status != 0]
        # One that is not in the list is that of a program that was ended.
        return min(statuses, key=lambda status: PRECEDENCE.index(status) if status in PRECEDENCE else -1, default=0)

    def __bool__(self) -> bool:
        return self.status == 0

    @property
    def text(self) -> str:
        """What the program printed for people."""
        return "".join(run.text for run in self.runs)

    @property
    def notes(self) -> List[str]:
        """What failed, was not measured or was left out, a line each."""
        lines = [line for run in self.runs for line in run.notes.splitlines() if line.strip()]
        return [line for line in lines if not line.startswith("progress: ")]

    @property
    def json(self) -> Dict[str, Any]:
        """The results by the schema `softmax-audit/results/1`, those of measuring and of laws as one."""
        documents = [run.document for run in self.runs if run.document is not None]
        if len(documents) < 2:
            return documents[0] if documents else {}
        joined = dict(documents[0])
        # It is the sum of one document.
        joined.pop("checksum", None)
        for document in documents[1:]:
            for key, value in document.items():
                if key in ("accuracy", "properties"):
                    joined[key] = [*joined.get(key, []), *value]
                elif key != "checksum":
                    joined.setdefault(key, value)
        joined["command"] = " && ".join(document["command"] for document in documents)
        return joined

    @property
    def accuracy(self) -> List[Dict[str, Any]]:
        """The measured errors: a row for each family, length and format."""
        return [row for run in self.runs for row in (run.document or {}).get("accuracy", [])]

    @property
    def laws(self) -> List[Dict[str, Any]]:
        """The laws that were tried: a row for each of them and each format."""
        return [row for run in self.runs for row in (run.document or {}).get("properties", [])]

    @property
    def broken(self) -> List[Dict[str, Any]]:
        """The laws that count and are broken."""
        return [row for row in self.laws if row["verdict"] == "failed"]

    def to_frame(self, rows: str = "accuracy") -> "pandas.DataFrame":
        """The rows of `accuracy` or of `laws` as a data frame of pandas, which has to be installed.

        What is nested has a name with dots, such as `worst.ulp`.
        """
        import pandas

        if rows not in ("accuracy", "laws"):
            raise ValueError(f"rows is {rows!r}; use 'accuracy' or 'laws'")
        return pandas.json_normalize(self.accuracy if rows == "accuracy" else self.laws)

    # Summaries

    def formats(self) -> List[Tuple[str, str]]:
        """The pairs of formats of logits and outputs that were measured or tried."""
        found = {(row["inputFormat"], row["outputFormat"]): None for row in [*self.accuracy, *self.laws]}
        return list(found)

    def summary(self) -> List[Dict[str, Any]]:
        """A row for each pair of formats: the largest error, the outputs, and how many laws were kept and broken."""
        summary = []
        for pair in self.formats():
            cells = [row for row in self.accuracy if (row["inputFormat"], row["outputFormat"]) == pair]
            laws = [row for row in self.laws if (row["inputFormat"], row["outputFormat"]) == pair]
            errors = [number(row.get("maxUlp")) for row in cells]
            pairs = sum(row.get("finitePairs", 0) for row in cells)
            rounded = sum(row.get("correctlyRounded", 0) * row.get("finitePairs", 0) for row in cells)
            summary.append({
                "format": pair[0] if pair[0] == pair[1] else f"{pair[0]} to {pair[1]}",
                "maxUlp": max((error for error in errors if error is not None), default=None),
                "correctlyRounded": rounded / pairs if pairs else None,
                "mismatches": sum(row.get("mismatchesInDomain", row.get("mismatches", 0)) for row in cells),
                "outputs": sum(row.get("elements", 0) for row in cells),
                "lawsKept": sum(row["verdict"] == "passed" for row in laws),
                "lawsBroken": sum(row["verdict"] == "failed" for row in laws),
            })
        return summary

    @property
    def verdict(self) -> str:
        return {0: "passed", 1: "failed"}.get(self.status, "not measured")

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<softmax-audit of {self.name}: {self.verdict}>"

    def _repr_html_(self) -> str:
        """A table, a figure, and what failed: for notebooks."""
        header = ["format", "max ulp", "correctly rounded", "mismatches", "outputs", "laws kept", "laws broken"]
        rows = []
        for row in self.summary():
            share = row["correctlyRounded"]
            rows.append([
                row["format"], "" if row["maxUlp"] is None else shown(row["maxUlp"]),
                "" if share is None else f"{100 * share:.2f} %", str(row["mismatches"]), str(row["outputs"]),
                str(row["lawsKept"]), str(row["lawsBroken"])])
        lines = [f"<p><b>{html.escape(self.name)}</b>: {self.operation}, {self.verdict}</p>", "<table><thead><tr>"]
        lines += [f"<th>{html.escape(word)}</th>" for word in header]
        lines.append("</tr></thead><tbody>")
        for words in rows:
            lines.append("<tr>" + "".join(f"<td>{html.escape(word)}</td>" for word in words) + "</tr>")
        lines.append("</tbody></table>")
        lines.append(self.figure())
        told = [note for note in self.notes if note.startswith(("failed", "not measured", "error", "quick"))]
        if told:
            lines.append("<pre>" + html.escape("\n".join(told)) + "</pre>")
        return "\n".join(lines)

    def figure(self) -> str:
        """The largest error against the length of lanes, a line for each pair of formats, as SVG; empty without errors."""
        lines = [
            (name, points) for name, points in self.curves() if points]
        if not lines:
            return ""
        width, height, margin = 560, 260, 46
        lengths = [length for _, points in lines for length, _ in points]
        errors = [error for _, points in lines for _, error in points]
        left, right = math.log2(min(lengths)), math.log2(max(lengths))
        low, high = math.floor(math.log10(min(errors))), math.ceil(math.log10(max(errors)))
        right, high = max(right, left + 1), max(high, low + 1)

        def place(length: float, error: float) -> Tuple[float, float]:
            across = (math.log2(length) - left) / (right - left)
            up = (math.log10(error) - low) / (high - low)
            return margin + across * (width - 2 * margin), height - margin - up * (height - 2 * margin)

        parts = [
            f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
            'font-family="sans-serif" font-size="11" fill="currentColor">',
            "<title>Largest error against the length of lanes</title>"]
        step = max(1, math.ceil((high - low) / 6))
        for power in range(low, high + 1, step):
            _, y = place(2**left, 10.0**power)
            parts.append(
                f'<line x1="{margin}" x2="{width - margin}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
                f'stroke-opacity="0.15"/><text x="{margin - 4}" y="{y + 4:.1f}" text-anchor="end">1e{power}</text>')
        for length in sorted({min(lengths), max(lengths)}):
            x, _ = place(length, 10.0**low)
            parts.append(f'<text x="{x:.1f}" y="{height - margin + 14}" text-anchor="middle">{length}</text>')
        parts.append(
            f'<text x="{width / 2}" y="{height - 8}" text-anchor="middle">length of lanes</text>'
            f'<text x="{margin}" y="14" text-anchor="middle">max ulp</text>')
        colours = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
        for index, (name, points) in enumerate(lines):
            colour = colours[index % len(colours)]
            places = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in points)
            parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
            for across, up in (place(*point) for point in points):
                parts.append(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="2.5" fill="{colour}"/>')
            parts.append(
                f'<text x="{width - margin + 2:.1f}" y="{24 + 13 * index}" fill="{colour}" text-anchor="end">'
                f"{html.escape(name)}</text>")
        return "".join([*parts, "</svg>"])

    def curves(self) -> Iterator[Tuple[str, List[Tuple[int, float]]]]:
        """For each pair of formats its name, and the largest error above zero at each length."""
        for pair in self.formats():
            largest: Dict[int, float] = {}
            for row in self.accuracy:
                error = number(row.get("maxUlp"))
                if (row["inputFormat"], row["outputFormat"]) == pair and error and math.isfinite(error) and row["length"]:
                    largest[row["length"]] = max(error, largest.get(row["length"], 0.0))
            name = pair[0] if pair[0] == pair[1] else f"{pair[0]} to {pair[1]}"
            yield name, sorted(largest.items())

    def save(self, path: str) -> None:
        """Writes the JSON, for `softmax-audit report` and `compare`."""
        written = [run.results for run in self.runs if run.results is not None]
        # Those of one run have a checksum of what was written.
        text = written[0] if len(written) == 1 else json.dumps(self.json, indent=1) + "\n"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def number(value: Any) -> "float | None":
    """A figure of the results; None where there is none."""
    return None if value is None else float(value)


def shown(value: float) -> str:
    return f"{value:.3g}"
