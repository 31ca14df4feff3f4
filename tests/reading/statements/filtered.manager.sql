SELECT customer_1.id AS c0, customer_1.name_sealed AS c1, data_key_1.wrapped AS c2,
    customer_1.last_interaction_rank AS c3
FROM customer AS customer_1
LEFT OUTER JOIN data_key AS data_key_1 ON data_key_1.id = customer_1.id
WHERE customer_1.stage IN ('LOYALTY') AND (EXISTS (SELECT 1
FROM tag AS tag_1, customer_tag AS customer_tag_1
WHERE customer_1.id = customer_tag_1.customer_id AND tag_1.id = customer_tag_1.tag_id AND lower(tag_1.name COLLATE
    "C") = ANY ($1::TEXT[]))) AND (customer_1.last_interaction_rank, customer_1.id) < ($2::TIMESTAMP WITH TIME ZONE,
    $3::UUID)
ORDER BY customer_1.last_interaction_rank DESC, customer_1.id DESC
LIMIT $4::BIGINT;

SELECT customer_1.id AS c0, customer_1.name_sealed AS c1, data_key_1.wrapped AS c2
FROM customer AS customer_1
LEFT OUTER JOIN data_key AS data_key_1 ON data_key_1.id = customer_1.id
WHERE customer_1.stage IN ('LOYALTY') AND (EXISTS (SELECT 1
FROM tag AS tag_1, customer_tag AS customer_tag_1
WHERE customer_1.id = customer_tag_1.customer_id AND tag_1.id = customer_tag_1.tag_id AND lower(tag_1.name COLLATE
    "C") = ANY ($1::TEXT[])))
LIMIT $2::BIGINT;
