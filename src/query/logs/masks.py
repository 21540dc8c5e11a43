"""What varies in lines of one kind and can be told by its form alone: replaced before mining."""

from typing import Any, Final, NamedTuple


class Mask(NamedTuple):
    """An RE2 expression and what takes the place of what it matches."""

    pattern: str
    word: str


# In this order: a later one would match parts of what an earlier one is for.
MASKS: Final = (
    Mask(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?", "<time>"),
    Mask(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", "<uuid>"),
    Mask(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b", "<ip>"),
    # With up to two letters of a unit.
    Mask(r"\b\d+(?:\.\d+)?([A-Za-z]{0,2})\b", r"<num>\1"),
    Mask(r"\b(?:0[xX][0-9a-fA-F]+|[0-9a-fA-F]{8,})\b", "<hex>"),
)


def masked(expression: str) -> tuple[str, dict[str, Any]]:
    """SQL of the text with the masks applied, and its parameters."""
    params: dict[str, Any] = {}
    for number, mask in enumerate(MASKS):
        params |= {f"mask_{number}": mask.pattern, f"mask_word_{number}": mask.word}
        expression = f"regexp_replace({expression}, $mask_{number}, $mask_word_{number}, 'g')"
    return expression, params
