SELECT 'cus_' || replace(CAST(customer_1.id AS TEXT), '-', '') AS c0, customer_1.kind AS c1,
    data_key_1.wrapped AS c2, customer_1.id AS c3, customer_1.name_sealed AS c4, customer_1.mobile_masked AS c5,
    customer_1.email_masked AS c6, customer_1.region AS c7, customer_1.industry AS c8, customer_1.created_at AS c9,
    'tier_' || replace(CAST(tier_1.id AS TEXT), '-', '') AS c10, tier_1.code AS c11, tier_1.name AS c12
FROM customer AS customer_1
LEFT OUTER JOIN data_key AS data_key_1 ON data_key_1.id = customer_1.id
LEFT OUTER JOIN tier AS tier_1 ON tier_1.id = customer_1.tier_id
WHERE customer_1.id = $1::UUID AND (EXISTS (SELECT 1
FROM partner_listing AS partner_listing_1
WHERE customer_1.id = partner_listing_1.customer_id AND partner_listing_1.partner_id = $2::UUID AND
    partner_listing_1.withdrawn_at IS NULL));
