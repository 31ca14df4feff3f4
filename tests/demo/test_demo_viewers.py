"""Each of the seven sign-ins reaches what it should."""

CUSTOMERS = "{ customers(first: 100) { totalCount nodes { id owner { id } mobile { display sight } } } }"
PARTNERS = (
    "{ customers(first: 100) { totalCount nodes { id name { sight } mobile { sight } idNumber { sight } region } } }"
)


def ids(data) -> set[str]:
    return {node["id"] for node in data["customers"]["nodes"]}


def test_the_two_reps_share_no_customer(ask) -> None:
    mine, theirs = ask("rep", CUSTOMERS), ask("other_rep", CUSTOMERS)
    assert ids(mine)
    assert ids(theirs)
    assert not ids(mine) & ids(theirs)


def test_a_rep_reaches_nobody_elses_customer(ask) -> None:
    me = ask("rep", "{ viewer { staffMember { id } } }")["viewer"]["staffMember"]["id"]
    assert {node["owner"]["id"] for node in ask("rep", CUSTOMERS)["customers"]["nodes"]} == {me}


def test_an_agent_reaches_customers_of_the_teams_tickets_and_own(ask, rows) -> None:
    served = rows(
        "SELECT count(DISTINCT t.customer_id) FROM ticket t JOIN staff_member s ON s.login = 'support' "
        "WHERE (t.closed_at IS NULL OR t.closed_at > now() - interval '90 days')"
        " AND (t.assignee_id = s.id OR t.team_id = s.team_id)"
    )
    total = ask("support", "{ customers(first: 1) { totalCount } }")["customers"]["totalCount"]
    assert total == served[0][0] > 0


def test_the_manager_reaches_all_and_sees_contact_data_masked(ask) -> None:
    found = ask("manager", CUSTOMERS)["customers"]
    assert found["totalCount"] == 200
    assert {node["mobile"]["sight"] for node in found["nodes"]} == {"MASKED"}
    assert all("****" in node["mobile"]["display"] or "-**" in node["mobile"]["display"] for node in found["nodes"])


def test_the_privacy_officer_reads_the_access_log_and_the_others_do_not(ask) -> None:
    log = "{ accessLog(first: 5) { totalCount nodes { viewerName reason } } }"
    assert ask("privacy_officer", log)["accessLog"]["totalCount"] == 16
    assert ask("admin", log)["accessLog"]["totalCount"] == 0


def test_the_admin_sees_staff(ask) -> None:
    staff = ask("admin", "{ staffMembers(first: 50) { nodes { name active } } }")["staffMembers"]["nodes"]
    assert len(staff) == 13
    assert any(not member["active"] for member in staff)


def test_the_partner_reaches_those_who_consented_and_have_not_withdrawn(ask, rows) -> None:
    found = ask("partner", PARTNERS)["customers"]
    listed = {f"cus_{id_.hex}" for (id_,) in rows("SELECT customer_id FROM partner_listing WHERE withdrawn_at IS NULL")}
    assert {node["id"] for node in found["nodes"]} == listed
    assert len(rows("SELECT FROM partner_listing WHERE withdrawn_at IS NOT NULL")) > 0
    sights = {(node["name"]["sight"], node["mobile"]["sight"], node["idNumber"]["sight"]) for node in found["nodes"]}
    assert sights == {("CLEAR", "MASKED", "HIDDEN")}
    owners = {login for (login,) in rows(
        "SELECT DISTINCT s.login FROM partner_listing l JOIN customer c ON c.id = l.customer_id "
        "JOIN staff_member s ON s.id = c.owner_id WHERE l.withdrawn_at IS NULL"
    )}  # fmt: skip
    assert {"rep", "other_rep"} <= owners


def test_the_partner_has_tickets_and_no_interactions(ask) -> None:
    below = "tickets(first: 5) { nodes { status } } interactions(first: 5) { nodes { id } }"
    asked = f"{{ customers(first: 50) {{ nodes {{ {below} }} }} }}"
    nodes = ask("partner", asked)["customers"]["nodes"]
    assert any(node["tickets"]["nodes"] for node in nodes)
    assert {node["interactions"] for node in nodes} == {None}
