SELECT ticket_1.opened_at AS c0, ticket_1.id AS c1, ticket_1.number AS c2, ticket_1.subject AS c3,
    ticket_1.due_at AS c4, (ticket_1.status IN ('ACCEPTED', 'FOLLOWING_UP', 'INVESTIGATING', 'RESPONDED')) IS
    true AS c5, (ticket_1.status IN ('ACCEPTED')) IS true AS c6, 'cus_' || replace(CAST(customer_1.id AS TEXT), '-',
    '') AS c7, 'stf_' || replace(CAST(staff_member_1.id AS TEXT), '-', '') AS c8, staff_member_1.name AS c9
FROM ticket AS ticket_1
LEFT OUTER JOIN customer AS customer_1 ON customer_1.id = ticket_1.customer_id
LEFT OUTER JOIN staff_member AS staff_member_1 ON staff_member_1.id = customer_1.owner_id
WHERE ticket_1.due_at IS NOT NULL AND ticket_1.due_at < $1::TIMESTAMP WITH TIME ZONE AND ticket_1.status IN
    ('ACCEPTED', 'INVESTIGATING') AND ticket_1.assignee_id IS NULL
ORDER BY ticket_1.opened_at DESC, ticket_1.id DESC
LIMIT $2::BIGINT;

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE ticket_1.due_at IS NOT NULL AND ticket_1.due_at < $1::TIMESTAMP WITH TIME ZONE AND ticket_1.status IN
    ('ACCEPTED', 'INVESTIGATING') AND ticket_1.assignee_id IS NULL;
