SELECT ticket_1.number AS c0, ticket_1.description_masked AS c1, ticket_1.description_sealed IS NULL AS c2,
    (ticket_1.assignee_id = $1::UUID OR ticket_1.team_id = $2::UUID) AND ticket_1.description_sealed IS NOT NULL AND
    NOT (ticket_1.approval_fields IS NOT NULL AND 'description' = ANY (ticket_1.approval_fields) OR (EXISTS (SELECT
    1
FROM customer AS customer_1
WHERE customer_1.id = ticket_1.customer_id AND customer_1.under_14 IS true))) AND ticket_1.description_sealed IS NOT
    NULL AS c3, 'cus_' || replace(CAST(customer_2.id AS TEXT), '-', '') AS c4, data_key_1.wrapped AS c5,
    customer_2.id AS c6, customer_2.name_sealed AS c7, (SELECT count(*) AS count_1
FROM ticket_step AS ticket_step_1
WHERE ticket_step_1.ticket_id = ticket_1.id) AS c8, ticket_1.id AS c9
FROM ticket AS ticket_1
LEFT OUTER JOIN customer AS customer_2 ON customer_2.id = ticket_1.customer_id AND customer_2.id IN (SELECT
    ticket_2.customer_id
FROM ticket AS ticket_2
WHERE (ticket_2.assignee_id = $1::UUID OR ticket_2.team_id = $2::UUID) AND coalesce(ticket_2.closed_at, '9999-01-01
    00:00:00+00'::timestamptz) > now() - interval '1 day' * coalesce((SELECT business_setting_1.value
FROM business_setting AS business_setting_1
WHERE business_setting_1.name = 'CLOSED_TICKET_DAYS'), 90) UNION ALL SELECT customer_lookup_1.customer_id
FROM customer_lookup AS customer_lookup_1
WHERE customer_lookup_1.viewer_id = $1::UUID AND customer_lookup_1.until > now())
LEFT OUTER JOIN data_key AS data_key_1 ON data_key_1.id = customer_2.id
WHERE (ticket_1.assignee_id = $1::UUID OR ticket_1.team_id = $2::UUID OR ticket_1.opened_by_id = $1::UUID) AND
    coalesce(ticket_1.closed_at, '9999-01-01 00:00:00+00'::timestamptz) > now() - interval '1 day' *
    coalesce((SELECT business_setting_2.value
FROM business_setting AS business_setting_2
WHERE business_setting_2.name = 'CLOSED_TICKET_DAYS'), 90)
ORDER BY ticket_1.opened_at ASC, ticket_1.id ASC
LIMIT $3::BIGINT;

SELECT anon_1.key, page.c1, page.c2, page.c3, page.c4, page.c5
FROM unnest($1::UUID[]) AS anon_1(key)
JOIN LATERAL (SELECT interaction_1.summary_masked AS c1, interaction_1.summary_sealed IS NULL AS c2, 'stf_' ||
    replace(CAST(staff_member_1.id AS TEXT), '-', '') AS c3, staff_member_1.name AS c4, team_1.name AS c5
FROM interaction AS interaction_1
LEFT OUTER JOIN staff_member AS staff_member_1 ON staff_member_1.id = interaction_1.staff_id
LEFT OUTER JOIN team AS team_1 ON team_1.id = staff_member_1.team_id
WHERE (EXISTS (SELECT 1
FROM customer AS customer_1
WHERE customer_1.id = interaction_1.customer_id AND (EXISTS (SELECT 1
FROM ticket AS ticket_1
WHERE customer_1.id = ticket_1.customer_id AND (ticket_1.assignee_id = $2::UUID OR ticket_1.team_id = $3::UUID) AND
    coalesce(ticket_1.closed_at, '9999-01-01 00:00:00+00'::timestamptz) > now() - interval '1 day' *
    coalesce((SELECT business_setting_1.value
FROM business_setting AS business_setting_1
WHERE business_setting_1.name = 'CLOSED_TICKET_DAYS'), 90))))) AND interaction_1.customer_id = anon_1.key
ORDER BY interaction_1.occurred_at DESC, interaction_1.id DESC
LIMIT $4::BIGINT) AS page ON true;

SELECT anon_1.key, page.c1, page.c2, page.c3, page.c4
FROM unnest($1::UUID[]) AS anon_1(key)
JOIN LATERAL (SELECT ticket_step_1.status AS c1, ticket_step_1.text_masked AS c2, ticket_step_1.text_sealed IS
    NULL AS c3, 'stf_' || replace(CAST(staff_member_1.id AS TEXT), '-', '') AS c4
FROM ticket_step AS ticket_step_1
LEFT OUTER JOIN staff_member AS staff_member_1 ON staff_member_1.id = ticket_step_1.actor_id
WHERE ticket_step_1.ticket_id = anon_1.key
ORDER BY ticket_step_1.at ASC, ticket_step_1.id ASC
LIMIT $2::BIGINT) AS page ON true;
