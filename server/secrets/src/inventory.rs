//! The inventory of keys, made from the code (SR-K02): what each is for and where it comes from. docs/keys.md has the
//! same table, and a test compares them.

use crate::{
    key_ring::{CONTENTS, FIELDS},
    purpose::Purpose,
};

/// One kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUse {
    /// Its name: the label it is derived with, or a word for random ones.
    pub name: &'static str,
    /// Where it comes from.
    pub origin: &'static str,
    /// The one thing it is for.
    pub use_for: &'static str,
}

const FROM_ROOT: &str = "derived from the root secret";
const FROM_SUBJECT: &str = "derived from a subject key";

/// The kinds that are not derived from the root secret, from above to below.
const RING: [KeyUse; 10] = [
    KeyUse {
        name: "key encryption key",
        origin: "random, in the key store",
        use_for: "wraps subject keys; rotation replaces it",
    },
    KeyUse {
        name: "subject key",
        origin: "random, in the key store",
        use_for: "one for each resident, each practice and the house; the two below are derived from it",
    },
    KeyUse { name: FIELDS, origin: FROM_SUBJECT, use_for: "seals small values outside of findings" },
    KeyUse { name: CONTENTS, origin: FROM_SUBJECT, use_for: "wraps the content keys of the subject's findings" },
    KeyUse {
        name: "content key",
        origin: "random, in the main database",
        use_for: "one for each finding: seals its words and values, wraps its blob keys",
    },
    KeyUse {
        name: "blob key",
        origin: "random, in the main database",
        use_for: "one for each stored file: seals its chunks",
    },
    KeyUse {
        name: "link key",
        origin: "random, told to the resident once",
        use_for: "encrypts what the holders of one link get; lies wrapped by the key below, and sealed",
    },
    KeyUse {
        name: "nahraum/1/link/door, nahraum/1/link/files",
        origin: "derived from the secret in an address, of which the hash is stored",
        use_for: "wraps a link key: can be made only while a request brings the secret",
    },
    KeyUse { name: "TLS key", origin: "a file of the operator's", use_for: "proves to phones who the server is" },
    KeyUse {
        name: "TLS backup key",
        origin: "made once, kept away from the server",
        use_for: "takes the place of a lost TLS key; apps pin both",
    },
];

/// Every kind of key there is.
#[must_use]
pub fn inventory() -> Vec<KeyUse> {
    let derived = Purpose::ALL.iter().map(|purpose| KeyUse {
        name: purpose.label(),
        origin: FROM_ROOT,
        use_for: purpose.use_for(),
    });
    derived.chain(RING).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn sr_k02_every_key_has_a_name_and_a_purpose_of_its_own() {
        let all = inventory();
        let names: HashSet<_> = all.iter().map(|key| key.name).collect();
        let uses: HashSet<_> = all.iter().map(|key| key.use_for).collect();
        assert_eq!((names.len(), uses.len()), (all.len(), all.len()));
    }

    #[test]
    fn sr_k02_the_table_in_the_docs_is_this_inventory() {
        let docs = include_str!("../../../docs/keys.md");
        let rows: Vec<String> =
            inventory().iter().map(|key| format!("| {} | {} | {} |", key.name, key.origin, key.use_for)).collect();
        let written: Vec<&str> = docs
            .lines()
            .skip_while(|line| !line.starts_with("| key | comes from | for |"))
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .collect();
        assert_eq!(written, rows, "docs/keys.md should have:\n{}", rows.join("\n"));
    }
}
