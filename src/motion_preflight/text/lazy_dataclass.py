"""The standard library's `dataclass`, put together when a class is first used.

A start of the program declares some sixty such classes and makes instances of half of them. The
standard library imports `inspect` for that and compiles up to six methods a class, which was a
third of the time of a check. Here a declaration costs little more than that of a plain class:
`__init__` is compiled for the first instance, and all classes share the other methods.

Type checkers see the standard library's own names, and its functions (`fields`, `replace`,
`asdict`, `is_dataclass`) take these classes. Only the options that this package uses are there.
"""

from __future__ import annotations

import sys
from functools import partial
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from inspect import Signature

__all__ = ["dataclass", "field", "fields", "is_dataclass", "replace"]

_NONE: Any = type("Made", (), {"__repr__": lambda _: "<factory>"})()  # no default value
_FIELDS = "__lazy_fields__"
_NOT_COPIED = ("__dict__", "__weakref__")  # every class gets its own


class _Field:
    """A field as its class declares it; its attributes are those of `dataclasses.Field`."""

    __slots__ = (
        "compare", "default", "default_factory", "hash", "init", "kw_only", "metadata", "name",
        "repr", "type",
    )  # fmt: skip

    def __init__(
        self,
        *,
        default: Any = _NONE,  # noqa: ANN401  a value of any field
        default_factory: Callable[[], Any] | None = None,
        init: bool = True,
        repr: bool = True,  # noqa: A002  the standard library's name
        compare: bool = True,
        hash: bool | None = None,  # noqa: A002  as above
        kw_only: bool = False,
        metadata: Mapping[Any, Any] = MappingProxyType({}),
    ) -> None:
        self.name, self.type = "", ""
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare, self.kw_only = init, repr, compare, kw_only
        self.hash, self.metadata = hash, metadata

    def options(self) -> dict[str, Any]:
        """The arguments that make a field of the standard library like this one."""
        names = ("init", "repr", "compare", "hash", "kw_only", "metadata")
        options = {name: getattr(self, name) for name in names}
        if self.default is not _NONE:
            options["default"] = self.default
        if self.default_factory:
            options["default_factory"] = self.default_factory
        return options


def _dataclass(cls: type | None = None, /, **options: Any) -> Any:  # noqa: ANN401  a decorator
    """Makes a dataclass of a class, with the options `frozen`, `slots`, `kw_only`, `eq`, `repr`."""
    return partial(_declared, **options) if cls is None else _declared(cls, **options)


def _declared(
    cls: type,
    *,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
    eq: bool = True,
    repr: bool = True,  # noqa: A002  the standard library's name
) -> type:
    """The class with its fields and methods; a new one where it gets slots."""
    own = _own_fields(cls, kw_only=kw_only)
    inherited: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        inherited |= vars(base).get(_FIELDS, {})
    methods = _methods(inherited | own, frozen=frozen, eq=eq, repr=repr)
    written = vars(cls)
    kept = set(written)
    if "__eq__" in written and written.get("__hash__") is None:
        kept.discard("__hash__")  # Python itself puts that `None` beside a written `__eq__`
    methods = {name: value for name, value in methods.items() if name not in kept}
    if slots:
        members = {name: written[name] for name in written if name not in {*own, *_NOT_COPIED}}
        members |= methods | {"__getstate__": _state, "__setstate__": _set_state}
        members["__slots__"] = tuple(name for name in own if name not in inherited)
        members["__qualname__"] = cls.__qualname__
        cls = type(cls)(cls.__name__, cls.__bases__, members)
    else:
        for name, one in own.items():
            if one.default is not _NONE:
                setattr(cls, name, one.default)
            elif name in written:
                delattr(cls, name)
        for name, value in methods.items():
            setattr(cls, name, value)
    if "__init__" not in kept:
        cls.__init__ = _first_init(cls, frozen=frozen)  # type: ignore[misc]
    return cls


def _own_fields(cls: type, *, kw_only: bool) -> dict[str, _Field]:
    """The fields that a class itself annotates."""
    own = {}
    for name, annotation in cls.__annotations__.items():
        if str(annotation).startswith(("ClassVar", "typing.ClassVar")):
            continue
        value = vars(cls).get(name, _NONE)
        declared = value if isinstance(value, _Field) else _Field(default=value)
        declared.name, declared.type = name, annotation
        declared.kw_only = declared.kw_only or kw_only
        own[name] = declared
    return own


def _methods(
    declared: dict[str, _Field],
    *,
    frozen: bool,
    eq: bool,
    repr: bool,  # noqa: A002
) -> dict[str, Any]:
    """What a class gets besides its `__init__`, where it does not write that itself."""
    values = declared.values()
    options = {"frozen": frozen, "eq": eq, "repr": repr}
    methods: dict[str, Any] = {
        _FIELDS: declared,
        "__dataclass_fields__": _Genuine("__dataclass_fields__", options),
        "__dataclass_params__": _Genuine("__dataclass_params__", options),
        "__match_args__": tuple(one.name for one in values if one.init and not one.kw_only),
        "__replace__": _replace,
        "__signature__": _Signature(),
    }
    if repr:
        methods["__repr__"] = _repr
    if eq:
        compared = [one.name for one in values if one.compare]
        hashed = [one.name for one in values if (one.compare if one.hash is None else one.hash)]
        methods["__compared__"] = attrgetter(*(compared or ["__class__"]))
        methods["__hashed__"] = attrgetter(*(hashed or ["__class__"]))
        methods["__eq__"], methods["__hash__"] = _eq, _hash if frozen else None
    if frozen:
        methods["__setattr__"] = methods["__delattr__"] = _refuse_change
    return methods


def _first_init(cls: type, *, frozen: bool) -> Callable[..., None]:
    """The `__init__` that is called once: it puts the compiled one in its place."""

    def __init__(self: object, *values: object, **named: object) -> None:  # noqa: N807
        compiled = cls.__init__ = _compiled_init(cls, frozen=frozen)  # type: ignore[misc]
        compiled(self, *values, **named)

    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    return __init__


def _compiled_init(cls: type, *, frozen: bool) -> Callable[..., None]:
    """The `__init__` that assigns each field, and calls `__post_init__` where there is one."""
    declared = getattr(cls, _FIELDS).values()
    scope: dict[str, Any] = {"NONE": _NONE, "assign": object.__setattr__}
    parameters, keywords, lines = ["self"], list[str](), list[str]()
    for one in declared:
        value, default = one.name, ""
        if one.default is not _NONE:
            scope[f"default_{one.name}"], default = one.default, f"=default_{one.name}"
        elif one.default_factory:
            scope[f"make_{one.name}"], default = one.default_factory, "=NONE"
            value = f"make_{one.name}() if {one.name} is NONE else {one.name}"
        if one.init:
            (keywords if one.kw_only else parameters).append(one.name + default)
        elif default:
            value = f"make_{one.name}()" if one.default_factory else default[1:]
        else:
            continue
        lines.append(
            f"assign(self, {one.name!r}, {value})" if frozen else f"self.{one.name} = {value}"
        )
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    parameters += ["*", *keywords] if keywords else []
    body = "\n        ".join(lines or ["pass"])
    text = (
        f"def make({', '.join(scope)}):\n    def __init__({', '.join(parameters)}):\n"
        f"        {body}\n    return __init__"
    )
    made: dict[str, Any] = {}
    exec(text, vars(sys.modules[cls.__module__]), made)  # noqa: S102  our own text, as namedtuple's
    init: Callable[..., None] = made["make"](**scope)
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__annotations__ = {one.name: one.type for one in declared if one.init} | {"return": None}
    return init


class _Genuine:
    """What the standard library and others look up to know a dataclass: its fields and options, in
    the standard library's own classes. They are made for the first who asks.
    """

    def __init__(self, name: str, options: dict[str, bool]) -> None:
        self._name, self._options = name, options

    def __get__(self, instance: object, owner: type) -> Any:  # noqa: ANN401  depends on the name
        import dataclasses  # noqa: PLC0415  what this module is there to avoid

        declared = getattr(owner, _FIELDS).values()
        types = {one.name: one.type for one in declared}
        members = {one.name: dataclasses.field(**one.options()) for one in declared}
        template = type(owner.__name__, (), {"__annotations__": types, **members})
        value = vars(dataclasses.dataclass(**self._options)(template))[self._name]
        setattr(owner, self._name, value)  # in the place of this
        return value


class _Signature:
    """`__signature__`, which `inspect` and `help` ask for instead of looking at `__init__`."""

    def __get__(self, instance: object, owner: type) -> Signature:
        if instance is not None or _FIELDS not in vars(owner):
            raise AttributeError("__signature__")
        import inspect  # noqa: PLC0415  as above

        first = inspect.signature(_compiled_init(owner, frozen=True))
        return first.replace(parameters=list(first.parameters.values())[1:])


def _eq(self: Any, other: Any) -> Any:  # noqa: ANN401  of any class
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self.__compared__(self) == self.__compared__(other)


def _hash(self: Any) -> int:  # noqa: ANN401  of any class
    return hash(self.__hashed__(self))


def _repr(self: Any) -> str:  # noqa: ANN401  of any class
    declared = getattr(self, _FIELDS).values()
    parts = [f"{one.name}={getattr(self, one.name)!r}" for one in declared if one.repr]
    return f"{type(self).__qualname__}({', '.join(parts)})"


def _refuse_change(_: object, name: str, *__: object) -> None:
    from dataclasses import FrozenInstanceError  # noqa: PLC0415  as above

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _state(self: Any) -> list[Any]:  # noqa: ANN401  of any class
    return [getattr(self, name) for name in getattr(self, _FIELDS)]


def _set_state(self: Any, state: list[Any]) -> None:  # noqa: ANN401  of any class
    for name, value in zip(getattr(self, _FIELDS), state, strict=True):
        object.__setattr__(self, name, value)


def _replace(instance: Any, /, **changes: Any) -> Any:  # noqa: ANN401  of any class
    """An instance like this one, but for the fields that are named."""
    for name, one in getattr(instance, _FIELDS).items():
        if one.init and name not in changes:
            changes[name] = getattr(instance, name)
    return instance.__class__(**changes)


def _fields(owner: Any) -> tuple[_Field, ...]:  # noqa: ANN401  a class or an instance of one
    """The fields of a dataclass in the order of their declaration."""
    return tuple(getattr(owner, _FIELDS).values())


def _is_dataclass(value: object) -> bool:
    """Whether a class is a dataclass, or a value an instance of one."""
    return hasattr(value, _FIELDS)


if TYPE_CHECKING:
    from dataclasses import dataclass, field, fields, is_dataclass, replace
else:
    dataclass, field, fields, is_dataclass, replace = (
        _dataclass, _Field, _fields, _is_dataclass, _replace,
    )  # fmt: skip
