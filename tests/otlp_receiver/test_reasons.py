"""Every reason that a decoder gives has its sentence, here and in the docs."""

import re
from pathlib import Path

import pytest

from otlp_receiver.reasons import REJECTIONS, TIME_WARNINGS, WARNINGS

ROOT = Path(__file__).parents[2]
DECODING = ROOT / "src" / "otlp_receiver" / "decoding"


@pytest.mark.parametrize("reason", [*REJECTIONS, *WARNINGS, *TIME_WARNINGS])
def test_every_reason_is_documented(reason: str) -> None:
    for page in ("otlp.md", "decoding.md"):
        assert f"`{reason}`" in (ROOT / "docs" / page).read_text(encoding="utf-8"), page


def test_the_decoders_give_no_reason_without_a_sentence() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in DECODING.glob("*.py"))
    warned = set(re.findall(r'warn\("(\w+)"\)', source))
    assert warned
    assert warned <= {*WARNINGS, *TIME_WARNINGS}


def test_the_sentences_are_different_and_say_more_than_their_names() -> None:
    sentences = [*REJECTIONS.values(), *WARNINGS.values(), *TIME_WARNINGS.values()]
    assert len(set(sentences)) == len(sentences)
    assert all(" " in sentence for sentence in sentences)
