"""Which relation, and which column of which table, a name in a query means.

Only what is certain is resolved: a name that DuckDB might read in another way resolves to nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from query.analysis.statement import fold

# Of one table: column name -> DuckDB type.
TableColumns = Mapping[str, str]


# In place of a table's name where the rows of a union come from tables of different names.
SEVERAL_TABLES: Final = ""


class Origin(NamedTuple):
    """The column of a table that a name stands for.

    `occurrence` is the same for columns of the same row of one reference to the table. `row_wise`
    says that every row of the relation is one of the table's that no other row has a say in.
    """

    occurrence: int
    table: str
    column: str
    row_wise: bool = True


class Column(NamedTuple):
    """An output column: its folded name, and its origin where it is a table's column unchanged."""

    name: bytes
    origin: Origin | None


# None: the columns are not known.
Columns = Sequence[Column] | None
UNKNOWN: Final[Columns] = None


@dataclass(frozen=True)
class Relation:
    """Something in FROM; `name` is how its columns may be qualified."""

    name: str | None
    columns: Columns

    def find(self, name: bytes) -> list[Column]:
        return [column for column in self.columns or () if column.name == name]

    def may_have(self, name: bytes) -> bool:
        return self.columns is None or bool(self.find(name))

    def named(self, origin: Origin, column: str) -> str | None:
        """Its name of another column of the same row as `origin`, where it has it."""
        for known in self.columns or ():
            if known.origin is not None and known.origin[:3] == (*origin[:2], column):
                return known.name.decode()
        return None


@dataclass
class Scope:
    """The relations that a query's names can mean, before those of the queries around it.

    `hidden` are unqualified names that mean something else here, or more than one thing. `whole`
    are columns by which the rows are grouped, so that no other column may take their place.
    """

    relations: Sequence[Relation] = ()
    outer: "Scope | None" = None
    hidden: set[bytes] = field(default_factory=set)
    whole: set[Origin] = field(default_factory=set)

    def resolve(self, path: Sequence[str]) -> "tuple[Scope, Relation, Origin] | None":
        """What a column's name means, unqualified or qualified by a relation's name."""
        found = self._find(path)
        if found is None:
            return None
        scope, relation = found
        columns = relation.find(fold(path[-1]))
        if len(columns) != 1 or columns[0].origin is None:
            return None
        return scope, relation, columns[0].origin

    def might_have(self, name: bytes) -> bool:
        """Whether an unqualified name could be a column, here or around."""
        if name in self.hidden or any(relation.may_have(name) for relation in self.relations):
            return True
        return self.outer is not None and self.outer.might_have(name)

    def names_relation(self, name: str) -> bool:
        """Whether some relation here or around is, or might be, called so."""
        if any(r.name is not None and fold(r.name) == fold(name) for r in self.relations):
            return True
        return self.outer is not None and self.outer.names_relation(name)

    def _find(self, path: Sequence[str]) -> "tuple[Scope, Relation] | None":
        if len(path) == 1:
            name = fold(path[0])
            if name in self.hidden:
                return None
            found = [relation for relation in self.relations if relation.may_have(name)]
        elif len(path) == 2:
            qualifier = fold(path[0])
            named = [relation for relation in self.relations if relation.name is not None]
            found = [relation for relation in named if fold(relation.name or "") == qualifier]
        else:
            return None
        if not found:
            return self.outer._find(path) if self.outer is not None else None
        return (self, found[0]) if len(found) == 1 else None
