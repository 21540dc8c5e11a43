"""Whether there is a service of a name at all."""

import difflib

from goldeneye.errors import NotFound
from goldeneye.sql_files import sql
from query.asking.reader import Reader


def require_known(reader: Reader, service: str) -> None:
    """Raise NotFound, with the nearest names, where no span of it was ever seen."""
    text = sql("query.services", "known_services")
    names = reader.table(text).column("service_name").to_pylist()
    if service in names:
        return
    nearest = difflib.get_close_matches(service, names, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
    raise NotFound(f"there is no service {service!r} in the spans that are kept{hint}")
