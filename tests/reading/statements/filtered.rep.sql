SELECT customer_1.id AS c0, customer_1.name_sealed AS c1, data_key_1.wrapped AS c2,
    customer_1.last_interaction_rank AS c3
FROM customer AS customer_1
LEFT OUTER JOIN data_key AS data_key_1 ON data_key_1.id = customer_1.id
WHERE customer_1.owner_id = $1::UUID AND (EXISTS (SELECT 1
FROM tag AS tag_1, customer_tag AS customer_tag_1
WHERE customer_1.id = customer_tag_1.customer_id AND tag_1.id = customer_tag_1.tag_id AND lower(tag_1.name COLLATE
    "C") = ANY ($2::TEXT[]))) AND ((customer_1.name_buckets @> $3::INTEGER[]) OR (customer_1.name_buckets @>
    $4::INTEGER[]) OR customer_1.name_buckets IS NULL) AND (customer_1.last_interaction_rank, customer_1.id) <
    ($5::TIMESTAMP WITH TIME ZONE, $6::UUID)
ORDER BY customer_1.last_interaction_rank DESC, customer_1.id DESC
LIMIT $7::BIGINT;

SELECT customer_1.id AS c0, customer_1.name_sealed AS c1, data_key_1.wrapped AS c2
FROM customer AS customer_1
LEFT OUTER JOIN data_key AS data_key_1 ON data_key_1.id = customer_1.id
WHERE customer_1.owner_id = $1::UUID AND (EXISTS (SELECT 1
FROM tag AS tag_1, customer_tag AS customer_tag_1
WHERE customer_1.id = customer_tag_1.customer_id AND tag_1.id = customer_tag_1.tag_id AND lower(tag_1.name COLLATE
    "C") = ANY ($2::TEXT[]))) AND ((customer_1.name_buckets @> $3::INTEGER[]) OR (customer_1.name_buckets @>
    $4::INTEGER[]) OR customer_1.name_buckets IS NULL)
LIMIT $5::BIGINT;

SELECT 'cus_' || replace(CAST(customer_1.id AS TEXT), '-', '') AS c0, customer_1.last_interaction_at AS c1, (SELECT
    count(*) AS count_1
FROM ticket AS ticket_1
WHERE ticket_1.customer_id = customer_1.id AND ticket_1.status IN ('ACCEPTED')) AS c2, customer_1.id AS c3
FROM customer AS customer_1
WHERE customer_1.id = ANY ($1::UUID[]) AND customer_1.owner_id = $2::UUID
ORDER BY customer_1.last_interaction_rank DESC, customer_1.id DESC;
