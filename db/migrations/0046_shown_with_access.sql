-- As before, with the emergency access that each has now, what ends last first. By `now()`: a view that asks a clock which runs on
-- while it is read is read whole wherever it is joined.
CREATE OR REPLACE VIEW shown_user AS
SELECT u.id, u.login, u.email, u.display_name AS "displayName", u.employee_number AS "employeeNumber", u.title, u.department, u.site,
  u.disabled_at IS NOT NULL AS "isDisabled",
  (
    SELECT coalesce(json_agg(json_build_object('channel', p.channel, 'e164', p.e164) ORDER BY p.channel), '[]')
    FROM user_phone p WHERE p.user_id = u.id
  ) AS phones,
  (
    SELECT coalesce(json_agg(json_build_object('method', g.method, 'expiresAt', g.expires_at) ORDER BY g.expires_at DESC), '[]')
    FROM grants g WHERE g.user_id = u.id AND g.ended_at IS NULL AND g.expires_at > now()
  ) AS access
FROM users u;
