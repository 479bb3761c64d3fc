-- From which network somebody asked to be paired, as a keyed hash. Those that the release before begins share one.
ALTER TABLE pairings ADD COLUMN network_key BYTEA NOT NULL DEFAULT '';
