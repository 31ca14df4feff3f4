"""A day of a service agent, told over HTTP: what she sees, whom she helps, what goes wrong, and what is left at night.

`agent` is on the morning shift of team one; `rep` sells and takes in what his customers tell him; `lone_agent` is in no
team and helps out from noon. Each step asserts what the people of the desk would notice if it went wrong.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.ticket_state import TicketPriority
from server.composition import application
from server.installation import Installation
from server.settings import Settings
from tests.api.house import KNOWN, Api, a_ticket
from tests.api.site import Site

TICKET = "ticket { id number status dueAt closedAt team { name } assignee { id } viewerCan { close reopen respond } }"
ANSWER = "您好，给您添麻烦了。师傅今天下午三点到四点上门更换密封圈，不收费用。"
QUEUE = """query($w: TicketFilter, $o: TicketOrder) {
  tickets(where: $w, orderBy: $o) { totalCount nodes { id subject priority dueAt customer { name { display } } } } }"""
ONE = """query($id: ID!) { ticket(id: $id) { id status subject dueAt customer { id name { display } mobile { display } }
  steps { nodes { status satisfied text { display } } } viewerCan { reopen } } }"""
CUSTOMER = """query($id: ID!) { customer(id: $id) { name { display } mobile { display sight } owner { name }
  tickets { totalCount nodes { subject } } viewerCan { edit openTicket } } }"""
BOARD = """query($w: TicketFilter) { byStatus: ticketCounts(by: STATUS, where: $w) { key label count }
  byAssignee: ticketCounts(by: ASSIGNEE, where: $w) { key label count } }"""


class Desk:
    """The site, and words for what people do at it."""

    def __init__(self, site: Site, api: Api) -> None:
        self.site, self.api = site, api

    async def ask(self, caller: str, query: str, **variables: Any) -> Any:
        told = (await self.site.post(caller, query, **variables)).json()
        assert "errors" not in told, told
        return told["data"]

    async def act(self, caller: str, act: str, selection: str = TICKET, **given: Any) -> Any:
        payload = await self.site.act(caller, act, None, selection, **given)
        assert payload["userErrors"] == [], payload
        return payload

    async def queue(self, caller: str, field: str, direction: str, **where: Any) -> list[str]:
        order = {"field": field, "direction": direction}
        listed = (await self.ask(caller, QUEUE, w=where, o=order))["tickets"]
        assert listed["totalCount"] == len(listed["nodes"])
        return [node["subject"] for node in listed["nodes"]]

    async def board(self, caller: str, **where: Any) -> dict[str, dict[str, int]]:
        told = await self.ask(caller, BOARD, w=where)
        return {name: {row["label"] or "无人": row["count"] for row in rows} for name, rows in told.items()}


@pytest.fixture
async def desk(api: Api, serving_url: str, ring: Any) -> AsyncIterator[Desk]:
    app = application(Installation(Settings(), serving_url, ring, None))
    async with app.router.lifespan_context(app):
        site = Site(app, api)
        async with site.http:
            yield Desk(site, api)


async def overnight(api: Api) -> None:
    """What came in during the night: five tickets in the queue of team one, one in that of team two."""
    night = (
        ("热水器不出热水", TicketPriority.HIGH, -2, "one"),
        ("发票抬头开错了", TicketPriority.LOW, 50, "one"),
        ("空调外机噪音扰民", TicketPriority.URGENT, 1, "one"),
        ("安装师傅没有准时到", TicketPriority.NORMAL, 9, "one"),
        ("门店退货手续", TicketPriority.URGENT, -5, "two"),
    )
    for subject, priority, hours, team in night:
        row = a_ticket(api.house.customers["served"], api.house.teams[team], description="客户夜间留言")
        row.subject, row.priority = subject, priority
        await api.write(row)
        api.execute("UPDATE ticket SET due_at = now() + make_interval(hours => %s) WHERE id = %s", hours, row.id)
    api.execute("UPDATE ticket SET due_at = now() + interval '20 hours' WHERE subject = '到货破损'")


async def test_an_agents_day(desk: Desk, api: Api) -> None:
    house, me = api.house, api.house.member("agent")
    await overnight(api)

    # 8:30. The queue of her team: what is late, then what is due next. The other team's is not hers.
    waiting = {"status": ["ACCEPTED", "INVESTIGATING"], "unassigned": True}
    due = await desk.queue("agent", "DUE_AT", "ASC", **waiting)
    assert due == ["热水器不出热水", "空调外机噪音扰民", "安装师傅没有准时到", "到货破损", "发票抬头开错了"]
    assert (await desk.queue("agent", "PRIORITY", "DESC", **waiting))[0] == "空调外机噪音扰民"
    assert await desk.queue("agent", "DUE_AT", "ASC", overdue=True) == ["热水器不出热水"]
    assert await desk.queue("agent", "OPENED_AT", "DESC", search="退货") == []
    assert (await desk.board("agent"))["byStatus"] == {"受理": 5}

    # 9:00. She takes the late one. Her colleagues still see whose it is; nobody else of the queue loses it.
    (late,) = (await desk.ask("agent", QUEUE, w={"overdue": True}))["tickets"]["nodes"]
    taken = await desk.act("agent", "assignTicket", ticketId=late["id"], assigneeId=me)
    assert taken["ticket"]["assignee"] == {"id": me}
    assert (await desk.board("agent"))["byAssignee"] == {house.staff["agent"].name: 1, "无人": 4}
    await desk.act("agent", "investigateTicket", ticketId=late["id"], note="已致电，点火针积碳")
    answered = await desk.act("agent", "respondToTicket", ticketId=late["id"], response=ANSWER)
    assert answered["ticket"]["status"] == "RESPONDED"
    assert await desk.queue("agent", "DUE_AT", "ASC", overdue=True) == []

    # 10:15. A rep's customer complains to the rep, who writes it down. It stands before the agents at once.
    async with desk.site.listen("agent") as told:
        given = {
            "customerId": house.customer("own"), "kind": "COMPLAINT", "priority": "URGENT",
            "subject": "新洗衣机漏水", "description": "厨房地面全湿，客户非常着急，请尽快回电 13900139001",
        }  # fmt: skip
        opened = (await desk.act("rep", "openTicket", **given))["ticket"]
        assert await told() == [("CREATED", opened["id"])]
    assert opened["team"] == {"name": house.teams["one"].name}
    assert opened["assignee"] is None
    assert "新洗衣机漏水" in await desk.queue("agent", "DUE_AT", "ASC", priority=["URGENT"])
    leak = (await desk.ask("agent", ONE, id=opened["id"]))["ticket"]
    assert leak["customer"] == {
        "id": house.customer("own"), "name": {"display": "欧阳娜娜"}, "mobile": {"display": "139****9001"},
    }  # fmt: skip

    # 10:40. The telephone: somebody whom nobody of the desk serves. She sees who calls, and no more than she needs.
    other = house.customers["strange"]
    assert (await desk.ask("agent", CUSTOMER, id=house.id_of(other)))["customer"] is None
    given = {"mobile": KNOWN["strange"]["mobile"], "purpose": "SERVICE"}
    found = await desk.act("agent", "findCustomerByContact", "customerIds customers { id name { display } }", **given)
    assert found["customers"] == [{"id": house.id_of(other), "name": {"display": "李雷"}}]
    caller = (await desk.ask("agent", CUSTOMER, id=house.id_of(other)))["customer"]
    assert caller["mobile"] == {"display": "139****9003", "sight": "MASKED"}
    assert caller["tickets"]["totalCount"] == 0
    assert caller["viewerCan"] == {"edit": False, "openTicket": True}
    given = {"kind": "QUESTION", "priority": "LOW", "subject": "询问延保价格", "description": "三年延保多少钱"}
    await desk.act("agent", "openTicket", customerId=house.id_of(other), **given)
    caller = (await desk.ask("agent", CUSTOMER, id=house.id_of(other)))["customer"]
    assert caller["tickets"] == {"totalCount": 1, "nodes": [{"subject": "询问延保价格"}]}

    # 12:00. A colleague helps out. The leak is for her; a rep who does not know the customer cannot be given it.
    refused = await desk.site.act(
        "agent", "assignTicket", None, TICKET, ticketId=opened["id"], assigneeId=house.member("other_rep")
    )
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("INVALID", ["assigneeId"])]
    lone = house.member("lone_agent")
    await desk.act("agent", "assignTicket", ticketId=opened["id"], assigneeId=lone)
    for act, given in (
        ("investigateTicket", {"note": "已约师傅"}),
        ("respondToTicket", {"response": ANSWER}),
        ("followUpTicket", {"note": "师傅没有来，客户很不满意", "satisfied": False}),
    ):
        moved = await desk.act("lone_agent", act, ticketId=opened["id"], **given)
    assert moved["ticket"]["status"] == "INVESTIGATING"
    assert moved["ticket"]["dueAt"] > opened["dueAt"]
    assert "新洗衣机漏水" in await desk.queue("agent", "DUE_AT", "ASC", status=["INVESTIGATING"])

    # 15:00. The second answer holds; the ticket is closed, and stays where she can find it.
    for act, given in (
        ("respondToTicket", {"response": "师傅已到，更换密封圈后不再漏水。"}),
        ("followUpTicket", {"note": "客户确认已解决", "satisfied": True}),
        ("closeTicket", {"resolution": "更换密封圈", "improvement": "安装后试水十分钟"}),
    ):
        moved = await desk.act("agent", act, ticketId=opened["id"], **given)
    assert moved["ticket"]["status"] == "CLOSED"
    assert moved["ticket"]["viewerCan"] == {"close": False, "reopen": True, "respond": False}
    assert await desk.queue("agent", "CLOSED_AT", "DESC", number=moved["ticket"]["number"]) == ["新洗衣机漏水"]
    steps = (await desk.ask("agent", ONE, id=opened["id"]))["ticket"]["steps"]["nodes"]
    assert [step["status"] for step in steps] == [
        "INVESTIGATING", "RESPONDED", "INVESTIGATING", "RESPONDED", "FOLLOWING_UP", "CLOSED",
    ]  # fmt: skip

    # 16:20. It leaks again, and the customer calls the rep. He opens it again; it goes on with the one who knows it.
    again = await desk.act("rep", "reopenTicket", ticketId=opened["id"], reason="客户来电：又漏水了")
    assert again["ticket"]["status"] == "INVESTIGATING"
    assert again["ticket"]["assignee"] == {"id": lone}
    assert "新洗衣机漏水" in await desk.queue("lone_agent", "DUE_AT", "ASC", assigneeId=[lone])

    # 17:30. The evening: what is left, per status and per head, and whose customer it is when the rep hands over.
    assert (await desk.board("agent"))["byStatus"] == {"受理": 5, "回应": 1, "调查": 1}
    day = {"openedFrom": "2000-01-01T00:00:00Z", "customerId": [house.customer("own"), house.id_of(other)]}
    assert await desk.queue("agent", "UPDATED_AT", "DESC", **day) == ["新洗衣机漏水", "询问延保价格"]
    await desk.act("manager", "assignTicket", ticketId=opened["id"], assigneeId=house.member("rep"))
    handed = await desk.act(
        "manager", "transferCustomer", "movedTickets { id assignee { id } } movedTicketCount",
        customerId=house.customer("own"), toStaffId=house.member("other_rep"), reason="孙倩休假，客户转周涛",
    )  # fmt: skip
    assert handed["movedTickets"] == [{"id": opened["id"], "assignee": {"id": house.member("other_rep")}}]
    assert (await desk.ask("other_rep", ONE, id=opened["id"]))["ticket"]["status"] == "INVESTIGATING"
    assert (await desk.ask("rep", ONE, id=opened["id"]))["ticket"] is None
    assert (await desk.ask("agent", ONE, id=opened["id"]))["ticket"]["status"] == "INVESTIGATING"
