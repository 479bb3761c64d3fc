//! Something declared fit to be seen, by someone who may not declare that.
use nahraum_domain::disclosure::{Disclosed, FindingRecord};

fn declare(record: FindingRecord) -> Disclosed<FindingRecord> {
    Disclosed(record)
}

fn main() {}
