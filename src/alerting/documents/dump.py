"""Values back into YAML; what is secret stays so."""

import dataclasses
import types
from typing import Annotated, Any, Union, get_args, get_origin

import yaml

from alerting.documents.decode import keys
from alerting.documents.kinds import Scalar
from alerting.documents.secret import SHOWN, Secret


def dump(value: object) -> str:
    """A dataclass as the document that says the same, without what is as it would be anyway."""
    return yaml.safe_dump(plain(value), sort_keys=False, allow_unicode=True)


def plain(value: object) -> Any:
    """As dictionaries, lists and scalars."""
    if isinstance(value, Secret):
        return SHOWN
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            key: _written(getattr(value, name), hint)
            for key, (name, hint) in keys(type(value)).items()
            if getattr(value, name) not in (None, "", (), {})
        }
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [plain(inner) for inner in value]
    return value


def _written(value: Any, hint: Any) -> Any:
    """A field's value, by its type."""
    inner = get_args(hint)
    if get_origin(hint) is Annotated and isinstance(inner[1], Scalar):
        return inner[1].write(value)
    if get_origin(hint) in (types.UnionType, Union):
        return _written(value, next(arm for arm in inner if arm is not type(None)))
    if get_origin(hint) is tuple:
        return [_written(each, inner[0]) for each in value]
    if get_origin(hint) is dict:
        return {key: _written(each, inner[1]) for key, each in value.items()}
    return plain(value)
