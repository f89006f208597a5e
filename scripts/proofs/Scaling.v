(* The bits of binary64: the integers of the kernel multiply by a power of two. *)

From Coq Require Import Reals ZArith Lra Lia.
From Flocq Require Import Core IEEE754.Binary IEEE754.Bits.
Require Import Gappa.Gappa_library.
Require Import Rounding Kernel Exponential.
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

Local Open Scope R_scope.

(* The exponent of a number tells the bits of its exponent. *)
Lemma exponent_of_value b e :
  (0 <= b < 2 ^ 63)%Z -> (-1021 <= e <= 1023)%Z -> bpow radix2 e <= value b < bpow radix2 (e + 1) ->
  (b / 2 ^ 52 = e + 1023)%Z.
Proof.
intros Hb He Hv.
assert (M := Z.mod_pos_bound b (2 ^ 52) ltac:(lia)).
assert (D : (0 <= b / 2 ^ 52 < 2048)%Z).
{ split. apply Z.div_pos; lia. apply Z.div_lt_upper_bound; lia. }
assert (P := bpow_gt_0 radix2 e).
destruct (Z.eq_dec (b / 2 ^ 52) 0) as [Z0 | N0].
- exfalso. assert (value b < bpow radix2 (-1022)).
  { unfold value, b64_of_bits, binary_float_of_bits. rewrite B2R_FF2B.
    unfold binary_float_of_bits_aux, split_bits.
    rewrite Z0. change (0 mod 2 ^ 11)%Z with 0%Z. change (Zeq_bool 0 0) with true. cbv iota.
    destruct (b mod 2 ^ 52)%Z as [ | q | q ] eqn:Em.
    - apply bpow_gt_0.
    - replace (2 ^ 52 * 2 ^ 11 <=? b)%Z with false by (symmetry; apply Z.leb_gt; change (2 ^ 52 * 2 ^ 11)%Z with (2 ^ 63)%Z; lia).
      unfold FF2R, F2R. cbn [Fnum Fexp cond_Zopp].
      change (SpecFloat.emin (52 + 1) (2 ^ (11 - 1))) with (-1074)%Z.
      change (-1022)%Z with (52 + -1074)%Z. rewrite bpow_plus. apply Rmult_lt_compat_r. apply bpow_gt_0.
      change (bpow radix2 52) with (IZR (2 ^ 52)). apply IZR_lt. cbn [Defs.Fnum]. lia.
    - apply bpow_gt_0. }
  assert (bpow radix2 (-1022) <= bpow radix2 e) by (apply bpow_le; lia). lra.
- destruct (Z.eq_dec (b / 2 ^ 52) 2047) as [Z1 | N1].
  + exfalso. assert (value b = 0); [ | lra ].
    unfold value, b64_of_bits, binary_float_of_bits. rewrite B2R_FF2B.
    unfold binary_float_of_bits_aux, split_bits.
    rewrite Z1. change (2047 mod 2 ^ 11)%Z with 2047%Z. change (Zeq_bool 2047 0) with false.
    change (Zeq_bool 2047 (2 ^ 11 - 1)) with true. cbv iota.
    destruct (b mod 2 ^ 52)%Z; reflexivity.
  + assert (V := value_of_bits b Hb ltac:(lia)). rewrite V in Hv.
    set (f := (b / 2 ^ 52)%Z) in *. set (m := (b mod 2 ^ 52 + 2 ^ 52)%Z) in *.
    assert (L : bpow radix2 52 <= IZR m < bpow radix2 53).
    { change (bpow radix2 52) with (IZR (2 ^ 52)). change (bpow radix2 53) with (IZR (2 ^ 53)).
      split. apply IZR_le. unfold m. lia. apply IZR_lt. unfold m. lia. }
    assert (Q := bpow_gt_0 radix2 (f - 1075)).
    assert (A : bpow radix2 (f - 1023) < bpow radix2 (e + 1)).
    { apply Rle_lt_trans with (2 := proj2 Hv). replace (f - 1023)%Z with (52 + (f - 1075))%Z by ring.
      rewrite bpow_plus. apply Rmult_le_compat_r. apply Rlt_le, Q. apply L. }
    assert (B : bpow radix2 e < bpow radix2 (f - 1022)).
    { apply Rle_lt_trans with (1 := proj1 Hv). replace (f - 1022)%Z with (53 + (f - 1075))%Z by ring.
      rewrite bpow_plus. apply Rmult_lt_compat_r. exact Q. apply L. }
    apply lt_bpow in A. apply lt_bpow in B. lia.
Qed.

(* So the bits of the rounder plus k are those of above. *)
Lemma bits_of_shifted s k :
  (0 <= s < 2 ^ 63)%Z -> (-289 <= k <= 0)%Z -> value s = rounder + IZR k -> s = shifted_bits k.
Proof.
intros Hs Hk Hv.
assert (R0 : rounder = IZR (3 * 2 ^ 51)) by (unfold rounder, float2R, Defs.F2R; simpl; lra).
assert (E : (s / 2 ^ 52 = 52 + 1023)%Z).
{ apply exponent_of_value. exact Hs. lia. rewrite Hv, R0, <- plus_IZR.
  change (bpow radix2 52) with (IZR (2 ^ 52)). change (bpow radix2 (52 + 1)) with (IZR (2 ^ 53)).
  split. apply IZR_le. lia. apply IZR_lt. lia. }
assert (V := value_of_bits s Hs ltac:(lia)). rewrite Hv, E, R0, <- plus_IZR in V.
change (bpow radix2 (52 + 1023 - 1075)) with 1 in V. rewrite Rmult_1_r in V. apply eq_IZR in V.
assert (D := Z.div_mod s (2 ^ 52) ltac:(lia)). rewrite E in D. unfold shifted_bits. lia.
Qed.

(* p + shifted << 52 for the numbers that the kernel has. *)
Theorem scaling_of_values p_bits shifted k :
  (0 <= p_bits < 2 ^ 63)%Z -> (0 <= shifted < 2 ^ 63)%Z -> (-289 <= k <= 0)%Z ->
  bpow radix2 (-1) <= value p_bits < bpow radix2 1 -> value shifted = rounder + IZR k ->
  value ((p_bits + (shifted * 2 ^ 52) mod 2 ^ 64) mod 2 ^ 64) = value p_bits * bpow radix2 k.
Proof.
intros Hp Hs Hk Vp Vs.
rewrite (bits_of_shifted shifted k Hs Hk Vs).
apply scaling; try assumption.
destruct (Rlt_or_le (value p_bits) 1) as [L | L].
- assert (E := exponent_of_value p_bits (-1) Hp ltac:(lia) (conj (proj1 Vp) L)). lia.
- assert (E := exponent_of_value p_bits 0 Hp ltac:(lia) (conj L (proj2 Vp))). lia.
Qed.

(* The value of the integers from the scaling that a level asks for. *)
Ltac integers_of asked d :=
  let F := fresh in let D := fresh in let Hp := fresh in let Hs := fresh in
  let Vs := fresh in let Vp := fresh in
  intros F D Hp Hs Vs Vp;
  let k := fresh in let Hk := fresh in let S := fresh in let P := fresh in let E := fresh in
  destruct (asked d F D) as [k [Hk [S [P E]]]];
  rewrite E, <- Vp; rewrite <- Vp in P; apply scaling_of_values; try assumption;
  [simpl; lra | congruence].

(* The integers that the kernel returns have the value that Exponential reckons with. *)
Theorem integers_fused d p_bits shifted :
  format d -> -200 <= d <= 0 -> (0 <= p_bits < 2 ^ 63)%Z -> (0 <= shifted < 2 ^ 63)%Z ->
  value shifted = shifted_fused d ->
  value p_bits = polynomial_fused (remainder_fused d (multiple (shifted_fused d))) ->
  value ((p_bits + (shifted * 2 ^ 52) mod 2 ^ 64) mod 2 ^ 64) = exponential_fused d.
Proof.
integers_of scaling_fused_is_asked d.
Qed.

Theorem integers_unfused d p_bits shifted :
  format d -> -200 <= d <= 0 -> (0 <= p_bits < 2 ^ 63)%Z -> (0 <= shifted < 2 ^ 63)%Z ->
  value shifted = shifted_unfused d ->
  value p_bits = polynomial_unfused (remainder_unfused d (multiple (shifted_unfused d))) ->
  value ((p_bits + (shifted * 2 ^ 52) mod 2 ^ 64) mod 2 ^ 64) = exponential_unfused d.
Proof.
integers_of scaling_unfused_is_asked d.
Qed.
