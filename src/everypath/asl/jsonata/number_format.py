"""``$formatNumber``: numbers as a picture such as ``#,##0.00`` describes them.

Written from "Formatting numbers" (section 4.7) of the XPath and XQuery Functions and Operators 3.1, which JSONata
names as its source; the library's rounds halves up, where JSONata rounds them to even, and checks pictures less.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from everypath.asl.jsonata.messages import JsonataError

#: Before the point and after it, those of the largest double and of the smallest.
_LARGEST_DIGITS = 309 + 324
_DEFAULTS = {
    "decimal-separator": ".",
    "grouping-separator": ",",
    "exponent-separator": "e",
    "minus-sign": "-",
    "percent": "%",
    "per-mille": "‰",
    "zero-digit": "0",
    "digit": "#",
    "pattern-separator": ";",
}


@dataclass(frozen=True, slots=True)
class _Style:
    """The characters of a picture and the digits of the result."""

    signs: dict[str, str]
    digits: str

    @property
    def active(self) -> str:
        names = ("decimal-separator", "exponent-separator", "grouping-separator", "digit", "pattern-separator")
        return self.digits + "".join(self.signs[name] for name in names)

    def count(self, text: str, *, optional: bool = False) -> int:
        """How many mandatory digits there are in a part of a picture, or digits at all."""
        counted = self.digits + (self.signs["digit"] if optional else "")
        return sum(character in counted for character in text)


@dataclass(frozen=True, slots=True)
class _Picture:
    """A sub-picture and its parts."""

    text: str
    prefix: str
    suffix: str
    active: str
    whole: str
    fraction: str
    exponent: str | None


def format_number(value: Any, picture: str | None, options: dict[str, str] | None = None) -> str | None:
    """Return a number as text.

    Raises
    ------
    JsonataError
        D3080 to D3093 where the picture breaks a rule.
    """
    if value is None:
        return None
    signs = _DEFAULTS | (options or {})
    zero = ord(signs["zero-digit"])
    style = _Style(signs, "".join(map(chr, range(zero, zero + 10))))
    texts = (picture or "").split(signs["pattern-separator"])
    if len(texts) > 2:
        raise JsonataError("D3080")
    pictures = [_split(text, style) for text in texts]
    for each in pictures:
        _check(each, style)
    minus = signs["minus-sign"] if value < 0 and len(pictures) == 1 else ""
    used = pictures[-1] if value < 0 else pictures[0]
    with localcontext(prec=_LARGEST_DIGITS + len(used.text)):
        return minus + used.prefix + _formatted(Decimal(repr(value)), used, style) + used.suffix


def _split(text: str, style: _Style) -> _Picture:
    signs = style.signs
    ends = style.active.replace(signs["exponent-separator"], "")
    positions = [index for index, character in enumerate(text) if character in ends]
    start, end = (positions[0], positions[-1] + 1) if positions else (0, len(text))
    active = text[start:end]
    mantissa, found, exponent = text[start:].partition(signs["exponent-separator"])
    has_exponent = bool(found) and start + len(mantissa) <= end
    if has_exponent:
        exponent = exponent[: max(0, end - start - len(mantissa) - 1)]
    else:
        mantissa = active
    whole, _, fraction = mantissa.partition(signs["decimal-separator"])
    return _Picture(text, text[:start], text[end:], active, whole, fraction, exponent if has_exponent else None)


def _check(picture: _Picture, style: _Style) -> None:
    """Apply the rules of section 4.7.3; of several that are broken, the last one is told."""
    signs, text = style.signs, picture.text
    point, group, digit = signs["decimal-separator"], signs["grouping-separator"], signs["digit"]
    percent, mille = signs["percent"], signs["per-mille"]
    scaled = percent in text or mille in text
    mantissa = picture.whole + picture.fraction
    broken = {
        "D3081": text.count(point) > 1,
        "D3082": text.count(percent) > 1,
        "D3083": text.count(mille) > 1,
        "D3084": percent in text and mille in text,
        "D3085": not style.count(mantissa, optional=True),
        "D3086": any(character not in style.active for character in picture.active),
        "D3087": group + point in text or point + group in text,
        "D3088": point not in text and picture.whole.endswith(group),
        "D3089": group * 2 in text,
        "D3090": digit in picture.whole and style.count(picture.whole.partition(digit)[0]) > 0,
        "D3091": digit in picture.fraction and style.count(picture.fraction.rpartition(digit)[2]) > 0,
        "D3092": bool(picture.exponent) and scaled,
        "D3093": picture.exponent is not None
        and (not picture.exponent or style.count(picture.exponent) < len(picture.exponent)),
    }
    codes = [code for code, is_broken in broken.items() if is_broken]
    if codes:
        raise JsonataError(codes[-1])


def _formatted(value: Decimal, picture: _Picture, style: _Style) -> str:
    signs = style.signs
    least, fraction_least = style.count(picture.whole), style.count(picture.fraction)
    most = style.count(picture.fraction, optional=True)
    scaling = least
    if least == 0 and most == 0:
        if picture.exponent is None:
            least = 1
        else:
            fraction_least = most = 1
    if picture.exponent is not None and least == 0 and signs["digit"] in picture.whole:
        least = 1
    if least == 0 and fraction_least == 0:
        fraction_least = 1
    value = abs(value) * (
        100 if signs["percent"] in picture.text else 1000 if signs["per-mille"] in picture.text else 1
    )
    exponent = 0
    if picture.exponent is not None:
        value, exponent = _scaled(value, scaling)
    rounded = value.quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_EVEN)
    whole, _, fraction = f"{rounded:f}".partition(".")
    whole = whole.lstrip("0").rjust(least, "0")
    fraction = fraction.rstrip("0").ljust(fraction_least, "0")
    text = _grouped(whole, picture.whole, style)
    if fraction:
        text += signs["decimal-separator"] + _grouped_fraction(fraction, picture.fraction, style)
    if picture.exponent is not None:
        written = str(abs(exponent)).rjust(style.count(picture.exponent), "0")
        text += signs["exponent-separator"] + (signs["minus-sign"] if exponent < 0 else "") + written
    return text.translate({ord("0") + index: digit for index, digit in enumerate(style.digits)})


def _scaled(value: Decimal, digits: int) -> tuple[Decimal, int]:
    """A mantissa with so many digits before the point, and the exponent that belongs to it."""
    exponent = 0
    while value and value < Decimal(10) ** (digits - 1):
        value, exponent = value * 10, exponent - 1
    while value > Decimal(10) ** digits:
        value, exponent = value / 10, exponent + 1
    return value, exponent


def _grouped(whole: str, picture: str, style: _Style) -> str:
    """The part before the point with its separators, which repeat where their distances are regular."""
    group = style.signs["grouping-separator"]
    separators = re.finditer(re.escape(group), picture)
    positions = [style.count(picture[found.end() :], optional=True) for found in separators]
    if not positions:
        return whole
    size = min(positions)
    if sorted(positions) == [size * (index + 1) for index in range(len(positions))]:
        positions = list(range(size, len(whole), size))
    for position in sorted(positions):
        inserted = len(whole) - position - sum(other < position for other in positions) * len(group)
        if inserted > 0:
            whole = whole[:inserted] + group + whole[inserted:]
    return whole


def _grouped_fraction(fraction: str, picture: str, style: _Style) -> str:
    group = style.signs["grouping-separator"]
    separators = re.finditer(re.escape(group), picture)
    positions = [style.count(picture[: found.start()], optional=True) for found in separators]
    for offset, position in enumerate(positions):
        if position + offset < len(fraction):
            fraction = fraction[: position + offset] + group + fraction[position + offset :]
    return fraction
