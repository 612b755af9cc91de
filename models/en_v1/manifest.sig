]c&=€อMฌ้@ฐUล๏ฤaC:i‘๙Þ๎uQEเf—$a'ฏCู๖l, ๓
Uล—<ฦGsQฑKท้a