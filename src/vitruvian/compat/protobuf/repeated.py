"""Repeated fields: lists that check what is put into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from pickle import PickleError
from typing import TYPE_CHECKING, Any, Generic, SupportsIndex, TypeVar

if TYPE_CHECKING:
    from typing import Self

    from vitruvian.compat.protobuf.kinds import Kind
    from vitruvian.compat.protobuf.message import Message

__all__ = ["RepeatedCompositeContainer", "RepeatedScalarContainer", "table"]

V = TypeVar("V")
M = TypeVar("M", bound="Message")


class _Repeated(MutableSequence[V], Generic[V]):
    """What both kinds of repeated fields share.

    ``_owner`` is the message whose field this is as long as that message waits to become part of
    another one, which the first change here brings about; else None.
    """

    __slots__ = ("_items", "_owner")
    _items: list[V]
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, owner: Message | None = None) -> None:
        self._items = []
        self._owner = owner

    def _accept(self, value: Any) -> V:
        raise NotImplementedError

    def _changed(self) -> None:
        if self._owner is not None:
            self._owner.SetInParent()
            self._owner = None

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[V]:
        return iter(self._items)

    def __getitem__(self, key: Any) -> Any:
        return self._items[key]

    def __delitem__(self, key: SupportsIndex | slice) -> None:
        del self._items[key]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Repeated):
            return bool(self._items == other._items)
        return self._items == other

    def __repr__(self) -> str:
        return repr(self._items)

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return NotImplemented

    def __reduce__(self) -> str:
        raise PickleError("can't pickle repeated message fields, convert to list first")

    def append(self, value: Any) -> None:
        """Add a value at the end; of a message, a copy."""
        self._items.append(self._accept(value))
        self._changed()

    def insert(self, index: SupportsIndex, value: Any) -> None:
        """Add a value before that with the index; of a message, a copy."""
        self._items.insert(index, self._accept(value))
        self._changed()

    def extend(self, values: Iterable[Any]) -> None:
        """Add values at the end; of messages, copies."""
        try:
            each = iter(values)
        except TypeError:
            raise TypeError("Value must be iterable") from None
        self._items.extend([self._accept(value) for value in each])
        self._changed()

    def MergeFrom(self, other: Iterable[Any]) -> None:  # noqa: N802 - protobuf's name
        """Add the values of another repeated field."""
        self.extend(other)

    def pop(self, index: SupportsIndex = -1) -> V:
        """Remove and return a value."""
        return self._items.pop(index)

    def remove(self, value: Any) -> None:
        """Remove the first value that is equal to this one."""
        self._items.remove(value)

    def reverse(self) -> None:
        """Turn the order round."""
        self._items.reverse()

    def sort(self, *, key: Callable[[V], Any] | None = None, reverse: bool = False) -> None:
        """Sort, as a list does."""
        self._items.sort(key=key, reverse=reverse)


class RepeatedScalarContainer(_Repeated[V]):
    """A repeated field of numbers or texts."""

    __slots__ = ("_kind",)

    def __init__(self, kind: Kind, owner: Message | None = None) -> None:
        super().__init__(owner)
        self._kind = kind

    def _accept(self, value: Any) -> V:
        accepted: V = self._kind.accept(value)
        return accepted

    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(key, slice):
            self._items[key] = self._accept(value)
        else:
            self._items[key] = [self._accept(each) for each in value]
        self._changed()


class RepeatedCompositeContainer(_Repeated[M]):
    """A repeated field of messages; ``make`` gives the first ones, when one is asked for."""

    __slots__ = ("_make", "_type")

    def __init__(
        self,
        kind: type[M],
        owner: Message | None = None,
        make: Callable[[], list[M]] | None = None,
    ) -> None:
        super().__init__(owner)
        self._type = kind
        if make is not None:
            self._make = make
            del self._items

    def __getattr__(self, name: str) -> list[M]:
        if name != "_items":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._items = self._make()
        return self._items

    def _accept(self, value: Any) -> M:
        is_message = isinstance(value, self._type.__bases__)  # whose import would be circular
        if not is_message:
            raise TypeError(f"Expected a message object, but got {value!r}.")
        copy = self._type()
        copy.MergeFrom(value)
        return copy

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("does not support assignment")

    def __deepcopy__(self, memo: object) -> RepeatedCompositeContainer[M]:
        copy = RepeatedCompositeContainer(self._type)
        copy.extend(self)
        return copy

    def add(self, **values: Any) -> M:
        """Add a new message with these fields, and return it."""
        message = self._type(**values)
        self._items.append(message)
        self._changed()
        return message


def table(
    kind: type[M], names: Sequence[str], columns: Sequence[Sequence[Any]]
) -> RepeatedCompositeContainer[M]:
    """Return a repeated field of messages that are made when one of them is asked for.

    Parameters
    ----------
    kind : type
        Of the messages.
    names : sequence of str
        Fields that all of them have set.
    columns : sequence of sequences
        The values of each of these fields, as the field would hold them: nothing is checked.
    """

    def make() -> list[M]:
        messages = []
        for row in zip(*columns, strict=True):
            message = kind.__new__(kind)
            fields = message.__dict__
            for name, value in zip(names, row):  # noqa: B905 - in the inner loop of every frame
                fields[name] = value
            messages.append(message)
        return messages

    return RepeatedCompositeContainer(kind, make=make)
