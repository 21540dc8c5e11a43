"""Wheels of both packages install where no Rust is, and work there."""

import fcntl
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_CHECK = """
import goldeneye_native, query, storage
from goldeneye.schemas import well_known_keys
from otlp_receiver.decoding.choose import decoder
assert decoder(well_known_keys()).name == "native"
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("cargo") is None:
        pytest.skip("no cargo on this machine: the native wheel cannot be built")
    folder = tmp_path_factory.mktemp("wheels")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder]
    subprocess.run([*pip, ROOT], check=True, timeout=300)
    maturin = [Path(sys.executable).with_name("maturin"), "build", "--release", "--locked"]
    with (ROOT / "native" / "Cargo.toml").open() as shared:
        # Two of them at once take away each other's files.
        fcntl.flock(shared, fcntl.LOCK_EX)
        subprocess.run(
            [*maturin, "--quiet", "--out", folder], cwd=ROOT / "native", check=True, timeout=900
        )
    return folder


def test_the_native_wheel_fits_every_python_from_3_11(wheels: Path) -> None:
    (native,) = wheels.glob("goldeneye_native-*.whl")
    assert "cp311-abi3" in native.name


def test_the_wheel_holds_what_is_no_python(wheels: Path) -> None:
    (wheel,) = wheels.glob("goldeneye-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    sources = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src").rglob("*")
        if path.suffix in (".sql", ".yaml", ".typed", ".pyi")
    }
    assert sources <= set(names)


@pytest.mark.slow
def test_both_install_and_run_without_rust(wheels: Path, tmp_path: Path) -> None:
    home = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", home], check=True, timeout=120)
    bin_dir = home / "bin"
    environment = {"PATH": f"{bin_dir}:/usr/bin:/bin", "HOME": str(tmp_path)}
    environment |= {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_"))}
    environment |= {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
    assert shutil.which("cargo", path=environment["PATH"]) is None
    subprocess.run(
        [bin_dir / "pip", "install", "--quiet", "-c", ROOT / "constraints.txt"]
        + [str(path) for path in wheels.glob("*.whl")],
        env=environment,
        cwd=tmp_path,
        check=True,
        timeout=600,
    )
    subprocess.run(
        [bin_dir / "python", "-c", _CHECK], env=environment, cwd=tmp_path, check=True, timeout=60
    )
    version = subprocess.run(
        [bin_dir / "goldeneye", "version"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert version.stdout.startswith("goldeneye ")
