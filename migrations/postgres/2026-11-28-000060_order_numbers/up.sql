-- Whom a practice has ordered for under which number: some reports name nobody else.
CREATE TABLE order_numbers (
    practice_id BYTEA NOT NULL REFERENCES organisations (id),
    number_key BYTEA NOT NULL,
    patient_id BYTEA NOT NULL REFERENCES patients (id),
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (practice_id, number_key, patient_id)
);
CREATE INDEX order_numbers_by_patient ON order_numbers (patient_id);
CREATE INDEX order_numbers_by_seen_at ON order_numbers (seen_at);
