-- N engagements of an agency that begins four of them a day: what lies ahead is the same whatever N, history grows.
-- The same statements on both databases. Filled in: {number}, {people}. Given: day(n), ago(n), sha(text).
-- People 1 to 3 are those who are measured: a leader, the secretariat, a requester.

CREATE TEMPORARY TABLE place (k integer PRIMARY KEY, code text, city text, zone text);
INSERT INTO place VALUES
  (0, 'EE', 'Tallinn', 'Europe/Tallinn'), (1, 'JP', 'Tokyo', 'Asia/Tokyo'), (2, 'FR', 'Paris', 'Europe/Paris'),
  (3, 'DE', 'Berlin', 'Europe/Berlin'), (4, 'GB', 'London', 'Europe/London'), (5, 'KE', 'Nairobi', 'Africa/Nairobi'),
  (6, 'SG', 'Singapore', 'Asia/Singapore'), (7, 'NL', 'The Hague', 'Europe/Amsterdam'),
  (8, 'PL', 'Warsaw', 'Europe/Warsaw'), (9, 'KR', 'Seoul', 'Asia/Seoul'), (10, 'CH', 'Geneva', 'Europe/Zurich');

-- The first begins in a hundred days, the last in the past: 150 days ago of 1,000, seven centuries ago of 1,000,000.
CREATE TEMPORARY TABLE n AS
WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < {number}),
d AS (SELECT g, (g * 7) % 20 AS fate, 100 - g / 4 AS begins, 100 - g / 4 + 2 + g % 3 AS ends FROM s)
SELECT
  g, fate, begins, ends,
  CASE WHEN begins > 0 THEN 20 + g % 60 ELSE 60 + g % 60 - begins END AS age,
  4 + (g * 13) % ({people} - 4) AS asked,
  4 + (g * 13 + 170) % ({people} - 4) AS also,
  CASE WHEN g % 40 = 7 THEN 'red' WHEN g % 10 = 3 THEN 'amber' ELSE 'green' END AS marking,
  CASE WHEN fate >= 18 THEN 'withdrawn' WHEN fate = 17 THEN 'disapproved' WHEN ends < 0 THEN 'approved'
    WHEN begins > 20 AND fate < 3 THEN 'draft' WHEN begins > 20 AND fate < 7 THEN 'scheduled'
    WHEN begins > 20 AND fate < 9 THEN 'submitted' ELSE 'approved' END AS state
FROM d;

INSERT INTO office (name) SELECT 'Office ' || g FROM n WHERE g <= 12;
INSERT INTO person (id, email, name, office_id, senior, home_zone, created_at, version)
  SELECT g, 'person' || g || '@bench.example', 'Robin Person ' || g, 1 + g % 12, false, 'America/New_York', ago(900), 1
  FROM n WHERE g <= {people};
INSERT INTO role_grant (person_id, role, starts_on)
  SELECT g, CASE g WHEN 1 THEN 'leadership' WHEN 2 THEN 'secretariat' ELSE 'requester' END, day(-800) FROM n WHERE g <= {people};
INSERT INTO partner (id, name, short_name, country_code, kind, first_member, url, source_url, version)
  SELECT 1000 + g, 'National response team ' || g, '', code, 'national_csirt', 'unknown', '', '', 1 FROM n JOIN place ON k = g % 11 WHERE g <= 150;

INSERT INTO item (id, kind, asks, title, state, state_since, firmness, marking, requester_id, starts_on, ends_on, created_at, submitted_at,
    placed_at, decided_at, version)
  SELECT g, 'engagement', 'decision', 'Technical exchange ' || g || ' with a national response team', state, ago(age - 10), 'firm', marking, asked,
    day(begins), day(ends), ago(age + 5), CASE WHEN state <> 'draft' THEN ago(age) END,
    CASE WHEN state IN ('scheduled', 'approved', 'disapproved') THEN ago(age - 5) END,
    CASE WHEN state IN ('approved', 'disapproved') THEN ago(age - 10) END, 1
  FROM n;
INSERT INTO engagement (id, nature, direction, purpose, outcome_sought, why_not_virtual, why_this_many, other_than_coach, media, late_reason, notes, missing)
  SELECT g, 'bilateral', 'outbound', 'Share what each side has learnt.', 'A dated list of joint exercises.', '', '', false, false,
    CASE WHEN g % 9 = 0 THEN 'The invitation came late.' ELSE '' END, '', '' FROM n;
INSERT INTO leg (engagement_id, position, country_code, city, zone, arrives_on, departs_on, transit)
  SELECT g, 0, code, city, zone, day(begins), day(ends), false FROM n JOIN place ON k = (g / 20 + g) % 11;
INSERT INTO traveller (engagement_id, position, person_id, name_given, is_lead) SELECT g, 0, asked, '', true FROM n;
INSERT INTO traveller (engagement_id, position, person_id, name_given, is_lead) SELECT g, 1, also, '', false FROM n WHERE g % 2 = 0;
INSERT INTO cost_line (engagement_id, position, what, amount, funder, non_federal)
  SELECT g, 0, 'Airfare', 1200 + g % 700, 'Agency travel budget', false FROM n;
INSERT INTO engagement_partner (engagement_id, partner_id) SELECT g, 1001 + g % 150 FROM n;
INSERT INTO engagement_objective (engagement_id, objective_id) SELECT g, 1 + g % 9 FROM n;

INSERT INTO state_span (item_id, state, started_at, ended_at, by_id, reason)
  SELECT g, 'draft', ago(age + 5), CASE WHEN state <> 'draft' THEN ago(age) END, asked, '' FROM n;
INSERT INTO state_span (item_id, state, started_at, ended_at, by_id, reason)
  SELECT g, 'submitted', ago(age), CASE WHEN state <> 'submitted' THEN ago(age - 5) END, asked, '' FROM n WHERE state <> 'draft';
INSERT INTO state_span (item_id, state, started_at, ended_at, by_id, reason)
  SELECT g, CASE WHEN fate >= 18 THEN 'returned_for_information' ELSE 'scheduled' END, ago(age - 5), CASE WHEN state <> 'scheduled' THEN ago(age - 10) END, 2, ''
  FROM n WHERE state NOT IN ('draft', 'submitted');
INSERT INTO state_span (item_id, state, started_at, by_id, reason)
  SELECT g, state, ago(age - 10), 2, 'As the board decided.' FROM n WHERE state NOT IN ('draft', 'submitted', 'scheduled');
INSERT INTO trip (engagement_id, person_id, departs_on, returns_on, opened_at)
  SELECT g, person_id, day(begins), day(ends), ago(age - 10) FROM n JOIN traveller ON engagement_id = g WHERE state = 'approved';
INSERT INTO trip_report (engagement_id, readout, recommendations, no_outcome, begun_at, begun_by_id, written_at, written_by_id, filed_at,
    filed_by_id, first_filed_at, version)
  SELECT g, 'It went as agreed.', '', 'Talks go on.', ago(-ends - 1), asked, ago(-ends - 2), asked, ago(-ends - 2), asked, ago(-ends - 2), 1
  FROM n WHERE state = 'approved' AND ends < -4 AND (ends < -60 OR g % 12 > 0);
INSERT INTO commitment (engagement_id, side, what, partner_id, counterpart, owner_id, made_on, due_on, settled_as, settled_on)
  SELECT g, CASE WHEN g % 2 = 0 THEN 'ours' ELSE 'theirs' END, 'Send the list of exercises', 1001 + g % 150, '', asked, day(ends), day(ends + 40),
    CASE WHEN ends < -60 THEN 'kept' END, CASE WHEN ends < -60 THEN day(ends + 30) END
  FROM n WHERE state = 'approved' AND ends < 0 AND g % 3 = 0;
INSERT INTO outbox_message (key, person_id, template, topic, about_kind, about_id, facts, subject, posted_at, due_at, delivery, attempts, last_error,
    sent_at, read_at)
  SELECT 'moved:' || g, asked, 'engagement_moved', 'outcome', 'item', g, '{{}}', 'Submitted: Technical exchange ' || g, ago(age), ago(age), 'sent', 1, '',
    ago(age), ago(age)
  FROM n WHERE state <> 'draft';
