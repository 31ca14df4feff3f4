SELECT 'cus_' || replace(CAST(customer_1.id AS TEXT), '-', '') AS c0, customer_1.kind AS c1,
    data_key_1.wrapped AS c2, customer_1.id AS c3, customer_1.name_sealed AS c4, customer_1.mobile_masked AS c5,
    customer_1.email_masked AS c6, customer_1.region AS c7, customer_1.industry AS c8, customer_1.stage AS c9,
    customer_1.score AS c10, customer_1.created_at AS c11, 'tier_' || replace(CAST(tier_1.id AS TEXT), '-',
    '') AS c12, tier_1.code AS c13, tier_1.name AS c14, 'stf_' || replace(CAST(staff_member_1.id AS TEXT), '-',
    '') AS c15, staff_member_1.name AS c16
FROM customer AS customer_1
LEFT OUTER JOIN data_key AS data_key_1 ON data_key_1.id = customer_1.id
LEFT OUTER JOIN tier AS tier_1 ON tier_1.id = customer_1.tier_id
LEFT OUTER JOIN staff_member AS staff_member_1 ON staff_member_1.id = customer_1.owner_id
WHERE customer_1.owner_id = $1::UUID
ORDER BY customer_1.created_at DESC, customer_1.id DESC
LIMIT $2::BIGINT;
