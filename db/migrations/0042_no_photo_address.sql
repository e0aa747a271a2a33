DROP VIEW shown_user;--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "photo_url";--> statement-breakpoint
CREATE VIEW shown_user AS
SELECT u.id, u.login, u.email, u.display_name AS "displayName", u.employee_number AS "employeeNumber", u.title, u.department, u.site,
  u.disabled_at IS NOT NULL AS "isDisabled",
  (
    SELECT coalesce(json_agg(json_build_object('channel', p.channel, 'e164', p.e164) ORDER BY p.channel), '[]')
    FROM user_phone p WHERE p.user_id = u.id
  ) AS phones
FROM users u;
