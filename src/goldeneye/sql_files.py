"""The SQL of a package: one statement or script per file of its folder `sql`."""

from functools import cache
from importlib.resources import files


def remember(package: str) -> None:
    """Read all of them, for a process that may not open files later."""
    for file in files(package).joinpath("sql").iterdir():
        name, _, kind = file.name.partition(".")
        if kind == "sql":
            sql(package, name)


@cache
def sql(package: str, name: str) -> str:
    """The text of <package>/sql/<name>.sql."""
    return files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
