SELECT count(*) AS count_1
FROM customer AS customer_1;

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE ticket_1.status IN ('ACCEPTED');

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE ticket_1.status IN ('INVESTIGATING');

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE ticket_1.status IN ('RESPONDED');

SELECT count(*) AS count_1
FROM ticket AS ticket_1
WHERE ticket_1.status IN ('FOLLOWING_UP');
