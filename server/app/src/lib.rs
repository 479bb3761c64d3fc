//! Use cases: who, may they, rule, write, audit. Clock, randomness and mail are ports.
