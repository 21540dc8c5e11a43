"""The SQL of a package: one statement or script per file of its folder `sql`."""

from functools import cache
from importlib.resources import files


@cache
def sql(package: str, name: str) -> str:
    """The text of <package>/sql/<name>.sql."""
    return files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
