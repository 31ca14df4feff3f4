SELECT ticket_1.opened_at AS c0, ticket_1.id AS c1, ticket_1.number AS c2, ticket_1.subject AS c3,
    ticket_1.due_at AS c4, ((ticket_1.assignee_id = $1::UUID OR ticket_1.team_id = $2::UUID) AND ticket_1.status IN
    ('ACCEPTED', 'FOLLOWING_UP', 'INVESTIGATING', 'RESPONDED')) IS true AS c5, ((ticket_1.assignee_id = $1::UUID OR
    ticket_1.team_id = $2::UUID) AND ticket_1.status IN ('ACCEPTED')) IS true AS c6, 'cus_' ||
    replace(CAST(customer_1.id AS TEXT), '-', '') AS c7, 'stf_' || replace(CAST(staff_member_1.id AS TEXT), '-',
    '') AS c8, staff_member_1.name AS c9
FROM ticket AS ticket_1
LEFT OUTER JOIN customer AS customer_1 ON customer_1.id = ticket_1.customer_id AND customer_1.id IN (SELECT
    ticket_2.customer_id
FROM ticket AS ticket_2
WHERE (ticket_2.assignee_id = $1::UUID OR ticket_2.team_id = $2::UUID) AND coalesce(ticket_2.closed_at, '9999-01-01
    00:00:00+00'::timestamptz) > now() - interval '1 day' * coalesce((SELECT business_setting_1.value
FROM business_setting AS business_setting_1
WHERE business_setting_1.name = 'CLOSED_TICKET_DAYS'), 90) UNION ALL SELECT customer_lookup_1.customer_id
FROM customer_lookup AS customer_lookup_1
WHERE customer_lookup_1.viewer_id = $1::UUID AND customer_lookup_1.until > now())
LEFT OUTER JOIN staff_member AS staff_member_1 ON staff_member_1.id = customer_1.owner_id
WHERE (ticket_1.assignee_id = $1::UUID OR ticket_1.team_id = $2::UUID OR ticket_1.opened_by_id = $1::UUID) AND
    coalesce(ticket_1.closed_at, '9999-01-01 00:00:00+00'::timestamptz) > now() - interval '1 day' *
    coalesce((SELECT business_setting_2.value
FROM business_setting AS business_setting_2
WHERE business_setting_2.name = 'CLOSED_TICKET_DAYS'), 90) AND ticket_1.due_at IS NOT NULL AND ticket_1.due_at <
    $3::TIMESTAMP WITH TIME ZONE AND ticket_1.status IN ('ACCEPTED', 'INVESTIGATING') AND ticket_1.assignee_id IS
    NULL
ORDER BY ticket_1.opened_at DESC, ticket_1.id DESC
LIMIT $4::BIGINT;

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE (ticket_1.assignee_id = $1::UUID OR ticket_1.team_id = $2::UUID OR ticket_1.opened_by_id = $1::UUID) AND
    coalesce(ticket_1.closed_at, '9999-01-01 00:00:00+00'::timestamptz) > now() - interval '1 day' *
    coalesce((SELECT business_setting_1.value
FROM business_setting AS business_setting_1
WHERE business_setting_1.name = 'CLOSED_TICKET_DAYS'), 90) AND ticket_1.due_at IS NOT NULL AND ticket_1.due_at <
    $3::TIMESTAMP WITH TIME ZONE AND ticket_1.status IN ('ACCEPTED', 'INVESTIGATING') AND ticket_1.assignee_id IS
    NULL;
