SELECT ticket_1.opened_at AS c0, ticket_1.id AS c1, ticket_1.number AS c2, ticket_1.subject AS c3,
    ticket_1.due_at AS c4, (ticket_1.status IN ('ACCEPTED', 'FOLLOWING_UP', 'INVESTIGATING', 'RESPONDED')) IS
    true AS c5, (ticket_1.status IN ('ACCEPTED')) IS true AS c6, 'cus_' || replace(CAST(customer_1.id AS TEXT), '-',
    '') AS c7, 'stf_' || replace(CAST(staff_member_1.id AS TEXT), '-', '') AS c8, staff_member_1.name AS c9
FROM ticket AS ticket_1
LEFT OUTER JOIN customer AS customer_1 ON customer_1.id = ticket_1.customer_id AND (EXISTS (SELECT 1
FROM ticket AS ticket_2
WHERE customer_1.id = ticket_2.customer_id AND ticket_2.status IN ('ACCEPTED', 'FOLLOWING_UP', 'INVESTIGATING',
    'RESPONDED') AND (ticket_2.assignee_id = $1::UUID OR ticket_2.assignee_id IS NULL AND ticket_2.team_id =
    $2::UUID)))
LEFT OUTER JOIN staff_member AS staff_member_1 ON staff_member_1.id = customer_1.owner_id
WHERE (EXISTS (SELECT 1
FROM customer AS customer_2
WHERE customer_2.id = ticket_1.customer_id AND (EXISTS (SELECT 1
FROM ticket AS ticket_3
WHERE customer_2.id = ticket_3.customer_id AND ticket_3.status IN ('ACCEPTED', 'FOLLOWING_UP', 'INVESTIGATING',
    'RESPONDED') AND (ticket_3.assignee_id = $1::UUID OR ticket_3.assignee_id IS NULL AND ticket_3.team_id =
    $2::UUID))))) AND ticket_1.due_at IS NOT NULL AND ticket_1.due_at < $3::TIMESTAMP WITH TIME ZONE AND
    ticket_1.status != 'CLOSED' AND ticket_1.assignee_id IS NULL
ORDER BY ticket_1.opened_at DESC, ticket_1.id DESC
LIMIT $4::BIGINT;

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE (EXISTS (SELECT 1
FROM customer AS customer_1
WHERE customer_1.id = ticket_1.customer_id AND (EXISTS (SELECT 1
FROM ticket AS ticket_2
WHERE customer_1.id = ticket_2.customer_id AND ticket_2.status IN ('ACCEPTED', 'FOLLOWING_UP', 'INVESTIGATING',
    'RESPONDED') AND (ticket_2.assignee_id = $1::UUID OR ticket_2.assignee_id IS NULL AND ticket_2.team_id =
    $2::UUID))))) AND ticket_1.due_at IS NOT NULL AND ticket_1.due_at < $3::TIMESTAMP WITH TIME ZONE AND
    ticket_1.status != 'CLOSED' AND ticket_1.assignee_id IS NULL;
