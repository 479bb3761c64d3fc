//! The list of problems, second part: why an uploaded file is not taken. The codes are those of the reader of files.

use super::kinds::{ProblemKind, problems};

/// The problems of uploaded files.
pub(super) const FILE_PROBLEMS: &[ProblemKind] = problems! {
    "file-empty" 422 FINAL "The file is empty." "Die Datei ist leer."
        "The file has no bytes, or nothing but white space."
        "Export it again.";
    "file-type-unsupported" 415 FINAL "This kind of file is not taken." "Diese Art von Datei wird nicht angenommen."
        "The content was recognised, and it is not one of the kinds that are taken: PDF, JPEG, PNG, LDT, GDT, HL7 v2, CDA R2, FHIR R4 as JSON."
        "Export the finding as PDF or FHIR. Renaming the file does not help: the content counts.";
    "file-type-unknown" 415 FINAL "The kind of this file is not known." "Die Art dieser Datei ist nicht bekannt."
        "The content is none of the kinds that are taken: PDF, JPEG, PNG, LDT, GDT, HL7 v2, CDA R2, FHIR R4 as JSON."
        "Export the finding as PDF or FHIR.";
    "file-type-polyglot" 422 FINAL "The file hides a second file." "In der Datei steckt eine zweite Datei."
        "Before or behind the document is content of another kind."
        "Export the document again; if it stays, have the computer checked.";
    "pdf-truncated" 422 FINAL "The PDF is not complete." "Das PDF ist nicht vollständig."
        "The end of the document is missing."
        "Export it again and wait until it is written.";
    "pdf-encrypted" 422 FINAL "The PDF is encrypted." "Das PDF ist verschlüsselt."
        "Patients could not open it."
        "Export it without a password.";
    "pdf-no-pages" 422 FINAL "The PDF has no pages." "Das PDF hat keine Seiten."
        "There would be nothing to see."
        "Export it again.";
    "pdf-active" 422 FINAL "The PDF does more than show." "Das PDF tut mehr, als etwas zu zeigen."
        "It holds scripts, forms that send, programs to start, sound, film or three-dimensional models. They could act on phones."
        "Print it into a new PDF and send that.";
    "pdf-attachments" 422 FINAL "The PDF holds other files." "Das PDF enthält weitere Dateien."
        "Files inside a PDF are not looked into and would travel along unseen."
        "Send each of them by itself.";
    "pdf-uncheckable" 422 FINAL "The PDF cannot be looked into." "Das PDF lässt sich nicht prüfen."
        "Whether it holds active content cannot be told: parts of it are packed in a way that is not read, or unpack to more than there can be."
        "Print it into a new PDF and send that.";
    "image-truncated" 422 FINAL "The picture is not complete." "Das Bild ist nicht vollständig."
        "The end of the picture is missing."
        "Save it again.";
    "image-damaged" 422 FINAL "The picture is damaged." "Das Bild ist beschädigt."
        "The picture's structure is broken."
        "Save it again.";
    "image-too-large" 422 FINAL "The picture has too many pixels." "Das Bild hat zu viele Bildpunkte."
        "A picture has 40 million pixels at most, or phones cannot show it."
        "Scan with a lower resolution.";
    "fhir-not-utf8" 422 FINAL "The FHIR file is not in UTF-8." "Die FHIR-Datei ist nicht in UTF-8."
        "FHIR JSON is UTF-8 (FHIR R4, 2.6)."
        "Change the encoding of the export.";
    "fhir-xml" 422 FINAL "The FHIR file is XML." "Die FHIR-Datei ist XML."
        "Only the JSON form of FHIR is read."
        "Change the export to JSON.";
    "fhir-too-deep" 422 FINAL "The FHIR file is nested too deeply." "Die FHIR-Datei ist zu tief verschachtelt."
        "No real finding is nested like this."
        "Check the export.";
    "fhir-duplicate-key" 422 FINAL "The FHIR file has a member twice." "In der FHIR-Datei steht ein Element doppelt."
        "Which of the two values counts would be a guess. `errors` names the place."
        "Correct the export.";
    "fhir-truncated" 422 FINAL "The FHIR file is not complete." "Die FHIR-Datei ist nicht vollständig."
        "The end of the file is missing."
        "Export it again.";
    "fhir-syntax" 422 FINAL "The FHIR file is not valid JSON." "Die FHIR-Datei ist kein gültiges JSON."
        "`errors` names line and column."
        "Correct the export.";
    "fhir-shape" 422 FINAL "An element of the FHIR file has the wrong form." "Ein Element der FHIR-Datei hat die falsche Form."
        "An element is missing, or holds another type than FHIR R4 says. `errors` names the place."
        "Correct the export.";
    "fhir-no-resource-type" 422 FINAL "The file does not say which FHIR resource it is." "Die Datei nennt keinen FHIR-Ressourcentyp."
        "`resourceType` is missing."
        "Check that it is a FHIR file.";
    "fhir-resource-unsupported" 422 FINAL "This FHIR resource is not taken." "Diese FHIR-Ressource wird nicht angenommen."
        "Taken are Bundle, DiagnosticReport, DocumentReference and what belongs to them."
        "Export the finding in one of these forms.";
    "fhir-two-patients" 422 FINAL "The file speaks of two patients." "Die Datei betrifft zwei Personen."
        "One upload is about one person."
        "Send one file for each patient.";
    "fhir-subject-mismatch" 422 FINAL "Parts of the file belong to somebody else." "Teile der Datei gehören zu jemand anderem."
        "A value or a document in the file refers to another patient than the report. `errors` names the place."
        "Correct the export; nothing was stored.";
    "fhir-nothing-to-read" 422 FINAL "There is no finding in the file." "In der Datei ist kein Befund."
        "The file is FHIR, and it holds neither values nor a document."
        "Check the export.";
    "fhir-document-only-linked" 422 FINAL "The document is linked and not included." "Das Dokument ist nur verlinkt, nicht enthalten."
        "The server does not fetch documents from elsewhere."
        "Include the document as base64.";
    "fhir-bad-base64" 422 FINAL "The document in the file cannot be decoded." "Das Dokument in der Datei ist nicht lesbar."
        "`data` is not valid base64. `errors` names the place."
        "Correct the export.";
    "fhir-embedded-document" 422 FINAL "The document in the file cannot be taken." "Das Dokument in der Datei kann nicht angenommen werden."
        "The document inside the FHIR file is not a sound PDF, JPEG or PNG. `detail` says why."
        "Correct the document.";
    "fhir-too-many-entries" 422 FINAL "The file has too many entries." "Die Datei hat zu viele Einträge."
        "A file with so many entries is not one finding."
        "Send the findings one by one.";
    "xdt-line" 422 FINAL "A line of the file is damaged." "Eine Zeile der Datei ist beschädigt."
        "A line of LDT or GDT begins with the digits of its length and its field. `errors` names the line."
        "Export the file again, and transfer it as a binary file.";
    "xdt-truncated" 422 FINAL "The file is not complete." "Die Datei ist nicht vollständig."
        "The end of a record or of the data package is missing."
        "Fetch or export it again, and wait until it is written.";
    "xdt-checksum" 422 FINAL "The checksum of the file is wrong." "Die Prüfsumme der Datei ist falsch."
        "The SHA-1 in field 9300 of an LDT 3 file is missing, or is not that of the file: something has changed it on its way."
        "Fetch it from the laboratory again, and transfer it as a binary file.";
    "xdt-two-packages" 422 FINAL "The file holds two data packages." "Die Datei enthält zwei Datenpakete."
        "Two files were put together; each must be whole by itself."
        "Send each as a file of its own.";
    "xdt-wrong-end" 422 FINAL "An object of the file ends that was not begun." "Ein Objekt der Datei endet, das nicht begonnen wurde."
        "The objects or records of an LDT 3 file do not fit into one another. `errors` names the line."
        "Tell whoever sent it, and fetch it again.";
    "xdt-too-deep" 422 FINAL "The file is nested too deeply." "Die Datei ist zu tief verschachtelt."
        "No real report has more than sixteen objects in one another."
        "Tell whoever sent it.";
    "xdt-animal" 422 FINAL "The report is about an animal." "Der Befund betrifft ein Tier."
        "Only findings of people are taken."
        "Take the report out of the file.";
    "xdt-two-patients" 422 FINAL "A report names two patients." "Ein Befund nennt zwei Personen."
        "A file may speak of many people, and each report of one. `errors` names the line where the report or the second person begins."
        "Tell whoever sent it; nothing was stored.";
    "xdt-order" 422 FINAL "The file is an order to a laboratory." "Die Datei ist ein Auftrag an ein Labor."
        "It says what is to be examined, not what was found."
        "Send the report that the laboratory gives back.";
    "xdt-request" 422 FINAL "The file is a request to a device." "Die Datei ist eine Anforderung an ein Gerät."
        "Of GDT the record 6310 is taken, with what a device has measured."
        "Send the file that the device gives back.";
    "xdt-practice-export" 422 FINAL "The file is an export of a practice." "Die Datei ist ein Export aus einer Praxis."
        "BDT holds the records of a whole practice, and those are not taken."
        "Send single findings as LDT, GDT, FHIR or PDF.";
    "xdt-record-unknown" 422 FINAL "A record of the file is not known." "Ein Satz der Datei ist nicht bekannt."
        "Taken are LDT 2 (8201 to 8204), LDT 3 (8205) and GDT (6310). `errors` names the line."
        "Check what was exported.";
    "xdt-nothing-to-read" 422 FINAL "There is nothing to show in a report of the file." "Ein Befund der Datei ist leer."
        "A finished report holds neither values nor words nor a document. `errors` names the line."
        "Check the export.";
    "xdt-too-many" 422 FINAL "The file is too long." "Die Datei ist zu lang."
        "A file has at most 500 reports, 20,000 values and 600,000 lines."
        "Send it in parts.";
    "hl7-no-header" 422 FINAL "There is no HL7 v2 message in the file." "In der Datei steht keine HL7-v2-Nachricht."
        "A message begins with the segment MSH, which says its delimiters and its type. `errors` names the line."
        "Correct the export.";
    "hl7-truncated" 422 FINAL "The HL7 v2 file is not complete." "Die HL7-v2-Datei ist nicht vollständig."
        "The end of a message, of a frame or of a batch is missing."
        "Send it again.";
    "hl7-count-differs" 422 FINAL "Messages of the batch are missing." "Im Stapel fehlen Nachrichten."
        "The segment BTS tells another number of messages than there are."
        "Send the batch again.";
    "hl7-message-unsupported" 422 FINAL "This type of message carries no finding." "Diese Art von Nachricht enthält keinen Befund."
        "ORU^R01, OUL^R22 and MDM^T02 are read. `detail` names the type that was sent."
        "Send results and documents only.";
    "hl7-two-patients" 422 FINAL "The message speaks of two patients." "Die Nachricht betrifft zwei Personen."
        "A message whose results could be mixed up is not taken. `errors` names the line."
        "Send one message for each patient; they may be in one file.";
    "hl7-nothing-to-read" 422 FINAL "There is no finding in the message." "In der Nachricht ist kein Befund."
        "It has no values, no document and no text. `errors` names the line."
        "Check what was exported.";
    "hl7-bad-base64" 422 FINAL "The document in the message cannot be decoded." "Das Dokument in der Nachricht ist nicht lesbar."
        "The field OBX-5 is not valid base64."
        "Correct the export.";
    "hl7-embedded-document" 422 FINAL "The document in the message is not taken." "Das Dokument in der Nachricht wird nicht angenommen."
        "It is not a sound PDF, JPEG or PNG. `detail` says why."
        "Export the document again.";
    "hl7-several-documents" 422 FINAL "A report holds two documents." "Ein Befund enthält zwei Dokumente."
        "One of them would not be shown."
        "Send one report for each document.";
    "hl7-too-many-entries" 422 FINAL "The file holds too many values." "Die Datei enthält zu viele Werte."
        "A file has 5000 values at most."
        "Send it in several files.";
    "cda-encoding" 422 FINAL "The characters of the CDA document cannot be read." "Die Zeichen des CDA-Dokuments sind nicht lesbar."
        "Read are UTF-8, UTF-16, ISO 8859-1, ISO 8859-15 and Windows-1252."
        "Change the encoding of the export.";
    "cda-too-large" 422 FINAL "The CDA document is too large." "Das CDA-Dokument ist zu groß."
        "It has more text, elements or attributes than any real document."
        "Check the export.";
    "cda-too-deep" 422 FINAL "The CDA document is nested too deeply." "Das CDA-Dokument ist zu tief verschachtelt."
        "No real document is nested like this. `errors` names the line."
        "Check the export.";
    "cda-doctype" 422 FINAL "The CDA document declares a document type." "Das CDA-Dokument enthält eine Dokumenttyp-Deklaration."
        "Entities could grow without end or fetch other files; CDA needs none. `errors` names the line."
        "Take `<!DOCTYPE …>` out of the export.";
    "cda-truncated" 422 FINAL "The CDA document is not complete." "Das CDA-Dokument ist nicht vollständig."
        "The end of the file is missing."
        "Export it again.";
    "cda-syntax" 422 FINAL "The CDA document is not well-formed XML." "Das CDA-Dokument ist kein gültiges XML."
        "`errors` names the line."
        "Correct the export.";
    "cda-not-a-document" 422 FINAL "The XML file is no CDA document." "Die XML-Datei ist kein CDA-Dokument."
        "A CDA document begins with ClinicalDocument of HL7."
        "Check what was exported.";
    "cda-no-patient" 422 FINAL "The CDA document names no patient." "Das CDA-Dokument nennt keine Person."
        "The element recordTarget is missing or empty."
        "Correct the export.";
    "cda-two-patients" 422 FINAL "The CDA document names two patients." "Das CDA-Dokument nennt zwei Personen."
        "A document is about one person. `errors` names the line."
        "Send one document for each patient.";
    "cda-nothing-to-read" 422 FINAL "There is no finding in the CDA document." "Im CDA-Dokument ist kein Befund."
        "It has no text, no values and no document."
        "Check the export.";
    "cda-document-only-linked" 422 FINAL "The document is linked and not included." "Das Dokument ist nur verlinkt, nicht enthalten."
        "The server does not fetch documents from elsewhere. `errors` names the line."
        "Include the document as base64.";
    "cda-bad-base64" 422 FINAL "The document in the CDA file cannot be decoded." "Das Dokument in der CDA-Datei ist nicht lesbar."
        "It is not valid base64. `errors` names the line."
        "Correct the export.";
    "cda-embedded-document" 422 FINAL "The document in the CDA file is not taken." "Das Dokument in der CDA-Datei wird nicht angenommen."
        "It is not a sound PDF, JPEG or PNG. `detail` says why."
        "Correct the document.";
    "cda-several-documents" 422 FINAL "The CDA file holds two documents." "Die CDA-Datei enthält zwei Dokumente."
        "One of them would not be shown."
        "Send one file for each document.";
    "cda-too-many-entries" 422 FINAL "The CDA document holds too many values." "Das CDA-Dokument enthält zu viele Werte."
        "A document has 5000 values at most."
        "Send it in parts.";
};
