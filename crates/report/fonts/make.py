"""Makes the two fonts of this folder from Debian's fonts-noto-core 20201225-1 with fontTools 4.68.0.

Usage: python make.py FOLDER_OF_THE_NOTO_FONTS; writes NotoSans-Regular.ttf and NotoSans-Bold.ttf.
Latin, Greek, Cyrillic and punctuation come from Noto Sans, arrows and operators from Noto Sans
Math, boxes and ticks from Noto Sans Symbols 2. Layout features and hints are left out: a report
sets one glyph for each character.
"""

import io
import sys
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

TEXT = (
    "20-7E,A0-58F,1AB0-1AFF,1D00-1DBF,1DC0-1FFF,2000-218F,2C60-2C7F,2DE0-2E7F,"
    "A640-A69F,A720-A7FF,AB30-AB6F,FB00-FB06,FE20-FE2F,FFFD"
)
MATH = "2190-22FF"
SYMBOLS = "2610-2612,2713-2718,25A0-25FF"


def part(path, ranges):
    """The glyphs of `ranges`, as the bytes of a font."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["MATH", "GSUB", "GPOS", "GDEF", "DSIG", "gasp"]
    font = TTFont(path, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    pairs = (pair.split("-") for pair in ranges.split(","))
    subsetter.populate(
        unicodes=[code for pair in pairs for code in range(int(pair[0], 16), int(pair[-1], 16) + 1)]
    )
    subsetter.subset(font)
    held = io.BytesIO()
    font.save(held)
    held.seek(0)
    return held


def make(folder, weight):
    """One font; metrics, names and dates are those of Noto Sans."""
    text = part(folder / f"NotoSans-{weight}.ttf", TEXT)
    math = part(folder / "NotoSansMath-Regular.ttf", MATH)
    symbols = part(folder / "NotoSansSymbols2-Regular.ttf", SYMBOLS)
    made = Merger().merge([text, math, symbols])
    text.seek(0)
    first = TTFont(text)
    made["name"] = first["name"]
    made["OS/2"] = first["OS/2"]
    for field in ("ascent", "descent", "lineGap"):
        setattr(made["hhea"], field, getattr(first["hhea"], field))
    made["head"].created, made["head"].modified = first["head"].created, first["head"].modified
    made.recalcTimestamp = False
    made.save(f"NotoSans-{weight}.ttf")


for weight in ("Regular", "Bold"):
    make(Path(sys.argv[1]), weight)
