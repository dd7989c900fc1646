"""How the values of the library show themselves: as text, as HTML, and as entries of the JSON
documents.

Reports, estimates, facts and receipts stand in rooms below `formats`, which looks at all of them
and knows how each is written. None of them can import what is above it, so what they share stands
here, on the floor, and asks a `Presenter` for the writing. The package itself, which is of no room
and which every import runs first, says where the presenter is (`motion_preflight/__init__.py`); it
is imported with the first value that is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Presenter(Protocol):
    """What `formats/presentation.py` offers."""

    def text_of(self, value: Any) -> str:  # noqa: ANN401  one of the presentable values
        """The value as the command prints it, without colours."""
        ...

    def document_of(self, value: Any) -> dict[str, Any]:  # noqa: ANN401  as above
        """The value as an entry of the JSON documents."""
        ...

    def read_report(self, document: object) -> Any:  # noqa: ANN401  a report
        """The report that such an entry describes."""
        ...

    def pydantic_schema(self, kind: type, handler: Any) -> Any:  # noqa: ANN401  pydantic's
        """How pydantic validates, writes and describes values of a kind."""
        ...


_load: Callable[[], Presenter]


def present_by(load: Callable[[], Presenter]) -> None:
    """Sets what imports the presenter."""
    global _load  # noqa: PLW0603  set once, by the package
    _load = load


def presenter() -> Presenter:
    """The presenter, imported if it was not."""
    return _load()


class Presentable:
    """A value that people and programs can read: `str` is its text, and notebooks show that."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The value as an entry of the JSON documents: numbers as numbers, what is not known as
        `None`, links without what is secret in them.
        """
        return presenter().document_of(self)

    def to_json(self, *, indent: int | None = None) -> str:
        """The same as JSON text, on one line unless `indent` says by how many blanks a level is
        moved.
        """
        import json  # noqa: PLC0415  not needed by those that write nothing

        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    def __str__(self) -> str:
        return presenter().text_of(self)

    def _repr_html_(self) -> str:
        """The text, as notebooks show it."""
        from html import escape  # noqa: PLC0415  as above

        return f"<pre>{escape(str(self))}</pre>"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: Any) -> Any:  # noqa: ANN401  pydantic's
        """Lets pydantic, and so FastAPI, write the value as `to_dict` does, and show its schema."""
        return presenter().pydantic_schema(cls, handler)
