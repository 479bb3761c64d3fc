DROP TABLE hold_rules;
