"""Go's fmt verbs, against what Go prints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.templates.printf import printf

CASES = [
    (("%s %v", "a", 1), "a 1"),
    (("%d|%5d|%-5d|%05d|%+d", 7, 7, 7, 7, 7), "7|    7|7    |00007|+7"),
    (("%x %X %#x %o %b %c %q", 255, 255, 255, 8, 5, 65, 65), "ff FF 0xff 10 101 A 'A'"),
    (("%U", 65), "U+0041"),
    (("%f %.2f %8.3f %08.3f", 1.5, 1.255, 3.14159, -3.14159), "1.500000 1.25    3.142 -003.142"),
    (("%g %.3g %e %G", 1e6, 1234.5, 1.5, 1e-7), "1e+06 1.23e+03 1.500000e+00 1E-07"),
    (("%q %x %.2s %5s|%-5s|", "a\"b", "hi", "héllo", "x", "x"), '"a\\"b" 6869 hé     x|x    |'),
    (("%t %v %T %T", True, None, 1.5, "x"), "true <nil> float64 string"),
    (("100%%",), "100%"),
    (("%d", "x"), "%!d(string=x)"),
    (("%s", 3), "%!s(int=3)"),
    (("%d",), "%!d(MISSING)"),
    (("a", 1), "a%!(EXTRA int=1)"),
    (("%",), "%!(NOVERB)"),
    (("%*d|%-*d|%.*f", 4, 1, 4, 1, 1, 2.55), "   1|1   |2.5"),
    (("%v %d", ["a", 1], 1), "[a 1] 1"),
    (("%f", float("inf")), "+Inf"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "expected"), CASES, ids=[c[0][0] for c in CASES])
def test_printf(arguments: tuple[str, ...], expected: str) -> None:
    assert printf(*arguments) == expected


@given(
    st.text(max_size=20),
    st.lists(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none())),
)
def test_no_form_fails(form: str, values: list[object]) -> None:
    assert isinstance(printf(form, *values), str)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 30))
def test_whole_numbers_are_padded_as_in_python(number: int, width: int) -> None:
    assert printf(f"%{width}d", number) == f"{number:{width}d}"
    assert printf(f"%0{width}d", number) == f"{number:0{width}d}"
