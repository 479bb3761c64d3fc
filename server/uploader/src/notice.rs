//! The small text beside a file that was not taken: in plain German, for the people at the desk. Nothing in it comes from the
//! file.

use jiff::Timestamp;

use crate::{clock::german_time, upload::Refused};

/// The longest sentence of a server that is passed on, in characters.
const LONGEST: usize = 200;

/// What people can do, by the server's codes. A `*` stands for all codes that begin so.
const ADVICE: &[(&str, &str)] = &[
    (
        "consent-missing",
        "Bitte die Einwilligung der Patientin oder des Patienten einholen und in Nahraum eintragen. Danach die Datei wieder \
         in den Ordner legen.",
    ),
    ("file-empty", "Bitte die Datei noch einmal exportieren oder drucken."),
    ("too-large", "Bitte mit geringerer Auflösung scannen oder das Dokument teilen. Ein Dokument hat höchstens 25 MB."),
    ("image-too-large", "Bitte mit geringerer Auflösung scannen."),
    (
        "file-type-*",
        "Angenommen werden PDF, JPEG, PNG, LDT, GDT, HL7 und FHIR (JSON). Bitte als PDF speichern oder drucken.",
    ),
    ("pdf-encrypted", "Bitte das PDF ohne Kennwort speichern."),
    ("pdf-*", "Bitte das PDF noch einmal erzeugen, zum Beispiel über den PDF-Drucker."),
    ("image-*", "Bitte das Bild noch einmal scannen oder speichern."),
    (
        "xdt-*",
        "Bitte die Datei beim Labor neu abrufen oder im Praxisprogramm neu exportieren. Bleibt es dabei: das Labor fragen.",
    ),
    ("hl7-*", "Bitte den Absender (Labor, Klinik) oder die Betreuung des Praxisprogramms fragen."),
    ("fhir-*", "Bitte den Absender (Labor, Klinik) oder die Betreuung des Praxisprogramms fragen."),
    ("older-version", "Es ist nichts zu tun: Eine neuere Fassung liegt schon vor."),
    ("nothing-to-withdraw", "Es ist nichts zu tun: Der Befund, der zurückgezogen werden soll, ist nie angekommen."),
];

/// What the text begins with when nothing was taken.
const NOTHING_TAKEN: &str = "Diese Datei wurde NICHT angenommen. Die Patientin oder der Patient sieht sie nicht.";
/// What people can do about any other code.
const OTHERWISE: &str = "Bitte die Datei im Praxisprogramm prüfen und neu exportieren. Bleibt es dabei: die Betreuung von Nahraum \
                         anrufen und den Code nennen.";

/// What is written beside a file.
pub(crate) fn text(refused: &Refused, now: Timestamp) -> String {
    let code = refused.code.as_str();
    let mut lines = Vec::new();
    match refused.reports {
        Some((some, all)) if some < all => lines.push(format!(
            "Von {all} Berichten in dieser Datei wurden {some} NICHT angenommen. Die übrigen sind angekommen."
        )),
        Some(_) | None => lines.push(NOTHING_TAKEN.to_owned()),
    }
    lines.push(String::new());
    if let Some(title) = refused.title.as_deref().map(sentence).filter(|title| !title.is_empty()) {
        lines.push(format!("Grund:      {title}"));
    }
    lines.push(format!("Code:       {code}"));
    lines.push(format!("Zeit:       {}", german_time(now)));
    if let Some(request) = refused.request.as_deref().map(sentence) {
        lines.push(format!("Anfrage:    {request}"));
    }
    lines.push(String::new());
    lines.push(format!("Was tun?    {}", advice(code)));
    if refused.reports.is_some() {
        lines.push(String::new());
        lines.push(
            "Die Datei kann danach unverändert noch einmal in den Ordner gelegt werden: Was schon da ist, wird nicht doppelt \
             gespeichert."
                .to_owned(),
        );
    }
    lines.push(String::new());
    // editors on Windows want both
    lines.join("\r\n")
}

fn advice(code: &str) -> &'static str {
    let fits = |pattern: &str| pattern.strip_suffix('*').map_or(code == pattern, |start| code.starts_with(start));
    ADVICE.iter().find(|(pattern, _)| fits(pattern)).map_or(OTHERWISE, |(_, advice)| advice)
}

/// One line of a server's text.
fn sentence(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(LONGEST).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Code;

    fn refused(code: &str, title: Option<&str>, reports: Option<(usize, usize)>) -> String {
        let now = "2026-11-27T08:00:00Z".parse().unwrap();
        text(&Refused { code: Code::new(code), title: title.map(str::to_owned), request: None, reports }, now)
    }

    #[test]
    fn people_are_told_why_and_what_to_do() {
        let told = refused("pdf-encrypted", Some("Das PDF ist verschlüsselt.\r\n\u{1b}[31m"), None);
        assert!(told.contains("Grund:      Das PDF ist verschlüsselt."), "{told}");
        assert!(told.contains("ohne Kennwort") && told.contains("27.11.2026 09:00"), "{told}");
        assert!(!told.contains('\u{1b}'));
        assert!(refused("brand-new", None, None).contains("Code:       brand-new"));
        assert!(refused("pdf-truncated", None, None).contains("PDF-Drucker"));
    }

    #[test]
    fn a_file_of_which_some_was_taken_says_so() {
        assert!(
            refused("consent-missing", None, Some((2, 5)))
                .starts_with("Von 5 Berichten in dieser Datei wurden 2 NICHT")
        );
        assert!(refused("consent-missing", None, Some((1, 1))).starts_with("Diese Datei wurde NICHT angenommen."));
    }
}
