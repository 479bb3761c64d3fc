//! What a PDF could do besides being looked at: run a program, send a form, play media, hand over another file
//! (ISO 32000-1, 12.6.4, 12.7, 13, 7.11.4).
//!
//! A name decides, wherever it stands and however it is written. `OpenAction` and `AA` by themselves are no reason: most writers say by
//! them at which page to begin. What they could start is.

use super::PdfRefusal;
use super::objects::{ObjectStreams, Uncheckable, walk};

/// Names of what acts.
const ACTS: &[&[u8]] = &[
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"RichMedia",
    b"RichMediaExecute",
    b"Rendition",
    b"OnInstantiate",
    b"Movie",
    b"XFA",
];

/// Names of other files within.
const FILES: &[&[u8]] = &[b"EmbeddedFile", b"EmbeddedFiles", b"FileAttachment", b"GoToE"];

/// Refuses what is more than a document to be looked at; else gives the object streams, which were read for it.
pub(super) fn refuse(bytes: &[u8]) -> Result<ObjectStreams, PdfRefusal> {
    let (mut acts, mut holds_files) = (false, false);
    let streams = walk(bytes, |name| {
        acts |= ACTS.contains(&name);
        holds_files |= FILES.contains(&name);
    });
    // What was found before something could not be read is the better reason.
    if acts {
        return Err(PdfRefusal::Active);
    }
    if holds_files {
        return Err(PdfRefusal::Attachments);
    }
    streams.map_err(|Uncheckable| PdfRefusal::Uncheckable)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::super::check;
    use super::*;

    const SMALL: &[u8] = include_bytes!("../../../../tests/fixtures/formats/pdf/small.pdf");

    /// How the content of a stream becomes its data.
    type Packing = fn(&[u8]) -> Vec<u8>;

    /// The small document with objects in an incremental update behind it.
    fn with(objects: &[u8]) -> Vec<u8> {
        let at = SMALL.len();
        let end = format!(
            "\nxref\n0 0\ntrailer\n<</Root 1 0 R/Size 99/Prev 9>>\nstartxref\n{}\n%%EOF\n",
            at + objects.len() + 1
        );
        [SMALL, objects, end.as_bytes()].concat()
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// A block of zlib that is not the last one.
    fn stored(content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap();
        [&b"\x78\x01\x00"[..], &length.to_le_bytes(), &(!length).to_le_bytes(), content].concat()
    }

    /// An object stream with one object, number 51.
    fn packed(dictionary: &str, object: &[u8], pack: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let data = pack(&[b"51 0 ", object].concat());
        let head = format!("\n50 0 obj\n<<{dictionary}/N 1/First 5/Length {}>>\nstream\r\n", data.len());
        [head.as_bytes(), &data, b"\nendstream\nendobj\n"].concat()
    }

    const FLATE: &str = "/Type/ObjStm/Filter/FlateDecode";

    #[test]
    fn harmless_documents_pass() {
        for objects in [
            &b"\n9 0 obj <</OpenAction [3 0 R /Fit] /AA <</O 7 0 R>> /S /GoTo>> endobj\n"[..],
            b"\n9 0 obj <</Type/Annot/Subtype/Link/A <</S/URI/URI(https://praxis.example)>>>> endobj\n",
            b"\n9 0 obj <</Title (Diktat AB/JavaScript /Launch) /Author <2f4a61766153637269707420>>> endobj\n",
            b"\n9 0 obj <</Length 40>>\nstream\n/Launch BDC (objective /JavaScript) Tj EMC\nendstream endobj\n",
            b"\n9 0 obj <</JS 3 0 R /Font <</EF 4 0 R>> /JavaScripts 1>> endobj\n",
        ] {
            assert!(check(&with(objects)).is_ok(), "{}", String::from_utf8_lossy(objects));
        }
        assert!(check(&with(&packed(FLATE, b"<</Type/Page (/Launch)>>", zlib))).is_ok());
    }

    #[test]
    fn active_content_is_found_however_it_is_hidden() {
        for objects in [
            &b"\n9 0 obj <</S/JavaScript/JS(app.alert(1))>> endobj\n"[..],
            b"\n9 0 obj <</S/#4aava#53cript/JS 4 0 R>> endobj\n",
            b"\n9 0 obj <</S/Launch/F(cmd.exe)>> endobj\n",
            b"\n9 0 obj <</S/SubmitForm/F(http://a.example)>> endobj\n",
            b"\n9 0 obj <</S/ImportData>> endobj\n",
            b"\n9 0 obj <</Subtype/RichMedia>> endobj\n",
            b"\n9 0 obj <</S/Rendition/JS(x)>> endobj\n",
            b"\n9 0 obj <</AcroForm<</XFA 8 0 R>>>> endobj\n",
            b"\n9 0 obj <</A [[<</B <</OpenAction <</S /JavaScript>>>>>>]]>> endobj\n",
            b"\n9 0 obj /JavaScript endobj\n",
            // In a comment, a string and a stream: an offset may lead there.
            b"\n% 9 0 obj <</S/Launch>> endobj\n",
            b"\n8 0 obj (9 0 obj <</S/Launch>> endobj) endobj\n",
            b"\n8 0 obj <</Length 30>>\nstream\n9 0 obj <</S/Launch>> endobj\nendstream endobj\n",
            // With comments, without blanks, without an end, with a string that never ends before it.
            b"\n9 % x\n0 % y\nobj<</S/Launch>>endobj\n",
            b"\n9 0 obj<</S/Launch>>",
            b"\n8 0 obj (( endobj\n9 0 obj <</S/Launch>> endobj\n",
            b"\n9 0 obj51 <</S/Launch>> endobj\n",
            b"\ntrailer <</Root <</OpenAction <</S/Launch>>>>>>\n",
        ] {
            assert_eq!(check(&with(objects)), Err(PdfRefusal::Active), "{}", String::from_utf8_lossy(objects));
        }
        for objects in [
            &b"\n9 0 obj <</Type/EmbeddedFile/Length 0>>\nstream\n\nendstream endobj\n"[..],
            b"\n9 0 obj <</Names<</EmbeddedFiles 8 0 R>>>> endobj\n",
            b"\n9 0 obj <</Subtype/FileAttachment/FS 8 0 R>> endobj\n",
            b"\n9 0 obj <</S/GoToE/T<</R/C>>>> endobj\n",
        ] {
            assert_eq!(check(&with(objects)), Err(PdfRefusal::Attachments), "{}", String::from_utf8_lossy(objects));
        }
    }

    #[test]
    fn what_came_first_is_found_behind_a_later_revision() {
        let old = with(b"\n9 0 obj <</S/Launch>> endobj\n");
        let update = b"9 0 obj <<>> endobj\nxref\n0 0\ntrailer\n<</Root 1 0 R/Size 99/Prev 9>>\nstartxref\n9\n%%EOF\n";
        assert_eq!(check(&[&old[..], update].concat()), Err(PdfRefusal::Active));
    }

    #[test]
    fn object_streams_are_looked_into() {
        let script = b"<</S/#4AavaScript/JS(x)>>";
        let plain = |content: &[u8]| content.to_vec();
        let cases: [(&str, Packing); 7] = [
            (FLATE, zlib),
            ("/Type/ObjStm/Filter[/FlateDecode]", zlib),
            ("/Type/ObjStm/Filter[/Fl]", zlib),
            ("/Type/#4fbjStm/#46ilter/FlateDecode", zlib),
            ("/Filter/FlateDecode", zlib),
            ("/Type/ObjStm", plain),
            ("/Type/ObjStm/Filter null", plain),
        ];
        for (dictionary, pack) in cases {
            assert_eq!(check(&with(&packed(dictionary, script, pack))), Err(PdfRefusal::Active), "{dictionary}");
        }
        // Its checksum is missing, or it breaks off: readers show what came before.
        let cut = |content: &[u8]| zlib(content).split_last_chunk::<4>().unwrap().0.to_vec();
        assert_eq!(check(&with(&packed(FLATE, script, cut))), Err(PdfRefusal::Active));
        let damaged = |content: &[u8]| [stored(content).as_slice(), &[0x07; 40]].concat();
        assert_eq!(check(&with(&packed(FLATE, script, damaged))), Err(PdfRefusal::Active));
        // The object begins within a string of the one before it.
        let hidden = zlib(b"50 0 51 5 (ab  <</S/Launch>>)");
        let head = format!("\n50 0 obj\n<<{FLATE}/N 2/First 10/Length 9>>\nstream\n");
        let objects = [head.as_bytes(), &hidden, b"\nendstream\nendobj\n"].concat();
        assert_eq!(check(&with(&objects)), Err(PdfRefusal::Active));
    }

    #[test]
    fn what_cannot_be_looked_into_is_refused() {
        let object = b"<</Type/Page>>";
        for dictionary in [
            "/Type/ObjStm/Filter/LZWDecode",
            "/Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]",
            "/Type/ObjStm/Filter 7 0 R",
            "/Type/ObjStm/Filter/FlateDecode/Filter/LZWDecode",
            "/Type/ObjStm/Filter/FlateDecode/DecodeParms<</Predictor 12>>",
            "/Type/ObjStm/Filter/FlateDecode/F(elsewhere.bin)",
        ] {
            assert_eq!(check(&with(&packed(dictionary, object, zlib))), Err(PdfRefusal::Uncheckable), "{dictionary}");
        }
        let plain = |content: &[u8]| content.to_vec();
        assert_eq!(check(&with(&packed(FLATE, object, plain))), Err(PdfRefusal::Uncheckable));
        let long = format!("/Padding({})", " ".repeat(300_000));
        assert_eq!(check(&with(&packed(&format!("{long}{FLATE}"), object, zlib))), Err(PdfRefusal::Uncheckable));
    }

    /// A bomb costs no more than the limit, however often it is repeated.
    #[test]
    fn bombs_are_refused_within_limits() {
        let bomb = packed(FLATE, &vec![b' '; 40 << 20], zlib);
        assert!(bomb.len() < 100_000);
        assert_eq!(check(&with(&bomb)), Err(PdfRefusal::Uncheckable));
        let half = packed(FLATE, &vec![b' '; 20 << 20], zlib);
        assert!(check(&with(&half)).is_ok());
        assert_eq!(check(&with(&half.repeat(50))), Err(PdfRefusal::Uncheckable));
        let overlapping = format!("\n9 0 obj (\n{}", "1 0 obj (".repeat(200_000));
        assert_eq!(check(&with(overlapping.as_bytes())), Err(PdfRefusal::Uncheckable));
        // Content streams are not inflated, whatever they would become.
        let stream = packed("/Filter/FlateDecode", b"", |_| zlib(&vec![0; 40 << 20]));
        let text = String::from_utf8_lossy(&stream).replace("/N 1/First 5", "");
        assert!(check(&with(text.as_bytes())).is_ok());
    }

    #[test]
    fn no_pages_are_noticed_in_an_object_stream() {
        let of = |count: u32| {
            let object =
                format!("51 0 52 30 {:<30}<</Type/Pages/Kids[]/Count {count}>>", "<</Type/Catalog/Pages 52 0 R>>");
            let data = zlib(object.as_bytes());
            let head = format!("%PDF-1.5\n50 0 obj\n<<{FLATE}/N 2/First 11/Length {}>>\nstream\n", data.len());
            let body = [head.as_bytes(), &data, b"\nendstream\nendobj\n"].concat();
            let end = format!("xref\n0 0\ntrailer\n<</Root 51 0 R/Size 53>>\nstartxref\n{}\n%%EOF\n", body.len());
            check(&[&body[..], end.as_bytes()].concat()).map(|facts| facts.pages)
        };
        assert_eq!((of(0), of(3)), (Err(PdfRefusal::NoPages), Ok(Some(3))));
    }
}
