"""Fuzz the native decoder and the HTTP receiver: `python tests/fuzz/run.py SECONDS`.

Each target runs for that long, all at once: `protobuf` and `json` are libFuzzer's (native/fuzz,
by coverage; they need cargo and a C++ compiler), `http` is hypothesis against the real receiver.
What libFuzzer finds is kept in build/fuzz/found, the corpora in build/fuzz. The last line is
`N targets, N found, N skipped`; the exit code is 0 only where nothing was found.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CRATE: Final = ROOT / "native" / "fuzz"
WORK: Final = ROOT / "build" / "fuzz"
FOUND: Final = WORK / "found"
CORPUS: Final = ROOT / "tests" / "fixtures" / "otlp" / "edge-cases"
HTTP: Final = [sys.executable, str(Path(__file__).with_name("http_target.py"))]
# Target -> the fixtures that it begins with.
NATIVE: Final = {"protobuf": "*.pb", "json": "*.json"}
# libFuzzer's coverage, as cargo-fuzz asks for it; the compiler needs no sanitizer's runtime.
_COVERAGE: Final = (
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int, nargs="?", default=60)
    seconds = parser.parse_args().seconds
    reason = _why_not_native()
    commands = {"http": [*HTTP, str(seconds)]}
    if reason is None:
        folder = _build()
        commands |= {target: _native_command(folder, target, seconds) for target in NATIVE}
    found = _run_all(commands)
    skipped = [target for target in NATIVE if target not in commands]
    for target in skipped:
        print(f"{target}: skipped, {reason}")
    print(f"{len(commands)} targets, {found} found, {len(skipped)} skipped")
    return 1 if found else 0


def _why_not_native() -> str | None:
    if shutil.which("cargo") is None:
        return "no cargo on this machine"
    if not any(shutil.which(compiler) for compiler in ("c++", "g++", "clang++")):
        return "no C++ compiler on this machine, which libFuzzer needs"
    return None


def _build() -> Path:
    """The folder of the targets; the first time it takes some minutes."""
    host = subprocess.run(
        ["rustc", "--print", "host-tuple"], capture_output=True, text=True, check=True
    ).stdout.strip()
    # With a target named, build scripts and macros are not made to count coverage.
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "--locked", "--target", host],
        cwd=CRATE,
        env={**os.environ, "RUSTFLAGS": " ".join(_COVERAGE), "PYO3_PYTHON": sys.executable},
        check=True,
    )
    return CRATE / "target" / host / "release"


def _native_command(folder: Path, target: str, seconds: int) -> list[str]:
    corpus, seeds = WORK / target, WORK / f"{target}-seeds"
    for path in (corpus, seeds, FOUND):
        path.mkdir(parents=True, exist_ok=True)
    for path in CORPUS.glob(NATIVE[target]):
        shutil.copy(path, seeds)
    return [
        str(folder / target),
        f"-max_total_time={seconds}",
        "-max_len=65536",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-verbosity=0",
        "-print_final_stats=1",
        f"-artifact_prefix={FOUND}/{target}-",
        str(corpus),
        str(seeds),
    ]


def _run_all(commands: dict[str, list[str]]) -> int:
    """Run all at once; how many found something."""
    runs = {
        target: subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for target, command in commands.items()
    }
    found = 0
    for target, run in runs.items():
        text = run.communicate()[0]
        print("\n".join(f"{target}: {line}" for line in _telling(text, run.returncode)))
        found += run.returncode != 0
    return found


def _telling(text: str, code: int) -> list[str]:
    """All of it where something was found, else how much was tried."""
    lines = text.strip().splitlines()
    return lines if code else [line for line in lines if "executed" in line or "examples" in line]


if __name__ == "__main__":
    sys.exit(main())
