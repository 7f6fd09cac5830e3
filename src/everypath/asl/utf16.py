"""Text as Java has it: a sequence of UTF-16 units, in which half of a character may stand alone.

Python's strings hold code points, and a half (a surrogate) of which the other half follows is not the character that
the two mean. No half survives where Java writes UTF-8: it becomes a question mark.
"""

from __future__ import annotations


def paired(text: str) -> str:
    """Return a text in which two halves of a character that stand side by side are that character."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def encodable(text: str) -> str:
    """Return a text as it is once Java has written it as UTF-8: with a question mark for half of a character."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return paired(text).encode(errors="replace").decode()
    return text


def units(text: str) -> str:
    """Return a text whose characters beyond the Basic Multilingual Plane are two halves each."""
    if text.isascii():
        return text
    return "".join(
        character
        if character <= "\uffff"
        else chr(0xD7C0 + (ord(character) >> 10)) + chr(0xDC00 + (ord(character) & 0x3FF))
        for character in text
    )


def sort_key(text: str) -> bytes:
    """Return what orders texts as Java's ``compareTo`` does: by their UTF-16 units."""
    return text.encode("utf-16-be", "surrogatepass")
