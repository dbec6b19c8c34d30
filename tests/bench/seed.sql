-- N engagements and their people, the same statements on both databases. Filled in: {number}, {people}, {password}.
-- Given on each database: day(n) is the calendar day n days from today, ago(n) the moment n days ago, sha(text) its digest.
-- People 1 to 4 are those who are measured: secretariat, board member, requester, traveller.

CREATE TEMPORARY TABLE place (k integer PRIMARY KEY, code text, city text, zone text);
INSERT INTO place VALUES
  (0, 'EE', 'Tallinn', 'Europe/Tallinn'), (1, 'JP', 'Tokyo', 'Asia/Tokyo'), (2, 'FR', 'Paris', 'Europe/Paris'),
  (3, 'DE', 'Berlin', 'Europe/Berlin'), (4, 'GB', 'London', 'Europe/London'), (5, 'KE', 'Nairobi', 'Africa/Nairobi'),
  (6, 'SG', 'Singapore', 'Asia/Singapore'), (7, 'NL', 'The Hague', 'Europe/Amsterdam'),
  (8, 'PL', 'Warsaw', 'Europe/Warsaw'), (9, 'KR', 'Seoul', 'Asia/Seoul'), (10, 'CH', 'Geneva', 'Europe/Zurich');

-- One row an engagement: of twenty, four are drafts, four before the board, four approved and ahead, two over, and one
-- of each other state. `fate` is where it stands in its twenty; the first 10,000 hold those on which acts are measured.
CREATE TEMPORARY TABLE n AS
WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < {number})
SELECT
  g,
  g % 20 AS fate,
  20 + g % 200 AS age,
  CASE WHEN g % 20 IN (12, 13) THEN (g * 7) % 365 - 400 ELSE (g * 7) % 365 + 75 END AS begins,
  CASE WHEN g % 20 IN (12, 13) THEN (g * 7) % 365 - 400 ELSE (g * 7) % 365 + 75 END + 2 + g % 5 AS ends,
  CASE WHEN g % 20 < 4 AND g <= 10000 THEN 3 ELSE 30 + g % 170 END AS asked,
  CASE WHEN g % 20 BETWEEN 8 AND 11 AND g <= 10000 THEN 4 WHEN g % 2 = 0 THEN 30 + (g + 85) % 170 END AS also,
  g % 20 < 4 AS draft,
  g % 20 BETWEEN 4 AND 7 AS docketed,
  g % 20 IN (8, 9, 10, 11, 12, 13, 18) AS decided,
  CASE WHEN g % 20 < 4 THEN 'draft' WHEN g % 20 < 8 THEN 'scheduled' WHEN g % 20 < 14 THEN 'approved'
    WHEN g % 20 = 14 THEN 'returned_for_information' WHEN g % 20 = 15 THEN 'submitted' WHEN g % 20 = 16 THEN 'under_review'
    WHEN g % 20 = 17 THEN 'deferred' WHEN g % 20 = 18 THEN 'disapproved' ELSE 'withdrawn' END AS state
FROM s;

-- People, their roles and seats, and the registers.
INSERT INTO office (name) SELECT 'Office ' || g FROM n WHERE g <= 12;
INSERT INTO person (id, email, name, office_id, senior, home_zone, password_hash, created_at, version)
  SELECT g, 'person' || g || '@bench.example', 'Robin Person ' || g, 1 + g % 12, false, 'America/New_York', '{password}', ago(900), 1
  FROM n WHERE g <= {people};
UPDATE person SET supervisor_id = 20 + id % 10 WHERE id >= 30;
INSERT INTO role_grant (person_id, role, starts_on) SELECT g, 'requester', day(-800) FROM n WHERE g <= {people};
INSERT INTO role_grant (person_id, role, starts_on)
  SELECT g, CASE WHEN g IN (1, 5, 6) THEN 'secretariat' WHEN g = 10 THEN 'chair' WHEN g IN (2, 11, 12, 13, 14, 15) THEN 'board_member'
    WHEN g = 16 THEN 'auditor' WHEN g = 17 THEN 'leadership' WHEN g = 18 THEN 'training_owner' ELSE 'supervisor' END, day(-800)
  FROM n WHERE g IN (1, 2, 5, 6, 10, 11, 12, 13, 14, 15, 16, 17, 18) OR g BETWEEN 20 AND 29;
INSERT INTO seat_holding (seat_id, person_id, starts_on)
  SELECT id, CASE id WHEN 1 THEN 10 WHEN 2 THEN 2 ELSE 8 + id END, day(-800) FROM seat;
INSERT INTO advisory (country_code, level, as_of, source) SELECT code, 1 + length(name) % 2, day(-200), 'benchmark' FROM country;
INSERT INTO forum (id, code, name, kind, cadence, url, source_url) SELECT 1000 + g, 'B' || g, 'Benchmark forum ' || g, 'body', '', '', '' FROM n WHERE g <= 40;
INSERT INTO partner (id, name, short_name, country_code, kind, first_member, url, source_url, version)
  SELECT 1000 + g, 'National response team ' || g, '', code, 'national_csirt', 'unknown', '', '', 1 FROM n JOIN place ON k = g % 11 WHERE g <= 150;
INSERT INTO completion (person_id, course_id, completed_on, evidence, recorded_at, verified_at, verified_by_id, decline_reason)
  SELECT g, 1, day(-300), 'Certificate ' || g, ago(300), ago(299), 18, '' FROM n WHERE g <= {people} AND g <> 18;

-- What is asked.
INSERT INTO item (id, kind, asks, title, state, state_since, firmness, marking, requester_id, starts_on, ends_on, created_at, submitted_at,
    placed_at, decided_at, deferred_until, version)
  SELECT g, 'engagement', 'decision', 'Technical exchange ' || g || ' with a national response team', state, ago(age - 10), 'firm', 'green', asked,
    day(begins), day(ends), ago(age + 5), CASE WHEN NOT draft THEN ago(age) END, CASE WHEN docketed OR decided THEN ago(age - 5) END,
    CASE WHEN decided THEN ago(age - 10) END, CASE WHEN state = 'deferred' THEN day(begins) END, 1
  FROM n;
INSERT INTO engagement (id, nature, direction, purpose, outcome_sought, why_not_virtual, why_this_many, other_than_coach, media, late_reason, notes, missing,
    forum_id)
  SELECT g, 'bilateral', 'outbound',
    'Share what each side has learnt of intrusions into energy and water networks since the last meeting, walk through two cases in '
    || 'detail on their range, and settle who exercises what together next year and at whose cost. Exchange ' || g || '.',
    'A dated list of joint exercises, and a named contact for each on both sides.',
    'The partner shows the range on site only, and will not discuss the cases on an open line.',
    'One leads, one knows the networks.', false, false, '', '', '', CASE WHEN g % 4 = 0 THEN 1001 + g % 40 END
  FROM n;
INSERT INTO leg (engagement_id, position, country_code, city, zone, arrives_on, departs_on, transit)
  SELECT g, 0, code, city, zone, day(begins), CASE WHEN g % 3 = 0 THEN day(begins + 1) ELSE day(ends) END, false FROM n JOIN place ON k = (g / 20) % 11;
INSERT INTO leg (engagement_id, position, country_code, city, zone, arrives_on, departs_on, transit)
  SELECT g, 1, code, city, zone, day(begins + 1), day(ends), false FROM n JOIN place ON k = (g / 20 + 4) % 11 WHERE g % 3 = 0;
INSERT INTO traveller (engagement_id, position, person_id, name_given, is_lead) SELECT g, 0, asked, '', true FROM n;
INSERT INTO traveller (engagement_id, position, person_id, name_given, is_lead) SELECT g, 1, also, '', false FROM n WHERE also IS NOT NULL;
INSERT INTO cost_line (engagement_id, position, what, amount, funder, non_federal)
  SELECT g, 0, 'Airfare', 1200 + g % 700, 'Agency travel budget', false FROM n
  UNION ALL SELECT g, 1, 'Lodging and meals', 800 + g % 300, 'Agency travel budget', false FROM n;
UPDATE review_rule SET applies = false WHERE code = 'senior'; -- a plain request is measured
UPDATE clash_rule SET needs_reason = false; -- everywhere is full here: what is around is looked for, no reason is asked
INSERT INTO engagement_partner (engagement_id, partner_id) SELECT g, 1001 + g % 150 FROM n;
INSERT INTO engagement_objective (engagement_id, objective_id) SELECT g, 1 + g % 9 FROM n;

-- Where it has been.
INSERT INTO state_span (item_id, state, started_at, ended_at, by_id, reason)
  SELECT g, 'draft', ago(age + 5), CASE WHEN NOT draft THEN ago(age) END, asked, '' FROM n;
INSERT INTO state_span (item_id, state, started_at, ended_at, by_id, reason)
  SELECT g, 'submitted', ago(age), CASE WHEN fate <> 15 THEN ago(age - 5) END, asked, '' FROM n WHERE NOT draft;
INSERT INTO state_span (item_id, state, started_at, ended_at, by_id, reason)
  SELECT g, 'scheduled', ago(age - 5), CASE WHEN decided THEN ago(age - 10) END, 1, '' FROM n WHERE docketed OR decided;
INSERT INTO state_span (item_id, state, started_at, by_id, reason)
  SELECT g, state, ago(age - 10), 1, 'As the board decided.' FROM n WHERE NOT draft AND NOT docketed AND fate <> 15;
INSERT INTO trip (engagement_id, person_id, departs_on, returns_on, opened_at)
  SELECT g, person_id, day(begins), day(ends), ago(age - 10) FROM n JOIN traveller ON engagement_id = g WHERE state = 'approved';

-- What was told, and the trail. Its codes are made up: the benchmark goes on with the trail, it does not verify it.
INSERT INTO outbox_message (key, person_id, template, topic, about_kind, about_id, facts, subject, posted_at, due_at, delivery, attempts, last_error,
    sent_at, read_at)
  SELECT 'moved:' || g, asked, 'engagement_moved', 'outcome', 'item', g, '{{}}', 'Submitted: Technical exchange ' || g, ago(age), ago(age), 'sent', 1, '',
    ago(age), CASE WHEN g % 50 > 0 THEN ago(age) END
  FROM n WHERE NOT draft;
INSERT INTO audit_event (id, at, actor_id, action, about_kind, about_id, outcome, details, source, request_id, mac)
  SELECT 1000 + 3 * (g - 1) + p.act, ago(age - p.act), asked, p.verb, 'item', g, 'done', '{{"after":"submitted","before":"draft","reason":""}}',
    '127.0.0.1', 'bench', sha('' || g)
  FROM n CROSS JOIN (SELECT 1 AS act, 'draft' AS verb UNION ALL SELECT 2, 'submit' UNION ALL SELECT 3, 'place') AS p;
UPDATE audit_head SET last_id = 1000 + 3 * {number}, last_mac = sha('the last');

-- The frozen versions, all with the text of engagement 4 but for the title; then what cites them. Versions and motions
-- carry the number of their item, so that an address can name both by it.
INSERT INTO item_version (id, item_id, number, content, sha256, valid_from, by_id, minor, reason)
  SELECT g, g, 1, text, sha(text), ago(age), asked, false, ''
  FROM (SELECT n.*, replace((SELECT text FROM frozen), 'Technical exchange 4 ', 'Technical exchange ' || g || ' ') AS text FROM n) AS said
  WHERE NOT draft;
INSERT INTO motion (id, board_id, charter_id, item_id, item_version_id, round, method, outcome, reason, conditions, terms, moved_by_id, moved_at, closes_at,
    closed_at, closed_by_id, carried, arithmetic, version)
  SELECT g, 1, 1, g, g, 1, 'notational', 'approve', '', '', '[]', 1, ago(age - 5), ago(-5), CASE WHEN decided THEN ago(age - 10) END,
    CASE WHEN decided THEN 1 END, CASE WHEN decided THEN true END, CASE WHEN decided THEN '["Yes 4, no 0."]' END, 1
  FROM n WHERE docketed OR decided;
INSERT INTO ballot (motion_id, seat_id, person_id, item_version_id, choice, reason, cast_at)
  SELECT g, seat_id, person_id, g, 'yes', '', ago(age - 8) FROM n JOIN seat_holding ON seat_id BETWEEN 3 AND 6 WHERE decided;
INSERT INTO decision (motion_id, item_id, item_version_id, sha256, method, outcome, reason, arithmetic, authority, decided_at, closed_by_id)
  SELECT g, g, g, sha256, 'notational', 'approve', '', '["Yes 4, no 0."]', 'Charter', ago(age - 10), 1 FROM n JOIN item_version ON item_id = g WHERE decided;
INSERT INTO acknowledgement (person_id, by_id, score, questions, trip_id, guide_version_id, sha256, language, at)
  SELECT person_id, person_id, 3, 3, trip.id, v.id, v.sha256, 'en', ago(100) FROM trip JOIN guide_version AS v ON v.guide_id = {general}
  WHERE returns_on < day(0);
