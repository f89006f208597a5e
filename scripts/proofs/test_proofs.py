"""Wrong constants, other orders of evaluation, wider intervals and smaller claims are not provable.

Each test changes one thing in a copy of the sources or of the proofs. Run by `scripts/prove
--self-test`, after `scripts/prove`: products that a change does not touch are those of the true
development.
"""

import shutil
import tempfile
import unittest
from pathlib import Path

import kernel
import proving

ROOT = Path(__file__).resolve().parents[2]
PROOFS = ROOT / "scripts" / "proofs"
EXPONENTIALS, DISPATCH, BOUNDS = (
    kernel.SOURCES[name] for name in ("exponentials", "dispatch", "bounds"))

# Changes of text that the proofs model, and of claims and constants: the binding notices them.
BOUND = [
    ("exponentials", "LEVEL(exponentials_of)(true, false,", "LEVEL(exponentials_of)(false, false,"),
    ("exponentials", "const bool is_tail, const bool is_kept",
     "const bool is_kept, const bool is_tail"),
    ("exponentials", "((integers)term & ~is_top)", "((integers)term & is_top)"),
    ("exponentials", "INLINE lane_sum", "#pragma STDC FP_CONTRACT ON\nINLINE lane_sum"),
    ("bounds", "tailVanishes = 0x1p-190", "tailVanishes = 0x1p-1000"),
    ("bounds", "singleVanishes = 0x1p-287", "singleVanishes = 0x1p-290"),
    ("bounds", "? 34 : 258) * 0x1p-53", "? 34 : 258) * 0x1p-54"),
    ("bounds", "(hasExactDifferences ? 34", "(!hasExactDifferences ? 34"),
    ("lane", "hasExactDifferences: !survey.has_tiny", "hasExactDifferences: true"),
    ("lane", "reference.pointee.high[index] * reference.pointee.factor",
     "reference.pointee.high[index]"),
    ("lane", "let factor = 1 / sum.high", "let factor = 2 / sum.high"),
    ("lane", "vanishing: FilterBounds.singleVanishes", "vanishing: 0"),
    ("logits", "hasExactDifferences: Bool { !survey.has_tiny }",
     "hasExactDifferences: Bool { true }"),
    ("logits", "lane_tail(level,", "lane_exponentials(level,"),
    ("comparison", "if (!is_pair) p[part] *=", "if (is_pair) p[part] *="),
    ("element", "one = UINT64_C(1) << 52;", "one = UINT64_C(1) << 51;"),
    ("element", "(uint32_t)brain << 16", "(uint32_t)brain << 15"),
    ("element", "widen_float16(((const uint16_t *)elements)[index])",
     "widen_bfloat16(((const uint16_t *)elements)[index])"),
    ("vectors", "__builtin_memcpy(&value, from, sizeof value)",
     "__builtin_memcpy(&value, from, 8)"),
    ("vectors", "return (floats)(bits << 16)", "return (floats)(bits << 15)"),
    ("vectors", "LEVEL(load)((const double *)elements + index)", "LEVEL(load)(elements)"),
    ("vectors", "#define TWO_SUM(sum, error, a, b)", "#define TWO_SUM(error, sum, a, b)"),
    ("dispatch", "typedef double doubles", "typedef float doubles"),
    ("dispatch", "FP_CONTRACT OFF", "FP_CONTRACT ON"),
    ("dispatch", "JOIN(tail, suffix)", "JOIN(exponentials, suffix)"),
    ("dispatch", "case LANE_LEVEL_AVX2: return call(_avx2)",
     "case LANE_LEVEL_AVX2: return call(_avx512)"),
    ("survey", "logits, count, 0x7C00, 7)", "logits, count, 0x7C00, 6)"),
    ("survey", "word_of((float)LANE_TINY)", "word_of(0)"),
    ("interface", "LANE_BFLOAT16 = 1,", "LANE_BFLOAT16 = 4,"),
    ("codes", "case .bfloat16: Int32(LANE_BFLOAT16)", "case .bfloat16: Int32(LANE_FLOAT16)"),
]


class ProofTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        shutil.copytree(ROOT / kernel.FOLDER, root / kernel.FOLDER)
        for path in [*kernel.SOURCES.values(), proving.PAGE]:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, root / path)
        shutil.copytree(PROOFS, root / "proofs", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / ".build" / "proofs", root / "products")
        self.root = root

    def tearDown(self):
        self.folder.cleanup()

    @property
    def development(self):
        return proving.Development(self.root, self.root / "proofs", self.root / "products")

    def change(self, path, old, new):
        text = (self.root / path).read_text()
        self.assertEqual(text.count(old), 1, f"{path}: {old}")
        (self.root / path).write_text(text.replace(old, new))

    def assert_fails(self, *modules):
        """The binding notices the change, and the modules are not proven of the changed kernel."""
        with self.assertRaises((proving.Failure, proving.Unreadable)):
            self.development.check_binding()
        with self.assertRaises((proving.Failure, proving.Unreadable)) as caught:
            self.development.prove(modules)
        expected = f"^({'|'.join(modules)}) is not proven|is not what the proof knows$"
        self.assertRegex(str(caught.exception), expected)

    def test_the_true_development_is_proven_and_bound(self):
        self.development.check_binding()
        self.development.prove(["Theorems", "Scaling"])

    def test_comments_and_space_change_nothing(self):
        self.change(EXPONENTIALS, "// e^d for -200 <= d <= 0.",
                    "// The exponential,\n\n// for -200 <= d <= 0.")
        self.change(EXPONENTIALS, "const doubles k = shifted - rounder;",
                    "const doubles k =\n      shifted - rounder;")
        self.development.check_binding()

    def test_the_binding_notices(self):
        for source, old, new in BOUND:
            with self.subTest(new):
                path = self.root / kernel.SOURCES[source]
                before = path.read_text()
                self.change(kernel.SOURCES[source], old, new)
                with self.assertRaises((proving.Failure, proving.Unreadable)):
                    self.development.check_binding()
                path.write_text(before)
        self.development.check_binding()

    def test_the_binding_notices_a_pragma_of_another_header(self):
        self.change(f"{kernel.FOLDER}/gradients.h", "INLINE void LEVEL(fine_exponential)",
                    "#pragma clang fp contract(fast)\nINLINE void LEVEL(fine_exponential)")
        with self.assertRaises(proving.Failure):
            self.development.check_binding()

    def test_a_claim_in_words_below_what_is_proven(self):
        self.change(BOUNDS, "below 3.25 u.", "below 3.15 u.")
        with self.assertRaisesRegex(proving.Failure, "claimed with 3.15 u and proven with 3.16 u"):
            self.development.check_binding()

    def test_a_wrong_coefficient(self):
        self.change(DISPATCH, "0x1.1111112dd6fbap-7", "0x1.1111112ed6fbap-7")
        self.assert_fails("Approximation")

    def test_a_wrong_last_digit_of_ln_2(self):
        self.change(DISPATCH, "0x1.ef35793c76730p-45", "0x1.ef35793c76740p-45")
        self.assert_fails("Approximation")

    def test_the_parts_of_ln_2_in_the_other_order(self):
        text = (self.root / EXPONENTIALS).read_text()
        swapped = text.replace("-reduction[0]", "-reduction[X]")
        swapped = swapped.replace("-reduction[1]", "-reduction[0]").replace("[X]", "[1]")
        self.assertNotEqual(text, swapped)
        (self.root / EXPONENTIALS).write_text(swapped)
        self.assert_fails("Remainder_fused", "Remainder_unfused")

    def test_partial_sums_one_after_the_other(self):
        self.change(EXPONENTIALS, "(sums[0] + sums[1]) + (sums[2] + sums[3])",
                    "((sums[0] + sums[1]) + sums[2]) + sums[3]")
        self.assert_fails("Sums")

    def test_a_polynomial_by_other_pairs(self):
        self.change(
            EXPONENTIALS,
            "r, LEVEL(all)(coefficients[2 * term + 1]), LEVEL(all)(coefficients[2 * term])",
            "r, LEVEL(all)(coefficients[2 * term]), LEVEL(all)(coefficients[2 * term + 1])")
        self.assert_fails("Approximation")

    def test_another_scaling(self):
        self.change(EXPONENTIALS, "((integers)shifted << 52)", "((integers)shifted << 51)")
        self.assert_fails("Scaling")

    def test_a_wider_interval_of_the_remainder(self):
        self.change("proofs/Approximation.v", "Rabs r <= 34658 / 100000",
                    "Rabs r <= 36000 / 100000")
        self.assert_fails("Approximation")

    def test_a_wider_interval_of_differences(self):
        self.change("proofs/multiple.g", "d in [-200,0]", "d in [-400,0]")
        self.assert_fails("Multiple_fused")

    def test_a_lower_floor(self):
        self.change(EXPONENTIALS, "floor = LEVEL(all)(-200)", "floor = LEVEL(all)(-400)")
        self.assert_fails("Softmax")

    def test_blocks_twice_as_long(self):
        self.change(kernel.SOURCES["interface"], "LANE_BLOCK = 256", "LANE_BLOCK = 512")
        self.assert_fails("Sums")

    def test_a_smaller_claim(self):
        self.change(BOUNDS, "(hasExactDifferences ? 34 : 258) * 0x1p-53",
                    "(hasExactDifferences ? 29 : 258) * 0x1p-53")
        self.assert_fails("Theorems")

    def test_an_axiom_that_is_not_expected(self):
        (self.root / "proofs/axioms.txt").write_text("Classical_Prop.classic\n")
        with self.assertRaisesRegex(proving.Failure, "beyond axioms.txt"):
            self.development.check_assumptions()


if __name__ == "__main__":
    unittest.main()
