"""Messages: classes whose annotated attributes are fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from vitruvian.compat.protobuf import codec, descriptors, text, wire
from vitruvian.compat.protobuf.kinds import Kind
from vitruvian.compat.protobuf.repeated import RepeatedCompositeContainer, RepeatedScalarContainer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

__all__ = ["Field", "Message", "optional", "repeated", "required"]

OPTIONAL, REQUIRED, REPEATED = 1, 2, 3  # labels, as in descriptors


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message: what the line of it in a ``.proto`` file says.

    ``kind`` is that of its values: of scalars, or the class of messages.
    """

    number: int
    label: int
    kind: Kind | type[Message]
    packed: bool = False
    name: str = ""

    @property
    def repeated(self) -> bool:
        """Whether there is any number of values."""
        return self.label == REPEATED

    @property
    def scalar(self) -> bool:
        """Whether the values are no messages."""
        return isinstance(self.kind, Kind)


def optional(number: int, kind: Kind | type[Message]) -> Any:
    """Declare a field that may be set."""
    return Field(number, OPTIONAL, kind)


def required(number: int, kind: Kind | type[Message]) -> Any:
    """Declare a field without which the message cannot be serialized."""
    return Field(number, REQUIRED, kind)


def repeated(number: int, kind: Kind | type[Message], *, packed: bool = False) -> Any:
    """Declare a field with any number of values; packed ones share one tag on the wire."""
    return Field(number, REPEATED, kind, packed)


class Message:
    """A message of protobuf; its subclasses declare the fields as annotated attributes.

    The fields that are set lie in the instance's ``__dict__``, where attribute access finds them
    at once. What is missing there `__getattr__` answers: with the default of a scalar, and with a
    new message or list of values, which is kept from then on. Such a new message does not count as
    set until something in it is changed: till then it knows its ``_parent``.

    Parameters
    ----------
    **values
        Fields to set; None leaves one unset, a dictionary stands for a message.

    Raises
    ------
    ValueError
        For a field that is not there.
    TypeError
        For a value of the wrong type.
    """

    DESCRIPTOR: ClassVar[Any] = descriptors.OnAccess()
    FULL_NAME: ClassVar[str]
    FIELDS: ClassVar[Mapping[str, Field]]  # by name, ordered by number

    _parent: Message | None = None
    _unknown: tuple[tuple[int, bytes], ...] = ()  # fields of other versions: tag, all bytes

    def __init_subclass__(cls, package: str = "mediapipe") -> None:
        fields = [
            replace(each, name=name) for name, each in vars(cls).items() if isinstance(each, Field)
        ]
        for field in fields:
            delattr(cls, field.name)  # instances find it in their __dict__ or in __getattr__
            setattr(cls, f"{field.name.upper()}_FIELD_NUMBER", field.number)
        cls.FULL_NAME = f"{package}.{cls.__qualname__}"
        cls.FIELDS = {field.name: field for field in sorted(fields, key=lambda f: f.number)}
        descriptors.register(cls)

    def __init__(self, *args: object, **values: Any) -> None:
        if args:
            raise TypeError("No positional arguments allowed")
        for name, value in values.items():
            field = self._field(name)
            if value is None:
                continue
            if field.repeated:
                self._fill(field, value)
            elif isinstance(field.kind, Kind):
                setattr(self, name, value)
            elif isinstance(value, dict):
                self.__dict__[name] = field.kind(**value)
            elif isinstance(value, Message):
                getattr(self, name).MergeFrom(value)
            else:
                raise TypeError(f"Message must be initialized with a dict: {self.FULL_NAME}")

    def _fill(self, field: Field, values: Any) -> None:
        try:
            each = iter(values)
        except TypeError:
            raise TypeError(
                f"Argument for field {self.FULL_NAME}.{field.name} is not iterable"
            ) from None
        container = getattr(self, field.name)
        for value in each:
            if field.scalar:
                container.append(value)
            elif isinstance(value, dict):
                container.add(**value)
            else:
                container.add().MergeFrom(value)

    def __getattr__(self, name: str) -> Any:
        field = self.FIELDS.get(name)
        if field is None:
            raise AttributeError(name)
        owner = None if self._parent is None else self
        value: Any
        if isinstance(field.kind, Kind):
            if not field.repeated:
                return field.kind.default
            value = RepeatedScalarContainer(field.kind, owner)
        elif field.repeated:
            value = RepeatedCompositeContainer(field.kind, owner)
        else:
            value = field.kind()
            value.__dict__["_parent"] = self
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        field = self.FIELDS.get(name)
        if field is None:
            raise AttributeError(self._no_field(name))
        if field.repeated or not isinstance(field.kind, Kind):
            raise AttributeError(
                "Assignment not allowed to message, map, or repeated field "
                f'"{name}" in protocol message object.'
            )
        self.__dict__[name] = field.kind.accept(value)
        self.SetInParent()

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a field is cleared by ClearField({name!r}), not deleted")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        mine, theirs = dict(self._set_fields()), dict(other._set_fields())
        return (
            mine.keys() == theirs.keys()
            and all(mine[name] == theirs[name] for name in mine)
            and _in_order(self._unknown) == _in_order(other._unknown)
        )

    def __repr__(self) -> str:
        return text.text(self)

    def __reduce__(self) -> tuple[type[Self], tuple[()], dict[str, bytes]]:
        return type(self), (), {"serialized": self.SerializePartialToString()}

    def __setstate__(self, state: dict[str, bytes]) -> None:
        self.ParseFromString(state["serialized"])

    @classmethod
    def _no_field(cls, name: str) -> str:
        return f'Protocol message {cls.__name__} has no "{name}" field.'

    @classmethod
    def _field(cls, name: str) -> Field:
        if not isinstance(name, str):
            raise ValueError(f"Expected a field name, but got non-string argument {name!r}.")
        if name not in cls.FIELDS:
            raise ValueError(cls._no_field(name))
        return cls.FIELDS[name]

    def _set_fields(self) -> Iterator[tuple[str, Any]]:
        """Yield names and values of the fields that are set, in the order of their numbers."""
        values = self.__dict__
        for name, field in self.FIELDS.items():
            if name in values:
                value = values[name]
                if field.repeated:
                    if len(value):
                        yield name, value
                elif field.scalar or value._parent is None:
                    yield name, value

    def HasField(self, name: str) -> bool:  # noqa: N802
        """Tell whether a field that is not repeated is set."""
        field = self._field(name)
        if field.repeated:
            raise ValueError(f"Field {self.FULL_NAME}.{name} does not have presence.")
        if name not in self.__dict__:
            return False
        return field.scalar or self.__dict__[name]._parent is None

    def ClearField(self, name: str) -> None:  # noqa: N802
        """Unset a field. Messages and lists taken from it before live on by themselves."""
        field = self._field(name)
        value = self.__dict__.pop(name, None)
        if field.repeated and value is not None:
            value._owner = None
        elif not field.scalar and value is not None:
            value.__dict__.pop("_parent", None)
        self.SetInParent()

    def Clear(self) -> None:  # noqa: N802
        """Unset every field."""
        for name in self.FIELDS:
            self.ClearField(name)
        self.DiscardUnknownFields()

    def SetInParent(self) -> None:  # noqa: N802
        """Count as set in the message that this one was taken from."""
        if self._parent is not None:
            self.__dict__.pop("_parent").SetInParent()

    def MergeFrom(self, other: Self) -> None:  # noqa: N802
        """Take over what is set in another message; add to what is repeated."""
        self._check_same(other, "MergeFrom")
        for name, value in other._set_fields():
            field = self.FIELDS[name]
            if field.repeated:
                getattr(self, name).extend(value)
            elif field.scalar:
                self.__dict__[name] = value
            else:
                getattr(self, name).MergeFrom(value)
        if other._unknown:
            self.__dict__["_unknown"] = self._unknown + other._unknown
        self.SetInParent()

    def CopyFrom(self, other: Self) -> None:  # noqa: N802
        """Become equal to another message."""
        self._check_same(other, "CopyFrom")
        if other is not self:
            self.Clear()
            self.MergeFrom(other)

    def _check_same(self, other: object, method: str) -> None:
        if type(other) is not type(self):
            raise TypeError(
                f"Parameter to {method}() must be instance of same class: "
                f"expected {type(self)} got {type(other)}."
            )

    def SerializePartialToString(self, deterministic: bool | None = None) -> bytes:  # noqa: N802
        """Return the wire format, even where required fields are missing."""
        return codec.serialize(self)

    def SerializeToString(self, deterministic: bool | None = None) -> bytes:  # noqa: N802
        """Return the wire format; raise EncodeError where required fields are missing."""
        missing = self.FindInitializationErrors()
        if missing:
            raise wire.encode_error(
                f"Message {self.FULL_NAME} is missing required fields: {','.join(missing)}"
            )
        return codec.serialize(self)

    def ByteSize(self) -> int:  # noqa: N802
        """Return the number of bytes of `SerializeToString`."""
        return len(self.SerializeToString())

    def MergeFromString(self, data: bytes | memoryview) -> int:  # noqa: N802
        """Take over what a message in the wire format has set; return its number of bytes.

        Raises
        ------
        DecodeError
            If the bytes are no message.
        """
        if not isinstance(data, bytes | memoryview):
            raise TypeError(f"expected bytes, {type(data).__name__} found")
        codec.merge(self, bytes(data))
        return len(data)

    def ParseFromString(self, data: bytes | memoryview) -> int:  # noqa: N802
        """Become the message that the bytes say; as `MergeFromString` else."""
        self.Clear()
        return self.MergeFromString(data)

    @classmethod
    def FromString(cls, data: bytes | memoryview) -> Self:  # noqa: N802
        """Return the message that the bytes say."""
        message = cls()
        message.MergeFromString(data)
        return message

    def ListFields(self) -> list[tuple[Any, Any]]:  # noqa: N802
        """Return descriptor and value of every field that is set, in the order of the numbers."""
        fields = self.DESCRIPTOR.fields_by_name
        return [(fields[name], value) for name, value in self._set_fields()]

    def FindInitializationErrors(self) -> list[str]:  # noqa: N802
        """Return the paths of the required fields that are missing."""
        have = dict(self._set_fields())
        missing = [
            name
            for name, field in self.FIELDS.items()
            if field.label == REQUIRED and name not in have
        ]
        for name, value in have.items():
            if self.FIELDS[name].scalar:
                continue
            parts = [(name, value)]
            if self.FIELDS[name].repeated:
                parts = [(f"{name}[{i}]", part) for i, part in enumerate(value)]
            for path, part in parts:
                missing += [f"{path}.{rest}" for rest in part.FindInitializationErrors()]
        return missing

    def IsInitialized(self, errors: list[str] | None = None) -> bool:  # noqa: N802
        """Tell whether all required fields are set; add the paths of the others to a list."""
        missing = self.FindInitializationErrors()
        if errors is not None:
            errors.extend(missing)
        return not missing

    def WhichOneof(self, name: str) -> None:  # noqa: N802
        """Raise ValueError: these messages have no alternatives."""
        raise ValueError(self._no_field(name))

    def DiscardUnknownFields(self) -> None:  # noqa: N802
        """Forget what other versions of the message had set, in all messages of it."""
        self.__dict__.pop("_unknown", None)
        for name, value in self._set_fields():
            if not self.FIELDS[name].scalar:
                for part in value if self.FIELDS[name].repeated else (value,):
                    part.DiscardUnknownFields()


def _in_order(unknown: tuple[tuple[int, bytes], ...]) -> list[tuple[int, bytes]]:
    return sorted(unknown, key=lambda each: each[0])
