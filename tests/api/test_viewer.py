"""Who asks, as clients keep them: an id of its own, and the member of staff behind it."""

import pytest

from tests.api.house import STAFF, Api

ME = "{ viewer { id staffMember { id name role team active __typename } again: staffMember { name } name } }"


@pytest.mark.parametrize("caller", STAFF)
async def test_a_member_of_staff_finds_themselves_behind_the_viewer(api: Api, caller):
    viewer = (await api.ask(caller, ME))["data"]["viewer"]
    team = api.house.staff[caller].team_id
    assert viewer == {
        "id": f"vwr_{api.house.staff[caller].id.hex}",
        "staffMember": {
            "id": api.house.member(caller),
            "name": f"员工{caller}",
            "role": STAFF[caller][0].value,
            "team": next((one.name for one in api.house.teams.values() if one.id == team), None),
            "active": True,
            "__typename": "StaffMember",
        },
        "again": {"name": f"员工{caller}"},
        "name": f"员工{caller}",
    }
    assert list(viewer) == ["id", "staffMember", "again", "name"]


async def test_a_partner_has_no_member_of_staff_behind_it(api: Api):
    viewer = (await api.ask("partner", "{ viewer { id name staffMember { id } } }"))["data"]["viewer"]
    assert viewer == {"id": f"vwr_{api.house.viewers['partner'].id.hex}", "name": "partner", "staffMember": None}


async def test_no_other_type_shares_the_id_of_the_viewer(api: Api):
    asked = "{ viewer { id staffMember { id } } customers { nodes { owner { id } } } staffMembers { nodes { id } } }"
    data = (await api.ask("rep", asked))["data"]
    owners = {node["owner"]["id"] for node in data["customers"]["nodes"]}
    assert owners == {data["viewer"]["staffMember"]["id"]}
    assert data["viewer"]["id"] not in owners | {node["id"] for node in data["staffMembers"]["nodes"]}


async def test_the_access_log_of_a_viewer_is_found_by_either_id(api: Api):
    asked = {"id": api.house.customer("own"), "fields": ["MOBILE"], "purpose": "FOLLOW_UP", "reason": "回访"}
    assert (await api("rep", "revealPersonalData", **asked)).refusals == []
    query = "query($id: ID) { accessLog(viewerId: $id) { nodes { viewerId field } } }"
    member = api.house.member("rep")
    for id_ in (member, member.replace("stf_", "vwr_")):
        found = (await api.ask("privacy_officer", query, id=id_))["data"]["accessLog"]["nodes"]
        assert found == [{"viewerId": member, "field": "MOBILE"}]
