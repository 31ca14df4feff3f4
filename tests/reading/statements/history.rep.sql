SELECT (SELECT count(*) AS count_1
FROM event AS event_1
WHERE event_1.customer_id = customer_1.id AND event_1.kind IN ('CREATED', 'EDITED', 'STAGE_MOVED', 'TIER_ASSIGNED',
    'TRANSFERRED')) AS c0, customer_1.id AS c1
FROM customer AS customer_1
WHERE customer_1.id = $1::UUID AND customer_1.owner_id = $2::UUID;

SELECT anon_1.key, page.c1, page.c2, page.c3, page.c4, page.c5, page.c6, page.c7, page.c8, page.c9, page.c10
FROM unnest($1::UUID[]) AS anon_1(key)
JOIN LATERAL (SELECT event_1.kind AS c1, event_1.at AS c2, 'stf_' || replace(CAST(staff_member_1.id AS TEXT), '-',
    '') AS c3, staff_member_1.name AS c4, team_1.name AS c5, event_1.fields AS c6, event_1.before AS c7,
    event_1.after AS c8, event_1.reason AS c9, event_1.id AS c10
FROM event AS event_1
LEFT OUTER JOIN staff_member AS staff_member_1 ON staff_member_1.id = event_1.actor_id
LEFT OUTER JOIN team AS team_1 ON team_1.id = staff_member_1.team_id
WHERE event_1.kind IN ('CREATED', 'EDITED', 'STAGE_MOVED', 'TIER_ASSIGNED', 'TRANSFERRED') AND event_1.customer_id =
    anon_1.key
ORDER BY event_1.id ASC
LIMIT $2::BIGINT) AS page ON true;
