"""Text that goes into SQL as an identifier or a literal: escaped here and nowhere else."""


def identifier(name: str) -> str:
    """The name as a quoted identifier; NUL can stand in none."""
    if "\0" in name:
        raise ValueError("an identifier cannot contain NUL")
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as an expression of constants, of type VARCHAR."""
    parts = ["'" + part.replace("'", "''") + "'" for part in text.split("\0")]
    return parts[0] if len(parts) == 1 else "(" + " || chr(0) || ".join(parts) + ")"


def pointer(key: str) -> str:
    """The JSON pointer of an object's member: the one path in which every key means itself."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
