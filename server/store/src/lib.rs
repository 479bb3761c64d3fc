//! All SQL, transactions, stored bytes, callers and permits.
