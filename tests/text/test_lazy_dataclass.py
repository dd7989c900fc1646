"""A class that is put together later behaves as one of the standard library's."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import typing
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from motion_preflight.text import lazy_dataclass as lazy

T = TypeVar("T")


def classes(library: Any) -> dict[str, type]:
    """The same classes, made by this library; the keys say what is special about them."""
    dataclass, field = library.dataclass, library.field

    @dataclass
    class Plain:
        """A class that may be changed."""

        name: str
        count: int = 1
        parts: list[str] = field(default_factory=list)
        shared: ClassVar[int] = 7

    @dataclass(frozen=True, slots=True)
    class Frozen:
        """A value."""

        name: str
        amount: Decimal | None = None
        hidden: str = field(default="x", repr=False, compare=False)

        @property
        def doubled(self) -> str:
            return self.name * 2

    @dataclass(frozen=True, slots=True)
    class Longer(Frozen):
        more: int = 3

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        name: str = "n"
        count: int  # type: ignore[misc]

    @dataclass(slots=True)
    class Mixed:
        late: int = field(default=4, kw_only=True)
        name: str = field(metadata={"unit": "s"})
        size: int = field(init=False, default=0)
        total: int = field(init=False)

        def __post_init__(self) -> None:
            self.total = len(self.name) + self.late

    @dataclass(frozen=True)
    class Identity:  # noqa: PLW1641  what becomes of its hash is the question
        name: str

        def __eq__(self, other: object) -> bool:
            return other is self

        def __repr__(self) -> str:
            return "an identity"

    @dataclass(frozen=True, slots=True, eq=False, repr=False)
    class Bare:
        name: str

    @dataclass(slots=True)
    class Of(Generic[T]):
        values: tuple[T, ...] = ()

    @dataclass(frozen=True, slots=True)
    class Empty:
        pass

    @dataclass(frozen=True, slots=True)
    class Keyed:
        name: str
        parts: dict[str, int] = field(default_factory=dict, hash=False)

    @dataclass(frozen=True, slots=True)
    class Unhashable:
        name: str
        __hash__ = None  # type: ignore[assignment]  # the point of it

    made = (Plain, Frozen, Longer, Named, Mixed, Identity, Bare, Of, Empty, Keyed, Unhashable)
    return {cls.__name__: cls for cls in made}


OURS, THEIRS = classes(lazy), classes(dataclasses)
ARGUMENTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "Plain": (("a",), {"parts": ["b"]}),
    "Frozen": (("a", Decimal("0.1")), {}),
    "Longer": (("a",), {"more": 4}),
    "Named": ((), {"count": 2}),
    "Mixed": (("abc",), {}),
    "Identity": (("a",), {}),
    "Bare": (("a",), {}),
    "Of": (((1, 2),), {}),
    "Empty": ((), {}),
    "Keyed": (("a", {"b": 1}), {}),
    "Unhashable": (("a",), {}),
}
both = pytest.mark.parametrize("name", OURS)


def instances(name: str) -> tuple[Any, Any]:
    """An instance of ours and one of theirs."""
    values, named = ARGUMENTS[name]
    return OURS[name](*values, **named), THEIRS[name](*values, **named)


@both
def test_the_signature_is_the_same(name: str) -> None:
    signature = str(inspect.signature(THEIRS[name]))
    assert str(inspect.signature(OURS[name])) == signature
    instances(name)
    assert str(inspect.signature(OURS[name])) == signature


@both
def test_the_fields_are_the_same(name: str) -> None:
    def described(fields: Any) -> list[Any]:
        names = ("name", "type", "init", "repr", "compare", "hash", "metadata")
        return [[getattr(one, name) for name in names] for one in fields]

    theirs = described(dataclasses.fields(THEIRS[name]))
    assert described(dataclasses.fields(OURS[name])) == theirs
    assert described(lazy.fields(OURS[name])) == theirs
    assert dataclasses.is_dataclass(OURS[name])
    assert lazy.is_dataclass(OURS[name])
    assert not lazy.is_dataclass(int)
    for option in ("frozen", "eq", "repr", "order", "unsafe_hash"):
        ours, their = (cls.__dataclass_params__ for cls in (OURS[name], THEIRS[name]))  # type: ignore[attr-defined]
        assert getattr(ours, option) == getattr(their, option)
    for member in ("__match_args__", "__slots__"):
        assert vars(OURS[name]).get(member) == vars(THEIRS[name]).get(member)


@both
def test_an_instance_shows_and_gives_the_same(name: str) -> None:
    ours, theirs = instances(name)
    if name != "Bare":
        assert repr(ours).partition("<locals>")[2] == repr(theirs).partition("<locals>")[2]
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert typing.get_type_hints(type(ours), localns={"T": T}) == typing.get_type_hints(
        type(theirs), localns={"T": T}
    )


@both
def test_instances_are_equal_and_hashed_alike(name: str) -> None:
    first, theirs = instances(name)
    second, others = instances(name)
    assert (first == second) is (theirs == others)
    assert first != theirs
    hashable = type(theirs).__hash__ is not None
    assert (type(first).__hash__ is not None) is hashable
    if hashable:
        assert (hash(first) == hash(second)) is (hash(theirs) == hash(others))


def test_what_is_not_compared_makes_no_difference() -> None:
    first, second = OURS["Frozen"]("a", hidden="b"), OURS["Frozen"]("a", hidden="c")
    assert first == second
    assert hash(first) == hash(second)
    assert OURS["Frozen"]("b") != first
    assert OURS["Longer"]("a") != first


@pytest.mark.parametrize(
    "name", [name for name in OURS if name != "Empty"]
)  # theirs raises a bare TypeError there
def test_only_a_frozen_instance_refuses_a_change(name: str) -> None:
    outcomes = []
    for instance in instances(name):
        try:
            instance.name = "other"
        except (AttributeError, TypeError) as error:
            outcomes.append(isinstance(error, dataclasses.FrozenInstanceError))
        else:
            outcomes.append(instance.name == "other")
    frozen = THEIRS[name].__dataclass_params__.frozen  # type: ignore[attr-defined]
    if frozen:
        with pytest.raises(dataclasses.FrozenInstanceError):
            del instances(name)[0].name
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("replace", [lazy.replace, dataclasses.replace])
def test_a_changed_copy(replace: Callable[..., Any]) -> None:
    frozen = OURS["Frozen"]("a", Decimal(1), hidden="z")
    changed = replace(frozen, name="b")
    assert (changed.name, changed.amount, changed.hidden) == ("b", Decimal(1), "z")
    assert replace(OURS["Mixed"]("abc"), late=1).total == 4
    with pytest.raises(TypeError):
        replace(frozen, wrong=1)


@pytest.mark.parametrize(
    ("name", "values", "named"),
    [("Frozen", (), {}), ("Frozen", ("a",), {"wrong": 1}), ("Named", ("a",), {"count": 1}),
     ("Mixed", ("a", 4), {}), ("Empty", (1,), {})],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_refused(
    name: str, values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    for cls in (OURS[name], THEIRS[name]):
        with pytest.raises(TypeError):
            cls(*values, **named)


def test_a_default_is_made_for_each_instance_and_seen_on_the_class() -> None:
    first, second = OURS["Plain"]("a"), OURS["Plain"]("a")
    first.parts.append("x")
    assert (second.parts, OURS["Plain"].count, OURS["Plain"].shared) == ([], 1, 7)  # type: ignore[attr-defined]
    assert not hasattr(OURS["Plain"], "parts")


@lazy.dataclass(frozen=True, slots=True)
class Travelling:
    """At the top of the module, where pickle finds it."""

    name: str
    parts: tuple[int, ...] = ()


def test_a_pattern_takes_the_fields_by_position() -> None:
    match Travelling("a", (1,)):
        case Travelling(name, parts):
            assert (name, parts) == ("a", (1,))


def _pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, _pickled])
def test_a_copy_is_equal(way: Callable[[Any], Any]) -> None:
    value = Travelling("a", (1, 2))
    assert way(value) == value
    assert way(value).parts == (1, 2)
