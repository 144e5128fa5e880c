"""What counts already for a learner: rows and uses, both ways."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, tuple_

from node.domain.cap_book import CapBook, Use, UseState
from node.domain.caps import Occasion, Part
from node.domain.changes import CapUse
from node.storage.cap_tables import cap_use

_PART = ("kind", "form", "issuer", "source", "earned", "category", "content")
_OCCASION = ("on", "programme", "award")
_AT_ONCE = 200


class SqlCaps:
    """Books of caps, within one transaction of a connection."""

    _connection: Connection

    def cap_books(self, accounts: Collection[str]) -> Mapping[str, CapBook]:
        """Return the book of each of these accounts, as far as it has uses."""
        c = cap_use.c
        if not accounts:
            return {}
        query = select(cap_use).where(c.account.in_(sorted(accounts)))
        ordered = query.order_by(c.account, c.claim, c.part, c.lot, c.target)
        found: dict[str, list[Use]] = {}
        for row in self._connection.execute(ordered).all():
            found.setdefault(row.account, []).append(_use(row))
        return {account: CapBook(tuple(uses)) for account, uses in found.items()}

    def _write_uses(self, gone: Iterable[CapUse], new: Iterable[CapUse]) -> None:
        """Take uses out of the books, then put others in."""
        c = cap_use.c
        keys = [_key(one) for one in gone]
        columns = tuple_(c.account, c.claim, c.part, c.lot, c.target)
        for at in range(0, len(keys), _AT_ONCE):
            self._connection.execute(delete(cap_use).where(columns.in_(keys[at : at + _AT_ONCE])))
        rows = [_row(one) for one in new]
        if rows:
            self._connection.execute(insert(cap_use), rows)

    def _erase_uses(self, account: str) -> None:
        """Forget what counts for a learner, with all that the caps asked of it."""
        self._connection.execute(delete(cap_use).where(cap_use.c.account == account))


def _key(one: CapUse) -> tuple[str, ...]:
    use = one.use
    return one.account, use.claim, use.group, use.part.lot, use.part.target


def _row(one: CapUse) -> dict[str, Any]:
    use = one.use
    facts = {name: getattr(use.part, name) for name in _PART}
    facts |= {name: getattr(use.occasion, name) for name in _OCCASION}
    return {
        "account": one.account,
        "claim": use.claim,
        "part": use.group,
        "lot": use.part.lot,
        "target": use.part.target,
        "hundredths": use.part.hundredths,
        "earlier_hundredths": use.part.earlier_hundredths,
        "state": use.state.value,
        "until_us": use.until_us,
        "facts": json.dumps(facts, ensure_ascii=False, sort_keys=True),
    }


def _use(row: Row[Any]) -> Use:
    facts = json.loads(row.facts)
    return Use(
        claim=row.claim,
        group=row.part,
        part=Part(
            lot=row.lot,
            target=row.target,
            hundredths=row.hundredths,
            earlier_hundredths=row.earlier_hundredths,
            **{name: facts[name] for name in _PART},
        ),
        occasion=Occasion(**{name: facts[name] for name in _OCCASION}),
        state=UseState(row.state),
        until_us=row.until_us,
    )
