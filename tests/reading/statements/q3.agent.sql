SELECT 'cus_' || replace(CAST(customer_1.id AS TEXT), '-', '') AS c0, customer_1.kind AS c1,
    data_key_1.wrapped AS c2, customer_1.id AS c3, customer_1.name_sealed AS c4, customer_1.mobile_masked AS c5,
    customer_1.email_masked AS c6, customer_1.region AS c7, customer_1.industry AS c8, customer_1.stage AS c9,
    customer_1.created_at AS c10, 'tier_' || replace(CAST(tier_1.id AS TEXT), '-', '') AS c11, tier_1.code AS c12,
    tier_1.name AS c13, 'stf_' || replace(CAST(staff_member_1.id AS TEXT), '-', '') AS c14,
    staff_member_1.name AS c15
FROM customer AS customer_1
LEFT OUTER JOIN data_key AS data_key_1 ON data_key_1.id = customer_1.id
LEFT OUTER JOIN tier AS tier_1 ON tier_1.id = customer_1.tier_id
LEFT OUTER JOIN staff_member AS staff_member_1 ON staff_member_1.id = customer_1.owner_id
WHERE customer_1.id IN (SELECT ticket_1.customer_id
FROM ticket AS ticket_1
WHERE (ticket_1.assignee_id = $1::UUID OR ticket_1.team_id = $2::UUID) AND coalesce(ticket_1.closed_at, '9999-01-01
    00:00:00+00'::timestamptz) > now() - interval '1 day' * coalesce((SELECT business_setting_1.value
FROM business_setting AS business_setting_1
WHERE business_setting_1.name = 'CLOSED_TICKET_DAYS'), 90) UNION ALL SELECT customer_lookup_1.customer_id
FROM customer_lookup AS customer_lookup_1
WHERE customer_lookup_1.viewer_id = $1::UUID AND customer_lookup_1.until > now())
ORDER BY customer_1.created_at DESC, customer_1.id DESC
LIMIT $3::BIGINT;

SELECT anon_1.key, page.c1, page.c2, page.c3, page.c4, page.c5, page.c6
FROM unnest($1::UUID[]) AS anon_1(key)
JOIN LATERAL (SELECT 'int_' || replace(CAST(interaction_1.id AS TEXT), '-', '') AS c1, interaction_1.channel AS c2,
    interaction_1.occurred_at AS c3, interaction_1.summary_masked AS c4, 'stf_' ||
    replace(CAST(staff_member_1.id AS TEXT), '-', '') AS c5, staff_member_1.name AS c6
FROM interaction AS interaction_1
LEFT OUTER JOIN staff_member AS staff_member_1 ON staff_member_1.id = interaction_1.staff_id
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

SELECT anon_1.key, page.c1, page.c2, page.c3, page.c4, page.c5
FROM unnest($1::UUID[]) AS anon_1(key)
JOIN LATERAL (SELECT 'tkt_' || replace(CAST(ticket_1.id AS TEXT), '-', '') AS c1, ticket_1.number AS c2,
    ticket_1.status AS c3, ticket_1.priority AS c4, ticket_1.subject AS c5
FROM ticket AS ticket_1
WHERE (ticket_1.assignee_id = $2::UUID OR ticket_1.team_id = $3::UUID OR ticket_1.opened_by_id = $2::UUID) AND
    coalesce(ticket_1.closed_at, '9999-01-01 00:00:00+00'::timestamptz) > now() - interval '1 day' *
    coalesce((SELECT business_setting_1.value
FROM business_setting AS business_setting_1
WHERE business_setting_1.name = 'CLOSED_TICKET_DAYS'), 90) AND ticket_1.customer_id = anon_1.key AND ticket_1.status
    IN ('ACCEPTED', 'FOLLOWING_UP', 'INVESTIGATING', 'RESPONDED')
ORDER BY ticket_1.opened_at DESC, ticket_1.id DESC
LIMIT $4::BIGINT) AS page ON true;
