//! The requirements on sign-in, sessions, activation, log and keys, in our words, each with where it comes from.
//!
//! TR3 and TR1: BSI TR-03161-3 v2.0 and -1 v3.0 (ids of the aspects). A5: OWASP ASVS 5.0.0. N63: NIST SP 800-63-4. API: OWASP
//! API Security Top 10 (2023). MASVS: OWASP MASVS.

/// One requirement.
pub(crate) struct Requirement {
    /// Its id.
    pub(crate) id: &'static str,
    /// What it asks for.
    pub(crate) asks: &'static str,
    /// Where it comes from.
    pub(crate) sources: &'static str,
    /// What was measured or counted, if it is a number.
    pub(crate) figure: &'static str,
}

macro_rules! requirements {
    ($($id:literal $asks:literal $sources:literal $figure:literal;)+) => {
        &[$(Requirement { id: $id, asks: $asks, sources: $sources, figure: $figure }),+]
    };
}

/// All of tables A, B, C, E and F.
pub(crate) const REQUIREMENTS: &[Requirement] = requirements! {
    "SR-A01" "Signing in takes two factors of different kinds; mail, SMS and questions are none." "TR3 O.Auth_4, TR1 O.Auth_3, A5 6.3.3 6.3.6 6.4.2 6.6.1, MASVS-AUTH" "";
    "SR-A02" "People at work: passkey with user verification and password; an app's code as second choice, never for operators." "A5 6.3.3 6.5.1 6.5.5 6.7.2" "enrolling and signing in with a browser's own authenticator: .ci/passkey";
    "SR-A03" "Passwords of 15 to 128 characters, no composition rules, never cut, checked against lists." "A5 6.1.2 6.2.1-6.2.12, TR3 O.Pass_1, N63" "";
    "SR-A04" "Argon2id with a pepper, never below the floor, raised at the next sign-in." "A5 11.4.2, TR3 O.Pass_5, RFC 9106" "";
    "SR-A05" "Hashing has bounded memory and a bounded queue, apart from the threads that answer." "A5 15.1.3 15.2.2 15.4.4, API4" "flood of 64 x 400: +4.4 / +1.4 MiB, /healthz p99 20 / 15 ms";
    "SR-A06" "Guessing costs time, in the database, without locking out people who are right." "TR3 O.Auth_9, A5 6.1.1 6.3.1, API2" "";
    "SR-A07" "Whether somebody exists is not told, by words or by time." "A5 6.3.8" "";
    "SR-A08" "Delicate acts need a sign-in of the last five minutes." "TR3 O.Auth_12, TR1 O.Auth_11, A5 7.5.1 7.5.3" "299 s yes, 301 s no";
    "SR-A09" "Every change of what one signs in with is told to the other phones or sessions and the old address." "TR3 O.Auth_8 O.Auth_13, TR1 O.Pass_4, A5 6.3.5 6.3.7" "";
    "SR-A10" "No accounts of the factory; the first operator by a secret that works once, for ten minutes." "A5 6.3.2 6.4.1 13.2.3" "";
    "SR-A11" "Owner and administrator can take a factor away; nobody can set or see another's." "A5 6.4.6 6.5.6, TR3 O.Auth_16" "";
    "SR-A12" "Tokens and codes come from the system's randomness; ids are no secrets." "TR3 O.Rand_1 O.Auth_15, A5 7.2.3 11.5.1" "1,000,000 tokens, 0 doubles";
    "SR-A13" "Tokens need the proof of the key they are bound to, once." "RFC 9449, RFC 8725, A5 9.1.2 10.3.5 10.4.14" "39 wrong proofs refused";
    "SR-A14" "Tokens are opaque and stored as hashes only." "TR3 O.Auth_18-20, A5 7.2.1" "";
    "SR-A15" "Secrets are compared in constant time." "A5 11.2.4" "22 types without ==";
    "SR-S01" "Access tokens last ten minutes; codes a minute and once; PKCE S256 only." "A5 10.4.2-10.4.6, RFC 9700, RFC 7636" "";
    "SR-S02" "Sessions end by rest and by age." "TR3 O.Auth_10 O.Auth_11, A5 7.1.1 7.3.1 7.3.2" "15 min / 30 / 60 / 15 and 12 h / 12 / 12 / 8";
    "SR-S03" "Refresh tokens rotate, survive lost answers, and end the session when one is used twice." "A5 10.4.5 10.4.8, RFC 9700 4.14" "50 at once: 1 good pair; 5 replays: 1 event, 1 mail";
    "SR-S04" "Signing out holds with the next request." "TR3 O.Auth_16 O.Auth_17, TR1 O.Auth_14/15, A5 7.4.1-7.4.5 7.5.2, RFC 7009" "";
    "SR-S05" "A sign-in gives a new session and ends the old one." "A5 7.2.4" "";
    "SR-S06" "Phones are listed, named, limited to five, and bound anew after two years or half a year of rest, with reminders." "TR1 O.Auth_14, A5 6.4.5 7.1.2" "3 reminders, 0 doubles";
    "SR-S07" "A lost phone is cut off with its next request." "TR3 O.Data_8, TR1 O.Data_18, A5 6.5.6" "";
    "SR-S08" "A browser portal has strict cookies and no tokens in addresses." "A5 3.3.1-3.3.4 3.5.1-3.5.3 14.2.1 14.3.3" "";
    "SR-B01" "Slips carry 128 bits, or a code of twelve characters that is easy to read; both are stored as hashes." "A5 6.4.1 6.5.2 6.5.4 14.2.1, N63A 5.1.6" "";
    "SR-B02" "A slip lasts 14 days by hand and 21 by post, once; a new one kills the old." "A5 6.4.1, N63A" "";
    "SR-B03" "A code alone is not enough, and strangers cannot burn codes." "A5 6.1.1 6.6.3" "";
    "SR-B04" "The code is no factor afterwards and cannot become the PIN." "A5 6.4.1, N63A 5.1.6" "";
    "SR-B05" "How somebody was recognised is kept; by post nothing is shown before the practice confirms." "A5 6.4.4, N63A" "";
    "SR-B06" "Another practice links by its own slip; nothing is ever matched by name." "API1, GDPR 5(1)(d)" "";
    "SR-B07" "The way back: another own phone, the practice, or a sheet with a day's delay." "A5 6.4.3 6.4.4" "";
    "SR-B08" "Activation is limited by patient, practice and installation, not by address alone." "API6, A5 2.4.1" "";
    "SR-L01" "Access and tries are written down before the first byte leaves, or nothing leaves." "SGB V 309(1), A5 16.3.2 16.5.3, TR3 O.Arch_11" "";
    "SR-L02" "The log is chained for each resident and over all, with signed checkpoints." "A5 16.4.2 16.4.3" "";
    "SR-L03" "Residents see who, for whom, what, why and how it ended, in their language." "SGB V 309, 342, GDPR 15" "";
    "SR-L04" "Three years, then gone, and the rest can still be verified." "SGB V 309(1)(3), BGB 195" "";
    "SR-L05" "The log is used for nothing else." "SGB V 309(2), A5 16.4.2" "";
    "SR-L06" "The program's own log holds no health data, names, dates of birth or secrets." "TR1 O.Source_3, A5 14.1.2 16.2.1-16.2.5" "";
    "SR-L07" "Security events are logged, also TLS handshakes that fail." "TR3 O.Ntwk_7 O.Ntwk_8, A5 16.3.1-16.3.4" "";
    "SR-L08" "Who was affected by a breach can be answered within a minute." "GDPR 33, 34" "";
    "SR-K01" "Findings and what names people are encrypted, bound to owner, place and order." "TR3 O.Data_1 O.Cryp_3/4, A5 11.3.2-11.3.4 14.2.4" "";
    "SR-K02" "One key, one purpose; the list of keys comes from the code." "TR3 O.Cryp_4 O.Arch_3, A5 11.1.1-11.1.4" "";
    "SR-K03" "Keys are rotated while everything runs, and a rotation that dies goes on." "A5 11.2.2 13.3.4" "";
    "SR-K04" "Erasing a person destroys the key, also for backups." "GDPR 17, TR3 O.Data_7 O.Source_7, A5 14.2.7" "";
    "SR-K05" "No secret in code, database or backup; secret files are closed to others." "TR3 O.Cryp_1, A5 13.3.1 13.3.2" "";
    "SR-K06" "Secrets in memory are wrapped and not printed; no core dumps." "TR3 O.Source_4, A5 11.7.2" "";
    "SR-K07" "TLS 1.2 and 1.3 with the good suites only." "TR3 O.Cryp_8 O.Ntwk_4, A5 12.1.1 12.1.2" "";
    "SR-K08" "Certificates are exchanged without a restart." "A5 12.2.2" "";
    "SR-K09" "Apps can pin the server's keys." "TR1 O.Ntwk_4 O.Ntwk_5, MASVS-NETWORK" "";
    "SR-K10" "Practices prove a key, or a certificate of the installation's own." "A5 10.4.16 12.1.3 12.3.5, TR3 O.Ntwk_1-3" "";
    "SR-K11" "Every answer carries the strict headers." "A5 3.2.1 3.4.1-3.4.6 13.4.6 14.3.2" "";
};
