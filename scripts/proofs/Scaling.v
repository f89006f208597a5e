(* The bits of binary64: what the integers of the kernel do is a multiplication by a power of two. *)

From Coq Require Import Reals ZArith Lra Lia.
From Flocq Require Import Core IEEE754.Binary IEEE754.Bits.
Require Import Gappa.Gappa_library.
Require Import Rounding Kernel.
Local Open Scope Z_scope.

Definition value (bits : Z) : R := B2R 53 1024 (b64_of_bits bits).

(* A positive number that is not subnormal. *)
Lemma value_of_bits b :
  0 <= b < 2 ^ 63 -> 0 < b / 2 ^ 52 < 2047 ->
  value b = (IZR (b mod 2 ^ 52 + 2 ^ 52) * bpow radix2 (b / 2 ^ 52 - 1075))%R.
Proof.
intros Hb He. unfold value, b64_of_bits, binary_float_of_bits.
change (2 ^ (11 - 1)) with 1024. change (52 + 1) with 53.
rewrite B2R_FF2B. unfold binary_float_of_bits_aux, split_bits.
replace (2 ^ 52 * 2 ^ 11 <=? b) with false by (symmetry; apply Z.leb_gt; change (2 ^ 52 * 2 ^ 11) with (2 ^ 63); lia).
rewrite (Z.mod_small (b / 2 ^ 52) (2 ^ 11)) by (change (2 ^ 11) with 2048; lia).
assert (E0 : Zeq_bool (b / 2 ^ 52) 0 = false) by (apply Zeq_bool_false; lia).
assert (E1 : Zeq_bool (b / 2 ^ 52) (2 ^ 11 - 1) = false) by (apply Zeq_bool_false; change (2 ^ 11 - 1) with 2047; lia).
rewrite E0, E1.
assert (M := Z.mod_pos_bound b (2 ^ 52) ltac:(lia)).
set (m := b mod 2 ^ 52 + 2 ^ 52).
assert (Hm : 0 < m) by (unfold m; lia).
destruct m as [ | q | q ]; try lia.
unfold FF2R, F2R. cbn [Fnum Fexp cond_Zopp].
replace (b / 2 ^ 52 + SpecFloat.emin (52 + 1) (2 ^ (11 - 1)) - 1) with (b / 2 ^ 52 - 1075)
  by (change (SpecFloat.emin (52 + 1) (2 ^ (11 - 1))) with (-1074); ring).
reflexivity.
Qed.

(* The bits of the rounder with k in its last places. *)
Definition shifted_bits (k : Z) : Z := 1075 * 2 ^ 52 + (2 ^ 51 + k).

Lemma shifted_bits_value k : -289 <= k <= 0 -> value (shifted_bits k) = (rounder + IZR k)%R.
Proof.
intro H. unfold shifted_bits.
assert (D : (1075 * 2 ^ 52 + (2 ^ 51 + k)) / 2 ^ 52 = 1075).
{ symmetry. apply Z.div_unique with (2 ^ 51 + k). left. lia. ring. }
assert (M : (1075 * 2 ^ 52 + (2 ^ 51 + k)) mod 2 ^ 52 = 2 ^ 51 + k).
{ symmetry. apply Z.mod_unique with 1075. left. lia. ring. }
rewrite value_of_bits; rewrite ?D, ?M; try lia.
rewrite 2!plus_IZR. unfold rounder, float2R, Defs.F2R. simpl. lra.
Qed.

(* p + shifted << 52 in integers of 64 bits. *)
Theorem scaling b k :
  0 <= b < 2 ^ 63 -> 290 <= b / 2 ^ 52 < 2047 -> -289 <= k <= 0 ->
  let c := (b + (shifted_bits k * 2 ^ 52) mod 2 ^ 64) mod 2 ^ 64 in
  value c = (value b * bpow radix2 k)%R.
Proof.
intros Hb He Hk. cbv zeta.
assert (Hd := Z.div_mod b (2 ^ 52) ltac:(lia)). assert (Hm := Z.mod_pos_bound b (2 ^ 52) ltac:(lia)).
set (e := b / 2 ^ 52) in *. set (m := b mod 2 ^ 52) in *.
assert (C : (b + (shifted_bits k * 2 ^ 52) mod 2 ^ 64) mod 2 ^ 64 = (e + k) * 2 ^ 52 + m).
{ rewrite Zplus_mod_idemp_r. symmetry. apply Z.mod_unique with (1075 * 2 ^ 40 + 2 ^ 39).
  left. lia. unfold shifted_bits. lia. }
rewrite C.
assert (D : ((e + k) * 2 ^ 52 + m) / 2 ^ 52 = e + k).
{ symmetry. apply Z.div_unique with m. left. lia. ring. }
assert (M : ((e + k) * 2 ^ 52 + m) mod 2 ^ 52 = m).
{ symmetry. apply Z.mod_unique with (e + k). left. lia. ring. }
rewrite (value_of_bits b); try (fold e; lia).
rewrite value_of_bits; rewrite ?D, ?M; try lia.
fold e m. rewrite Rmult_assoc, <- bpow_plus. f_equal. f_equal. ring.
Qed.
