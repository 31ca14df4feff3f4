"""What is kept from request to request: bounded in all and per client, so that nobody pushes out what others use."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

SHARE = 8
"""One client may fill an eighth: of what it brought in beyond that, the least recently used goes first."""


class _Entry(NamedTuple, Generic[Value]):
    value: Value
    weight: int
    client: UUID | None
    """Who brought it in; None once another client used it as well."""


class Kept(Generic[Key, Value]):
    """A cache that forgets the least recently used entry first, by weight.

    An entry counts as its client's until another client uses it; then it is everybody's. Where room is needed, the
    client that holds the most gives way first, as long as it holds more than an eighth of what a client may hold.
    """

    def __init__(self, most: int) -> None:
        self.most, self.weight = most, 0
        self._entries: OrderedDict[Key, _Entry[Value]] = OrderedDict()
        self._held: Counter[UUID] = Counter()

    def get(self, key: Key, client: UUID) -> Value | None:
        """The value, which becomes the most recently used; None where there is none."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        if entry.client is not None and entry.client != client:
            self._release(entry)
            self._entries[key] = entry._replace(client=None)
        return entry.value

    def put(self, key: Key, value: Value, client: UUID, weight: int) -> None:
        """Keeps a value that was not there. One of more weight than a client may hold is not kept at all."""
        if weight > self.most // SHARE:
            return
        self._forget(key)
        self._entries[key] = _Entry(value, weight, client)
        self._held[client] += weight
        self.weight += weight
        while self._held[client] > self.most // SHARE:
            self._forget_oldest(lambda entry: entry.client == client)
        while self.weight > self.most:
            self._make_room()

    def __len__(self) -> int:
        return len(self._entries)

    def _make_room(self) -> None:
        largest, held = max(self._held.items(), key=lambda one: one[1], default=(None, 0))
        if held > self.most // (SHARE * SHARE):
            self._forget_oldest(lambda entry: entry.client == largest)
        else:
            self._forget(next(iter(self._entries)))

    def _forget_oldest(self, of: Callable[[_Entry[Value]], bool]) -> None:
        self._forget(next(key for key, entry in self._entries.items() if of(entry)))

    def _forget(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.weight -= entry.weight
            self._release(entry)

    def _release(self, entry: _Entry[Value]) -> None:
        if entry.client is not None:
            self._held[entry.client] -= entry.weight
            if not self._held[entry.client]:
                del self._held[entry.client]
