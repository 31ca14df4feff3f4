"""From a token to who asks: only who is active or under contract today, with no more than the page knows."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from auth.door.session import opened
from auth.entering.tokens import BadToken, TokenVerifier, mint
from auth.jobs import Job, SystemViewer
from auth.viewer import Grant
from domain.identity import new_id, public_id
from domain.partner import Partner
from domain.staff import Role
from server.http import viewers as module
from server.http.viewers import Viewers

WHERE = {"issuer": "https://zhike.test", "audience": "zhike"}


@pytest.fixture
def viewers(desks, ring) -> Viewers:
    return Viewers(TokenVerifier(ring, WHERE["issuer"], WHERE["audience"]), desks, ring)


@pytest.fixture
def token_for(ring):
    """`token_for("stf", id_, "customers")`."""

    def minted(prefix, id_, *grants, hours=1.0, now=None):
        return mint(ring, public_id(prefix, id_), "test", grants, timedelta(hours=hours), now=now, **WHERE)

    return minted


@pytest.fixture
async def partner(desks, ring, database_url):
    """A maker of a partner whose contract ends at the given moment."""

    async def made(until: datetime) -> Partner:
        row = Partner(
            id=new_id(),
            name="示例物流",
            contract_from=datetime(2026, 1, 1, tzinfo=UTC),
            contract_until=until,
            grants=["customers", "customers.names", "tickets"],
            active=True,
        )
        async with opened(desks, SystemViewer(Job.DEMO), ring) as session:
            session.add(row)
        return row

    return made


async def test_a_member_of_staff_is_who_the_database_says(viewers, token_for, house) -> None:
    viewer = await viewers.verify(token_for("stf", house.staff["agent"].id))
    assert viewer == house.viewers["agent"]


async def test_grants_in_a_staff_token_mean_nothing(viewers, token_for, house) -> None:
    viewer = await viewers.verify(token_for("stf", house.staff["rep"].id, "customers"))
    assert viewer.grants == frozenset()


async def test_a_stranger_is_refused(viewers, token_for, house) -> None:
    with pytest.raises(BadToken):
        await viewers.verify(token_for("stf", new_id()))
    with pytest.raises(BadToken):
        await viewers.verify(token_for("ptn", house.staff["rep"].id))


async def test_who_leaves_is_refused_when_the_token_is_no_longer_remembered(
    viewers, token_for, house, database_url, monkeypatch
) -> None:
    token = token_for("stf", house.staff["rep"].id)
    await viewers.verify(token)
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE staff_member SET active = false WHERE login = 'rep'")
    assert await viewers.verify(token), "remembered"
    clock = module.time.time
    monkeypatch.setattr(module.time, "time", lambda: clock() + module.REMEMBERED_SECONDS + 1)
    with pytest.raises(BadToken):
        await viewers.verify(token)


async def test_a_token_is_not_remembered_past_its_end(viewers, token_for, house, monkeypatch) -> None:
    now = datetime.now(UTC)
    token = token_for("stf", house.staff["rep"].id, hours=2 / 3600, now=now)
    await viewers.verify(token)
    assert [until for _, until in viewers._remembered.values()] == [pytest.approx(now.timestamp() + 2, abs=1.1)]


async def test_many_tokens_do_not_fill_the_memory(viewers, token_for, house, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_REMEMBERED", 3)
    for _ in range(5):
        await viewers.verify(token_for("stf", house.staff["rep"].id))
    assert len(viewers._remembered) == 3


async def test_a_partner_holds_the_known_grants_of_the_token(viewers, token_for, partner) -> None:
    row = await partner(datetime(2036, 1, 1, tzinfo=UTC))
    viewer = await viewers.verify(token_for("ptn", row.id, "customers", "tickets", "everything"))
    assert (viewer.role, viewer.grants) == (Role.PARTNER, frozenset({Grant.CUSTOMERS, Grant.TICKETS}))


async def test_a_partner_after_the_contract_is_refused(viewers, token_for, partner) -> None:
    row = await partner(datetime.now(UTC) - timedelta(minutes=1))
    with pytest.raises(BadToken):
        await viewers.verify(token_for("ptn", row.id, "customers"))


async def test_a_partners_contract_bounds_what_its_token_names(viewers, token_for, partner) -> None:
    row = await partner(datetime(2036, 1, 1, tzinfo=UTC))
    viewer = await viewers.verify(token_for("ptn", row.id, "customers", "customers.contacts"))
    assert viewer.grants == {Grant.CUSTOMERS}
