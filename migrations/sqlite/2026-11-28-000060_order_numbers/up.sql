-- Whom a practice has ordered for under which number: some reports name nobody else.
CREATE TABLE order_numbers (
    practice_id BLOB NOT NULL REFERENCES organisations (id),
    number_key BLOB NOT NULL,
    patient_id BLOB NOT NULL REFERENCES patients (id),
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (practice_id, number_key, patient_id)
) STRICT;
CREATE INDEX order_numbers_by_patient ON order_numbers (patient_id);
CREATE INDEX order_numbers_by_seen_at ON order_numbers (seen_at);
