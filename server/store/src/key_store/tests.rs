//! The promises of the key store, each on both engines.
