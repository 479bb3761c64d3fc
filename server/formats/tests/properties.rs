//! Properties that hold for every input: the same checks that the fuzz targets run, on arbitrary bytes, on mutated
//! examples, on generated findings and on inputs made to be slow.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic: that is how it fails")]

#[path = "../../../fuzz/harness.rs"]
mod harness;

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use nahraum_domain::finding::{
    Comparator, EmbeddedDocument, Flag, MediaType, Observation, Quantity, RangeKind, ReadFinding, ReferenceRange,
    ReportStatus, SourceFormat, Subject, Value,
};
use nahraum_domain::kdl;
use nahraum_domain::private::Private;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn examples(dir: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/formats").join(dir);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|f| fs::read(f).unwrap()).collect()
}

/// An example file with a few bytes changed, a piece taken out, or a piece repeated.
fn mutated(dir: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let files = examples(dir);
    let edits = vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6);
    (prop::sample::select(files), edits).prop_map(|(mut bytes, edits)| {
        for (at, to, byte, kind) in edits {
            if bytes.is_empty() {
                return bytes;
            }
            let (a, b) = (at.index(bytes.len()), to.index(bytes.len()));
            let span = a.min(b)..(a.max(b)).min(a.min(b) + 64);
            match kind {
                0 => bytes[a] = byte,
                1 => drop(bytes.drain(span)),
                2 => {
                    let piece = bytes[span].to_vec();
                    bytes.splice(b..b, piece);
                }
                _ => bytes.truncate(a.max(b)),
            }
        }
        bytes
    })
}

/// Lines of an LDT 2 report in any order, with any content.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let fields =
        [8410, 8411, 8418, 8420, 8421, 8422, 8432, 8433, 8460, 8461, 8462, 8470, 8480, 8430, 8434, 8490, 3000, 3101];
    let line =
        (prop::sample::select(fields.to_vec()), "[ -~ÄÖÜäöüß]{0,12}|[<>]?[0-9]{1,3}([.,:][0-9]{1,3})?|[0-9]{4,8}");
    vec(line, 0..60).prop_map(|lines| {
        let lines = lines.iter().map(|(field, content)| format!("000{field}{content}\r\n")).collect::<String>();
        format!("01380008220\r\n01380008201\r\n0108401E\r\n{lines}01380008221\r\n").into_bytes()
    })
}

/// A CDA document with any tree of the elements that are read, with any attributes and words.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "section",
        "component",
        "entry",
        "organizer",
        "observation",
        "act",
        "entryRelationship",
        "text",
        "title",
        "list",
        "item",
        "table",
        "tr",
        "td",
        "paragraph",
        "sup",
        "br",
        "value",
        "low",
        "high",
        "translation",
        "originalText",
        "code",
        "reference",
        "referenceRange",
        "observationRange",
        "interpretationCode",
        "effectiveTime",
        "statusCode",
        "specimen",
    ];
    let attributes = "((value|code|ID|unit|typeCode|negationInd|inclusive|nullFlavor|codeSystem|displayName)='(#?[0-9]{1,4}([.,][0-9])?|true|a|20261118|2.16.840.1.113883.6.1|completed|HH|UNK)' )?";
    let kind = "(xsi:type='(PQ|IVL_PQ|CD|ST|RTO|BL|TS|INT|ED)')?";
    let leaf = "[ -%\\'-;=?-~ÄÖÜäöüß]{0,12}".prop_map(|words| words.replace("]]>", ""));
    let tree = leaf.prop_recursive(6, 60, 5, move |inner| {
        (prop::sample::select(names.to_vec()), attributes, kind, vec(inner, 0..5)).prop_map(
            |(name, attributes, kind, parts)| format!("<{name} {attributes}{kind}>{}</{name}>", parts.concat()),
        )
    });
    vec(tree, 1..6).prop_map(|trees| {
        let body = trees.concat();
        let head = "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><recordTarget><patientRole><id extension='1'/></patientRole></recordTarget><component><structuredBody><component><section><code code='30954-2' codeSystem='2.16.840.1.113883.6.1'/><text>x</text><entry><organizer><component><observation><code code='a' displayName='b'/>";
        let foot = "</observation></component></organizer></entry></section></component></structuredBody></component></ClinicalDocument>";
        format!("{head}{body}{foot}").into_bytes()
    })
}

fn decimal() -> impl Strategy<Value = Private<Decimal>> {
    (any::<i64>(), 0..12_u32).prop_map(|(digits, scale)| Private::new(Decimal::new(digits, scale)))
}

fn words() -> impl Strategy<Value = String> {
    "[A-Za-zÄÖÜäöüß0-9<>&\"'/|,.:µ²☃][A-Za-zÄÖÜäöüß0-9 <>&\"'/|,.:µ²☃]{0,18}[A-Za-z0-9]"
}

fn quantity() -> impl Strategy<Value = Quantity> {
    let comparator = option::of(prop::sample::select(Comparator::ALL.to_vec()));
    (comparator, decimal(), option::of(words()), option::of(words()))
        .prop_map(|(comparator, value, unit, ucum)| Quantity { comparator, value, unit, ucum })
}

fn value() -> impl Strategy<Value = Value> {
    let code = option::of("https://[a-z]{1,8}\\.example\\|[A-Za-z0-9-]{1,8}");
    prop_oneof![
        quantity().prop_map(Value::Quantity),
        (quantity(), option::of(quantity())).prop_map(|(low, high)| Value::Range { low: Some(low), high }),
        (quantity(), quantity()).prop_map(|(numerator, denominator)| Value::Ratio { numerator, denominator }),
        words().prop_map(|text| Value::Text(text.into())),
        (code, words()).prop_map(|(code, text)| Value::Coded { code, text: text.into() }),
        option::of("[a-z][a-z-]{0,10}[a-z]").prop_map(|reason| Value::Absent { reason }),
    ]
}

fn range() -> impl Strategy<Value = ReferenceRange> {
    let limits = (option::of(decimal()), option::of(decimal()), option::of(words()));
    (limits, words(), option::of(words()), 0..3_u8).prop_map(|((low, high, unit), text, applies_to, kind)| {
        let unit = unit.filter(|_| low.is_some() || high.is_some());
        let kind = [RangeKind::Normal, RangeKind::Therapeutic, RangeKind::Other][usize::from(kind)];
        ReferenceRange { low, high, unit, text: Some(text), applies_to, kind }
    })
}

fn observation() -> impl Strategy<Value = Observation> {
    let flag = option::of(prop::sample::select(Flag::ALL.to_vec()));
    let codes = (
        option::of("[0-9]{1,5}-[0-9]"),
        option::of("https://lab\\.example\\|[A-Z]{1,6}"),
        words(),
        option::of(words()),
    );
    let when = option::of(-40_000_000_000..2_000_000_000_i64);
    let rest = (option::of(words()), option::of(words()), option::of(words()));
    (codes, value(), flag, vec(range(), 0..3), when, rest).prop_map(|(codes, value, flag, ranges, when, rest)| {
        let effective_at = when.map(|s| Timestamp::from_second(s).unwrap());
        Observation {
            local_code: codes.1,
            loinc: codes.0,
            name: codes.2.into(),
            group: codes.3,
            status: "final".into(),
            value,
            raw_text: String::new().into(),
            flag,
            flag_raw: flag.map(|f| f.as_str().into()),
            ranges,
            effective_at,
            effective_date: None,
            method: rest.0,
            specimen: rest.1,
            comment: rest.2.map(Private::new),
        }
    })
}

fn finding() -> impl Strategy<Value = ReadFinding> {
    let pdf =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/formats/pdf/small.pdf")).unwrap();
    let embedded = option::of(Just(EmbeddedDocument { media_type: MediaType::Pdf, bytes: Private::new(pdf) }));
    let class = prop::sample::select(kdl::CLASSES.to_vec());
    let status = prop::sample::select(ReportStatus::ALL.to_vec());
    (vec(observation(), 0..8), embedded, class, status, words(), option::of(words()))
        .prop_filter("a report says something", |(observations, embedded, ..)| {
            !observations.is_empty() || embedded.is_some()
        })
        .prop_map(|(observations, embedded, class, status, title, note)| ReadFinding {
            source_format: SourceFormat::FhirR4,
            class,
            title: title.into(),
            author: None,
            note: note.map(Private::new),
            subject: Subject::default(),
            clinical_date: Some(jiff::civil::date(2026, 11, 18)),
            issued_at: Some(Timestamp::UNIX_EPOCH),
            status,
            business_key: None,
            observations,
            embedded,
            retracts: false,
            warnings: Vec::new(),
            part: None,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in vec(any::<u8>(), 0..4096)) {
        harness::any_upload(&bytes);
        harness::any_pdf(&[b"%PDF-1.4\n", bytes.as_slice(), b"startxref\n9\n%%EOF"].concat());
        harness::any_image(&[b"\xFF\xD8", bytes.as_slice()].concat());
        harness::any_image(&[b"\x89PNG\r\n\x1A\n", bytes.as_slice()].concat());
        harness::any_fhir(&bytes);
        harness::any_hl7(&bytes);
        harness::any_cda(&bytes);
        harness::any_xdt(&[b"01380006310\r\n0126220", bytes.as_slice()].concat());
    }

    #[test]
    fn mutated_xdt_does_no_harm(bytes in mutated("xdt"), lines in lines()) {
        harness::any_xdt(&bytes);
        harness::any_upload(&bytes);
        harness::any_xdt(&lines);
    }

    #[test]
    fn any_recurrence_does_no_harm(text in "(Europe/Berlin|UTC|X)\n20[0-9]{2}-0[1-9]-[12][0-9]T0[0-9]:30\n[0-9]{1,4}\nFREQ=(DAILY|WEEKLY|YEARLY)(;BY(MONTH|DAY|MONTHDAY)=[-,0-9MOTU]{1,6})?") {
        harness::any_recurrence(text.as_bytes());
    }

    #[test]
    fn mutated_fhir_does_no_harm(bytes in mutated("fhir")) {
        harness::any_fhir(&bytes);
        harness::any_upload(&bytes);
    }

    #[test]
    fn mutated_hl7_does_no_harm(bytes in mutated("hl7"), tail in vec(any::<u8>(), 0..512)) {
        harness::any_hl7(&bytes);
        harness::any_upload(&bytes);
        harness::any_hl7(&[&b"MSH|^~\\&|L|L|||||ORU^R01\rPID|1\rOBR|1||1\rOBX|1|"[..], &tail].concat());
    }

    #[test]
    fn mutated_cda_does_no_harm(bytes in mutated("cda"), body in body()) {
        harness::any_cda(&bytes);
        harness::any_upload(&bytes);
        harness::any_cda(&body);
    }

    #[test]
    fn mutated_lists_of_offers_do_no_harm(list in mutated("offers"), bytes in vec(any::<u8>(), 0..2048)) {
        harness::any_offer_list(&list);
        harness::any_offer_list(&bytes);
        harness::any_offer_list(&[&b"key,language,title,summary,rule,starts_local,minutes\n"[..], &bytes].concat());
        harness::any_offer_list(&[&b"{\"services\":[{\"id\":\"1\",\"schedules\":["[..], &bytes].concat());
    }

    #[test]
    fn mutated_documents_do_no_harm(pdf in mutated("pdf"), image in mutated("image")) {
        harness::any_pdf(&pdf);
        harness::any_image(&image);
        harness::any_upload(&pdf);
        harness::any_upload(&image);
    }

    #[test]
    fn an_export_gives_the_same_finding_back(finding in finding()) {
        harness::same_after_export(&finding);
        let bytes = nahraum_formats::fhir_document(&harness::export_of(&finding));
        let again = nahraum_formats::fhir::read(&bytes).unwrap().findings.remove(0);
        prop_assert_eq!(&again.subject.references[0], &Private::new("urn:uuid:00000000-0000-4000-8000-000000000000".to_owned()));
        prop_assert_eq!(again.clinical_date, finding.clinical_date);
        prop_assert_eq!(again.issued_at, finding.issued_at);
        if !finding.observations.is_empty() {
            prop_assert_eq!(again.status, finding.status);
            prop_assert_eq!(&again.note, &finding.note);
        }
        for (was, is) in finding.observations.iter().zip(&again.observations) {
            prop_assert_eq!(&is.local_code, &was.local_code);
            prop_assert_eq!(&is.group, &was.group);
            prop_assert_eq!(&is.method, &was.method);
            prop_assert_eq!(&is.specimen, &was.specimen);
            prop_assert_eq!(&is.comment, &was.comment);
            if let (Value::Quantity(was), Value::Quantity(is)) = (&was.value, &is.value) {
                prop_assert_eq!(is.value.reveal().to_string(), was.value.reveal().to_string(), "every digit");
            }
        }
    }
}

/// A megabyte of what each format could be slow on. A quadratic reader would need hours, so this test would not end.
#[test]
fn hostile_repetition_is_read_in_linear_time() {
    // Read in a square of this, a file would keep a processor busy for minutes.
    const LONG: usize = 1 << 18;
    let fill = |piece: &str| piece.repeat(LONG / piece.len());
    for piece in [
        "trailer<<",
        "trailer<</Prev 9>>",
        "/XRef",
        " obj<</Type/XRef/Prev 9>>",
        "1 0 obj",
        "1 0 obj(",
        "1 0 obj[",
        "1 0 obj/JavaScript",
        "1 0 obj<</N 1/First 4>>stream\n",
        "1 0 obj%",
        "xref 0 1 ",
        "startxref\n9\n",
        "PK\x05\x06",
        "((((",
        "<<",
        "[",
        "%%EOF",
        "/#",
        "0 0 0 0 ",
    ] {
        let body = format!("%PDF-1.4\nxref\n{}\nstartxref\n9\n%%EOF\n", fill(piece));
        harness::any_pdf(body.as_bytes());
        harness::any_pdf(body.replacen("xref", "x", 1).as_bytes());
    }
    harness::any_image(&[&b"\xFF\xD8\xFF\xDA\0\x02"[..], &vec![0xFF; LONG]].concat());
    harness::any_image(&[&b"\xFF\xD8"[..], &b"\xFF\xE0\0\x02".repeat(LONG / 4)].concat());
    harness::any_image(&[&b"\x89PNG\r\n\x1A\n"[..], &vec![0; LONG]].concat());
    for piece in ["\"", "[", "{\"a\":", "[],", ";", "a;b\n", "\r", "{},"] {
        harness::any_offer_list(fill(piece).as_bytes());
        harness::any_offer_list(format!("key;language;title;summary\n{}", fill(piece)).as_bytes());
        harness::any_offer_list(format!("[{}", fill(piece)).as_bytes());
    }
    for piece in [
        "0098420\r\n",
        "0108410A\r\n01084201\r\n",
        "0178002Obj_0001\r\n",
        "0178003Obj_0001\r\n",
        "80008201\r\n",
        "\n",
        "0106228 \n",
    ] {
        harness::any_xdt(format!("01380006310\r\n{}", fill(piece)).as_bytes());
        harness::any_xdt(format!("01380008220\r\n01380008201\r\n{}01380008221\r\n", fill(piece)).as_bytes());
        harness::any_xdt(format!("01380008220\r\n01380018220\r\n01380008205\r\n{}", fill(piece)).as_bytes());
    }
    let header = "MSH|^~\\&|L|L|||||ORU^R01\rPID|1||P\rOBR|1||N|C^C\r";
    for piece in [
        "MSH|^~\\&|\r",
        "\x0BMSH|^~\\&|\r\x1C\r",
        "OBR|1||N|C\r",
        "OBX|1|TX|C||a\r",
        "OBX|1|NM|C||1||1-1|H|||F\r",
        "OBX|1|SN|C||^1^-^2|||||F\r",
        "NTE|1|L|a\r",
        "SPM|1|||A\r",
        "PID|1||P\r",
        "\\",
        "\\X41",
        "~",
        "^",
        "&",
        "|",
        "-",
        "\n",
    ] {
        harness::any_hl7(format!("{header}{}", fill(piece)).as_bytes());
        harness::any_hl7(format!("{header}OBX|1|TX|C||{}", fill(piece)).as_bytes());
        harness::any_hl7(format!("{header}OBX|1|NM|C||1||{}|H|||F", fill(piece)).as_bytes());
    }
    let head = "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><recordTarget><patientRole><id extension='1'/></patientRole></recordTarget><component><structuredBody><component><section><code code='30954-2' codeSystem='2.16.840.1.113883.6.1'/>";
    let foot = "</section></component></structuredBody></component></ClinicalDocument>";
    for piece in [
        "<",
        "<a>",
        "<a/>",
        "=",
        "&lt;",
        "<!--",
        "<![CDATA[a]]>",
        "<text ID='a'>a</text>",
        "<text>",
        "<a b='c'/>",
        "<a xmlns:b='c'/>",
        "<entry><observation><code code='a'/><value xsi:type='PQ' value='1'/></observation></entry>",
        "<entry><observation><code><originalText><reference value='#a'/></originalText></code></observation></entry>",
        "<item>a</item>",
        "<tr><td>a</td></tr>",
        "<component><section><text>a</text></section></component>",
        "a\n",
    ] {
        harness::any_cda(format!("{head}{}{foot}", fill(piece)).as_bytes());
        harness::any_cda(format!("{head}<text ID='a'><table>{}</table></text>{foot}", fill(piece)).as_bytes());
    }
    let attributes: String = (0..60_000).map(|n| format!("a{n}='' ")).collect();
    harness::any_cda(format!("{head}<text {attributes}/>{foot}").as_bytes());
    let spaces: String = (0..40_000).map(|n| format!("<a xmlns:n{n}='{n}'/>")).collect();
    harness::any_cda(format!("{head}<text>{spaces}</text>{foot}").as_bytes());
    let nested =
        |inner: &str| (0..90).fold(inner.to_owned(), |inner, _| format!("<table><tr><td>{inner}</td></tr></table>"));
    harness::any_cda(format!("{head}<text>{}</text>{foot}", nested(&fill("word "))).as_bytes());
    let long_text = format!("{header}OBX|1|TX|C||{}||||||F\r", "a".repeat(LONG / 2));
    harness::any_hl7(format!("{long_text}{}", fill("OBX|1|TX|C||||||||F\r")).as_bytes());
    let list = |piece: &str| fill(piece).trim_end_matches(',').to_owned();
    for text in [
        format!(r#"{{"resourceType":"DiagnosticReport","result":[{}]}}"#, list(r##"{"reference":"#a"},"##)),
        format!(r#"{{"resourceType":"Patient","identifier":[{}]}}"#, list(r#"{"value":"a"},"#)),
        format!(r#"{{"resourceType":"Observation","valueString":"x","component":[{}]}}"#, list("{},")),
        format!(r#"{{"resourceType":"Observation","text":{{"div":"{}"}}}}"#, fill("<")),
        format!("{{{}\"a\":1}}", (0..60_000).map(|n| format!("\"k{n}\":0,")).collect::<String>()),
        fill("["),
        fill("{\"a\":"),
    ] {
        harness::any_fhir(text.as_bytes());
    }
}

/// Many reports that all name one panel with many members: the work is bounded by limits, not by their product.
#[test]
fn shared_panels_are_bounded() {
    let member = r#"{"reference":"Observation/p"}"#;
    let panel = format!(
        r#"{{"resource":{{"resourceType":"Observation","id":"p","hasMember":[{}]}}}}"#,
        vec![member; 20_000].join(",")
    );
    let report =
        format!(r#"{{"resource":{{"resourceType":"DiagnosticReport","conclusion":"x","result":[{member}]}}}}"#);
    let bundle = format!(r#"{{"resourceType":"Bundle","entry":[{panel},{}]}}"#, vec![report; 2_000].join(","));
    let refusal = nahraum_formats::fhir::read(bundle.as_bytes()).unwrap_err();
    assert_eq!(refusal.code(), "fhir-too-many-entries");
}
