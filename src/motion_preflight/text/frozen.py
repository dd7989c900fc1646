"""JSON values that cannot be changed any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError("a checked request cannot be changed: check the changed one")


class FrozenDict(dict[str, Any]):
    """A mapping that refuses every change. It stays a `dict`, so that JSON can carry it, and it can
    be pickled and copied.
    """

    __slots__ = ()

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __copy__(self) -> FrozenDict:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> FrozenDict:
        return self

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        return FrozenDict, (dict(self),)


class FrozenList(list[Any]):
    """A list that refuses every change. It stays a `list`, so that code that searches lists finds
    it.
    """

    __slots__ = ()

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = remove = pop = clear = sort = reverse = _refuse

    def __copy__(self) -> FrozenList:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> FrozenList:
        return self

    def __reduce__(self) -> tuple[type[FrozenList], tuple[list[Any]]]:
        return FrozenList, (list(self),)


def thawed(value: Any) -> Any:  # noqa: ANN401  any value of JSON
    """A copy of a frozen value that may be changed."""
    if isinstance(value, Mapping):
        return {name: thawed(inner) for name, inner in value.items()}
    return [thawed(inner) for inner in value] if isinstance(value, list) else value


def frozen(value: Any) -> Any:  # noqa: ANN401  any value of JSON
    """A copy of the value that refuses changes at every level. Anything that JSON cannot hold is
    left as it is.
    """
    if isinstance(value, Mapping):
        return FrozenDict({name: frozen(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return FrozenList([frozen(inner) for inner in value])
    return tuple(frozen(inner) for inner in value) if isinstance(value, tuple) else value
