//! Passwords, PINs, codes, tokens, keyed hashes: everything secret, and nothing else.
