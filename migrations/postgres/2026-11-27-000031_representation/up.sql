-- People who act for others. ground: appointed, parental or guardian, of a rule by which somebody acts for a resident.
-- may_act: whether they act or look. narrows_at: from when on what is delicate is closed to them. acted_at: when they first
-- changed something in the resident's place. notice_at: when both sides are told next. invitation_id: by which slip a practice
-- attested it.
ALTER TABLE consent_rules ADD COLUMN ground TEXT;
ALTER TABLE consent_rules ADD COLUMN may_act INTEGER NOT NULL DEFAULT 0;
ALTER TABLE consent_rules ADD COLUMN narrows_at BIGINT;
ALTER TABLE consent_rules ADD COLUMN acted_at BIGINT;
ALTER TABLE consent_rules ADD COLUMN notice_at BIGINT;
ALTER TABLE consent_rules ADD COLUMN invitation_id BYTEA;
CREATE INDEX consent_rules_by_notice_at ON consent_rules (notice_at);
CREATE INDEX consent_rules_by_invitation ON consent_rules (invitation_id);
UPDATE consent_rules SET ground = 'appointed' WHERE purpose = 'representation';

-- For whom a slip is: self, parent or guardian. A guardian's ends on represents_until, and the court's file reference is sealed
-- with the practice's key.
ALTER TABLE invitations ADD COLUMN is_for TEXT NOT NULL DEFAULT 'self';
ALTER TABLE invitations ADD COLUMN represents_until TEXT;
ALTER TABLE invitations ADD COLUMN court_file_sealed BYTEA;
