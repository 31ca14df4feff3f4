SELECT customer_1.id AS c0, 'cus_' || replace(CAST(customer_1.id AS TEXT), '-', '') AS c1
FROM customer AS customer_1
WHERE customer_1.id = ANY ($1::UUID[]) AND (EXISTS (SELECT 1
FROM partner_listing AS partner_listing_1
WHERE customer_1.id = partner_listing_1.customer_id AND partner_listing_1.partner_id = $2::UUID AND
    partner_listing_1.withdrawn_at IS NULL));
