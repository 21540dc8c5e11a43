"""Small files and small functions, by ratchet: the lists below only shrink."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()


def _files() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if not path.stem.endswith("_pb2")]


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(SOURCE))
        for path in _files()
        if len(path.read_text(encoding="utf-8").splitlines()) > MAX_FILE_LINES
    }
    assert long == LONG_FILES


def test_functions_stay_short() -> None:
    long = {
        f"{path.relative_to(SOURCE)}:{node.name}"
        for path in _files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert long == LONG_FUNCTIONS
