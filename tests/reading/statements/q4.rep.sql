SELECT count(*) AS count_1
FROM customer AS customer_1
WHERE customer_1.owner_id = $1::UUID;

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE (EXISTS (SELECT 1
FROM customer AS customer_1
WHERE customer_1.id = ticket_1.customer_id AND customer_1.owner_id = $1::UUID)) AND ticket_1.status IN ('ACCEPTED');

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE (EXISTS (SELECT 1
FROM customer AS customer_1
WHERE customer_1.id = ticket_1.customer_id AND customer_1.owner_id = $1::UUID)) AND ticket_1.status IN
    ('INVESTIGATING');

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE (EXISTS (SELECT 1
FROM customer AS customer_1
WHERE customer_1.id = ticket_1.customer_id AND customer_1.owner_id = $1::UUID)) AND ticket_1.status IN ('RESPONDED');

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE (EXISTS (SELECT 1
FROM customer AS customer_1
WHERE customer_1.id = ticket_1.customer_id AND customer_1.owner_id = $1::UUID)) AND ticket_1.status IN
    ('FOLLOWING_UP');
