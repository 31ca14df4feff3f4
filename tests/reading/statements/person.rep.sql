SELECT customer_1.id AS c0, 'cus_' || replace(CAST(customer_1.id AS TEXT), '-', '') AS c1, data_key_1.wrapped AS c2,
    customer_1.name_sealed AS c3, customer_1.wechat_id_masked AS c4, customer_1.under_14 IS NOT true AND
    customer_1.wechat_id_sealed IS NOT NULL AND NOT (customer_1.approval_fields IS NOT NULL AND 'wechat_id' = ANY
    (customer_1.approval_fields)) AS c5, (customer_1.under_14 IS NOT true) IS true AS c6
FROM customer AS customer_1
LEFT OUTER JOIN data_key AS data_key_1 ON data_key_1.id = customer_1.id
WHERE customer_1.id = ANY ($1::UUID[]) AND customer_1.owner_id = $2::UUID;

SELECT anon_1.key, page.c1, page.c2
FROM unnest($1::UUID[]) AS anon_1(key)
JOIN LATERAL (SELECT tag_1.name AS c1, tag_1."group" AS c2
FROM tag AS tag_1, customer_tag
WHERE customer_tag.customer_id = anon_1.key AND customer_tag.tag_id = tag_1.id
ORDER BY tag_1.name
LIMIT 100) AS page ON true;
