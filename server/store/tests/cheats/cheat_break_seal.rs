//! The content without the line in the log.
use nahraum_domain::disclosure::FindingRecord;
use nahraum_store::Sealed;

fn peek(sealed: Sealed<FindingRecord>) -> FindingRecord {
    sealed.value
}

fn main() {}
