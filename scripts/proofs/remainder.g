# What remains when it is taken off, where it is not 0.
@fl = float<ieee_64,ne>;
d = fl(d_);
k = fixed<0,ne>(k_);
@REMAINDER@
@EXACT_REMAINDER@
{ |k| in [1,289] /\ |d| in [0.25,200] /\ |Mexact| <= 0.34658
  -> exact - Mexact in [0,0] /\ |r - Mr| <= 0x1.000000004p-55 }
