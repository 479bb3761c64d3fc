//! Documents that an LDT 3 report carries.

use nahraum_domain::finding::{EmbeddedDocument, Warning};

use super::super::tree::Object;
use crate::embedded::from_base64;
use crate::read::Warnings;

/// The object of an attachment.
const ATTACHMENT: &[u8] = b"Obj_0010";

/// Every document of a report that a person can look at. Others are left out, and that is told: the values beside them are
/// good. Paths are never opened.
pub(super) fn documents(tree: &Object<'_>, warnings: &mut Warnings) -> Vec<EmbeddedDocument> {
    let mut documents = Vec::new();
    for attachment in tree.all(ATTACHMENT) {
        let lines = attachment.every().flat_map(Object::fields);
        let mut base64 = Vec::new();
        let mut linked = false;
        for line in lines {
            match line.field {
                6329 => base64.extend_from_slice(line.content),
                6305 => linked = true,
                _ => {}
            }
        }
        if base64.is_empty() {
            warnings.add(if linked { Warning::DocumentOnlyLinked } else { Warning::AttachmentRefused });
            continue;
        }
        match from_base64(&base64) {
            Ok((document, odd)) => {
                warnings.add_all(odd);
                documents.push(document);
            }
            Err(_) => warnings.add(Warning::AttachmentRefused),
        }
    }
    documents
}
