SELECT access_log_1.at AS c0, access_log_1.viewer_kind || '_' || replace(CAST(access_log_1.viewer_id AS TEXT), '-',
    '') AS c1, access_log_1.viewer_name AS c2, access_log_1.subject_kind || '_' ||
    replace(CAST(access_log_1.subject_id AS TEXT), '-', '') AS c3, access_log_1.field AS c4,
    access_log_1.purpose AS c5, access_log_1.reason AS c6, access_log_1.id AS c7
FROM access_log AS access_log_1
WHERE access_log_1.subject_id = ANY ($1::UUID[])
ORDER BY access_log_1.id DESC
LIMIT $2::BIGINT;
