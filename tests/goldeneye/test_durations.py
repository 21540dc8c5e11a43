import pytest

from goldeneye.durations import duration_ns


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("90m", 5_400),
        ("6h", 21_600),
        ("30d", 2_592_000),
        ("2w", 1_209_600),
        ("2y", 63_072_000),
    ],
)
def test_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert duration_ns(text) == seconds * 10**9


@pytest.mark.parametrize(
    "text", ["", "30", "d", "-1d", "1.5d", "0d", "1 d", "1d ", "1M", "٣d", "9999999d"]
)
def test_anything_else_says_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match="such as 30d"):
        duration_ns(text)
