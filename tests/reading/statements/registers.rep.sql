SELECT 'stf_' || replace(CAST(staff_member_1.id AS TEXT), '-', '') AS c0, staff_member_1.name AS c1,
    team_1.name AS c2
FROM staff_member AS staff_member_1
LEFT OUTER JOIN team AS team_1 ON team_1.id = staff_member_1.team_id
WHERE staff_member_1.id = $1::UUID;

SELECT 'tier_' || replace(CAST(tier_1.id AS TEXT), '-', '') AS c0, tier_1.code AS c1, tier_1.name AS c2
FROM tier AS tier_1
ORDER BY tier_1.code
LIMIT 100;

SELECT purpose_1.code AS c0, purpose_1.name AS c1
FROM purpose AS purpose_1
ORDER BY purpose_1.code
LIMIT 100;

SELECT 'stf_' || replace(CAST(staff_member_1.id AS TEXT), '-', '') AS c0, staff_member_1.name AS c1,
    team_1.name AS c2, staff_member_1.active AS c3
FROM staff_member AS staff_member_1
LEFT OUTER JOIN team AS team_1 ON team_1.id = staff_member_1.team_id
WHERE staff_member_1.role IN ('MANAGER', 'REP')
ORDER BY staff_member_1.id ASC
LIMIT $1::BIGINT;

SELECT count(*) AS count_1
FROM staff_member AS staff_member_1
WHERE staff_member_1.role IN ('MANAGER', 'REP');
