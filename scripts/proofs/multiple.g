# The multiple of ln 2 that is taken off.
@fl = float<ieee_64,ne>;
d = fl(d_);
@ROUNDING@
{ d in [-200,0] -> |shifted - (d * @INVERSE@ + @ROUNDER@)| <= 0x1.00000000002p-1
  /\ k - (shifted - @ROUNDER@) in [0,0] /\ k in [-289,0] /\ @FIX(k,0) }
