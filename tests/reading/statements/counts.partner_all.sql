SELECT min(customer_1.region) AS c0, count(*) AS c1
FROM customer AS customer_1
WHERE EXISTS (SELECT 1
FROM partner_listing AS partner_listing_1
WHERE customer_1.id = partner_listing_1.customer_id AND partner_listing_1.partner_id = $1::UUID AND
    partner_listing_1.withdrawn_at IS NULL) GROUP BY lower(customer_1.region COLLATE "C")
ORDER BY lower(customer_1.region COLLATE "C")
LIMIT 1000;

SELECT tier_1.code AS c0, count(*) AS c1
FROM customer AS customer_1
LEFT OUTER JOIN tier AS tier_1 ON tier_1.id = customer_1.tier_id
WHERE EXISTS (SELECT 1
FROM partner_listing AS partner_listing_1
WHERE customer_1.id = partner_listing_1.customer_id AND partner_listing_1.partner_id = $1::UUID AND
    partner_listing_1.withdrawn_at IS NULL) GROUP BY tier_1.code
ORDER BY tier_1.code
LIMIT 1000;
