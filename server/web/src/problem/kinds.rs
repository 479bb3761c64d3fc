//! The list of problems: every code an answer can carry, with its status, its sentences and what to do about it.
//!
//! From this table come the problem documents, the pages under `/problems/` and the examples in the OpenAPI document.
//! Codes are stable: they may be added and never be changed.

use super::file_kinds::FILE_PROBLEMS;

/// One kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemKind {
    /// The stable code, kebab-case.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The title in English: one sentence.
    pub title_en: &'static str,
    /// The title in German: one sentence.
    pub title_de: &'static str,
    /// What it means.
    pub meaning_en: &'static str,
    /// What the client or the person can do.
    pub what_to_do_en: &'static str,
    /// Whether the same request can succeed later without being changed.
    pub retryable: bool,
}

/// The kind of problem with this code.
#[must_use]
pub fn kind(code: &str) -> Option<&'static ProblemKind> {
    all().find(|kind| kind.code == code)
}

/// Every kind of problem: those of requests, then those of files.
pub fn all() -> impl Iterator<Item = &'static ProblemKind> {
    PROBLEMS.iter().chain(std::iter::once(INTERNAL)).chain(FILE_PROBLEMS)
}

/// One entry in five lines: code, status, whether waiting helps; English title; German title; meaning; what to do.
macro_rules! problems {
    ($($code:literal $status:literal $retry:ident $en:literal $de:literal $meaning:literal $what:literal;)+) => {
        &[$(crate::problem::kinds::ProblemKind {
            code: $code, status: $status, title_en: $en, title_de: $de, meaning_en: $meaning, what_to_do_en: $what,
            retryable: crate::problem::kinds::$retry,
        }),+]
    };
}
pub(crate) use problems;

/// The same request can succeed later.
pub(crate) const LATER: bool = true;
/// The same request will fail again.
pub(crate) const FINAL: bool = false;

/// What answers when nothing else fits.
pub(crate) const INTERNAL: &ProblemKind = &ProblemKind {
    code: "internal",
    status: 500,
    title_en: "Something is broken on our side.",
    title_de: "Bei uns ist etwas kaputt.",
    meaning_en: "The server failed. Nothing that the request asked for was done, unless an earlier try had done it.",
    what_to_do_en: "Try again with the same idempotency key. Tell the operator the request id if it stays.",
    retryable: LATER,
};

/// The problems of requests; those of uploaded files follow them in [`all`].
pub const PROBLEMS: &[ProblemKind] = problems! {
    "malformed-request" 400 FINAL "The request cannot be read." "Die Anfrage ist nicht lesbar."
        "The request breaks the rules of HTTP or of this API in a way that has no code of its own."
        "Compare the request with the API's documentation.";
    "malformed-json" 400 FINAL "The body is not valid JSON." "Der Inhalt ist kein gültiges JSON."
        "The body ends early, is nested too deeply or breaks the syntax of JSON (RFC 8259). `errors` names line and column."
        "Send one JSON value in UTF-8.";
    "duplicate-field" 400 FINAL "A field is there twice." "Ein Feld ist doppelt vorhanden."
        "An object of the body has two members with the same name; which one counts would be a guess."
        "Send every field once.";
    "unknown-field" 400 FINAL "A field of the body is not known." "Ein Feld im Inhalt ist nicht bekannt."
        "The body has a field that this operation does not have, perhaps a misspelt one. Nothing was done."
        "Leave the field out, or compare its name with the API's documentation.";
    "invalid-body" 400 FINAL "The body does not have the right form." "Der Inhalt hat nicht die richtige Form."
        "A field is missing or holds another type than it should. `errors` names the place."
        "Compare the body with the API's documentation.";
    "unknown-parameter" 400 FINAL "A query parameter is not known." "Ein Parameter der Adresse ist nicht bekannt."
        "The address has a query parameter that this operation does not have, perhaps a misspelt one."
        "Leave it out, or compare its name with the API's documentation.";
    "invalid-parameter" 400 FINAL "A query parameter cannot be read." "Ein Parameter der Adresse ist nicht lesbar."
        "A query parameter is missing, is there twice or holds something else than it should. `errors` names it."
        "Compare it with the API's documentation.";
    "cursor-mismatch" 400 FINAL "The cursor does not belong to this list." "Der Zeiger gehört nicht zu dieser Liste."
        "A cursor goes on in the list it came from, for the same session and with the same filter, and nowhere else."
        "Start again without a cursor.";
    "idempotency-key-missing" 400 FINAL "The header Idempotency-Key is missing." "Die Kopfzeile Idempotency-Key fehlt."
        "This operation creates something. The key lets the server recognise a request that is sent twice."
        "Make a random key for the action, send it, and send the same one with every repetition.";
    "idempotency-key-malformed" 400 FINAL "The header Idempotency-Key cannot be used." "Die Kopfzeile Idempotency-Key ist unbrauchbar."
        "The key has 1 to 64 visible ASCII characters without spaces, and is sent once."
        "Use a UUID.";
    "malformed-form" 400 FINAL "The form cannot be read." "Das Formular ist nicht lesbar."
        "The multipart form is broken, has a part that is not known, or has a part twice or not at all."
        "Send the parts `metadata` (JSON) and `file`, each once, as `multipart/form-data` (RFC 7578).";
    "body-incomplete" 400 LATER "The body did not arrive completely." "Der Inhalt ist nicht vollständig angekommen."
        "The connection ended before everything that was announced had arrived. Nothing was stored."
        "Send the request again with the same idempotency key.";
    "authorization-refused" 400 FINAL "This sign-in was not asked for in the right way." "Diese Anmeldung wurde nicht richtig angefragt."
        "The program that asked for the sign-in is not known here, or its request is wrong. `detail` says what."
        "Close the page. Whoever makes the program reads `detail`.";
    "not-signed-in" 401 FINAL "You are not signed in." "Sie sind nicht angemeldet."
        "The access token is missing, cannot be read, or is nobody's; or it was shown without the proof it is bound to."
        "Sign in and send the new token as `Authorization: DPoP`, or `Bearer` where `token_type` says so.";
    "token-expired" 401 FINAL "The access token has run out." "Das Zugriffs-Token ist abgelaufen."
        "The session goes on; only this token is too old."
        "Exchange the refresh token at `/oauth/token` and send the request again with the new access token.";
    "session-over" 401 FINAL "You have been signed out. Please sign in again." "Sie wurden abgemeldet. Bitte melden Sie sich wieder an."
        "The session rested too long, has lasted its time, or was ended: by signing out or in anew, by the operator, or because a refresh token was used twice."
        "Let the person sign in again.";
    "device-revoked" 401 FINAL "This phone is not connected any more." "Dieses Handy ist nicht mehr verbunden."
        "The phone was cut off: by the resident, by a practice, after too many wrong PINs, or because a new phone took its place."
        "Delete everything the app keeps of this resident. The practice gives a new slip.";
    "device-expired" 401 FINAL "This phone has to be connected anew." "Dieses Handy muss neu verbunden werden."
        "A phone stays connected for two years, and for 180 days without a sign-in."
        "Delete everything the app keeps of this resident. The practice gives a new slip.";
    "proof-missing" 401 FINAL "The proof of the phone's key is missing." "Der Nachweis des Geräteschlüssels fehlt."
        "This server gives nothing out and takes nothing in without a proof of possession (RFC 9449)."
        "Send a `DPoP` header, and the token as `Authorization: DPoP`.";
    "proof-refused" 401 FINAL "The proof of the phone's key is not good." "Der Nachweis des Geräteschlüssels ist nicht gültig."
        "`detail` says what is wrong with the `DPoP` header; `WWW-Authenticate` carries the code of RFC 9449."
        "Make a fresh proof for each request. When the phone's clock is off, put the value of the header `DPoP-Nonce` into it.";
    "sign-in-failed" 401 FINAL "That did not work. Please check what you typed." "Das hat nicht geklappt. Bitte prüfen Sie Ihre Eingabe."
        "Name and secret do not fit together. Which of the two is wrong is not told."
        "Let the person try again. After several wrong tries there is a pause.";
    "second-factor-required" 401 FINAL "Please sign in with both factors." "Bitte melden Sie sich mit beiden Faktoren an."
        "People who work here show two factors of different kinds: a password, and a passkey or a code from an app."
        "Begin at `/v1/sessions/staff/begin`, and send the passkey's answer together with the password.";
    "enrolment-refused" 401 FINAL "This one-time secret is not good (any more)." "Dieses Einmal-Geheimnis gilt nicht (mehr)."
        "The secret is unknown, used, replaced by a newer one, or too old."
        "Ask the operator for a new one.";
    "activation-failed" 403 FINAL "Code and birth date do not fit, or the code cannot be used any more." "Code und Geburtsdatum passen nicht zusammen, oder der Code gilt nicht mehr."
        "The code, the birth date or both are wrong, or the code was used, withdrawn or has expired. It is deliberately one answer."
        "Check both. If it stays, ask the practice for a new slip.";
    "code-failed" 403 FINAL "This code cannot be used, or not any more." "Dieser Code gilt nicht oder nicht mehr."
        "The code for a second phone or a recovery is wrong, used, stopped or too old, or belongs to another phone. It is deliberately one answer."
        "Make a new code on the first phone. Without one, ask the practice for a new slip.";
    "consent-missing" 403 FINAL "The patient has not consented. Nothing was stored." "Die Einwilligung fehlt. Es wurde nichts gespeichert."
        "Findings are taken only for patients who have consented, on paper in the practice or in the app."
        "Ask the patient for the consent, note it with the invitation, and send the finding again.";
    "forbidden" 403 FINAL "This is not allowed with this sign-in." "Das ist mit dieser Anmeldung nicht erlaubt."
        "The credential is good, and never good for this operation."
        "Use the credential of the right role: resident, practice staff or practice software.";
    "second-person-required" 403 FINAL "This takes a second person." "Dafür braucht es eine zweite Person."
        "Whoever asked for this act cannot agree to it as well."
        "Let another person of the operator sign in and agree.";
    "step-up-required" 403 FINAL "Please confirm with your PIN or password." "Bitte mit PIN oder Passwort bestätigen."
        "For something this delicate the sign-in must not be older than five minutes."
        "Let the person sign in again, and send the request with the new token.";
    "bearer-not-allowed" 403 FINAL "This server makes no credentials that are good without a key." "Dieser Server stellt keine Zugangsdaten aus, die ohne Schlüssel gelten."
        "An upload credential can be used by whoever finds it. Only a server for trying things out makes them."
        "Pair the software instead: `POST /oauth/device_authorization`.";
    "not-found" 404 FINAL "There is nothing here for you." "Hier gibt es nichts für Sie."
        "There is no such thing, or it is not yours. The two look the same on purpose."
        "Check the address and the sign-in.";
    "no-document" 404 FINAL "This finding has no document to open." "Zu diesem Befund gibt es kein Dokument."
        "The finding consists of values only."
        "Show the values.";
    "method-not-allowed" 405 FINAL "This cannot be done here." "Das geht an dieser Stelle nicht."
        "The address exists, and not for this HTTP method. The header `Allow` lists those that work."
        "Use one of them.";
    "too-slow" 408 LATER "The body arrived too slowly." "Der Inhalt kam zu langsam an."
        "A body must arrive at 1 KiB per second on average, without pauses of 20 seconds, and within 120 seconds."
        "Try again on a better connection, with the same idempotency key.";
    "nothing-to-confirm" 409 FINAL "There is nothing to confirm." "Es gibt nichts zu bestätigen."
        "It was confirmed already, ended, or nobody has used it yet."
        "Look at its state.";
    "confirmation-blocked" 409 FINAL "Too many wrong numbers. Please give a new slip." "Zu viele falsche Nummern. Bitte geben Sie einen neuen Zettel aus."
        "Five wrong numbers end the confirmation of a posted slip."
        "Make a new invitation, best handed over in person.";
    "too-many-devices" 409 FINAL "There are five phones already." "Es sind schon fünf Geräte verbunden."
        "A resident signs in on at most five phones."
        "Cut one off in the list of devices.";
    "recipient-blocked" 409 FINAL "This recipient is blocked." "Dieser Empfänger ist gesperrt."
        "The resident has closed everything to this organisation."
        "Lift the block (`DELETE /v1/blocks/{id}`) before giving a permission.";
    "too-many-rules" 409 FINAL "Too many permissions stand at once." "Es gelten schon zu viele Freigaben."
        "200 permissions and blocks can stand at the same time."
        "Take back what is not needed any more.";
    "not-next-version" 409 FINAL "This is not the next version." "Das ist nicht die nächste Fassung."
        "Versions of a text are numbered without gaps. Somebody has published this one in the meantime, or a number was left out. Nothing was published."
        "Read the newest version, look whether yours is still wanted, and publish it with the next number.";
    "state-conflict" 409 FINAL "This cannot be done in the present state." "Das geht im jetzigen Zustand nicht."
        "Somebody was faster, or the thing has moved on since it was last read."
        "Read it again and decide anew.";
    "registration-elsewhere" 409 FINAL "One does not register for this here." "Dafür meldet man sich nicht hier an."
        "Nobody registers for this offer, or by phone, on a page, or with somebody's help. Its facts say how."
        "Show how one registers.";
    "offer-paused" 409 LATER "For a while nobody can register." "Zurzeit kann man sich nicht anmelden."
        "The organisation has paused the offer. It is still there."
        "Look again later.";
    "date-cancelled" 409 FINAL "This date does not take place." "Dieser Termin findet nicht statt."
        "The organisation has cancelled it, or the whole offer."
        "Choose another date.";
    "date-over" 409 FINAL "This date has begun." "Dieser Termin hat schon begonnen."
        "What has begun stays as it is."
        "Choose another date.";
    "no-place-left" 409 FINAL "All places are taken." "Alle Plätze sind vergeben."
        "There is no place and no waiting list."
        "Choose another date, or look again later.";
    "already-registered" 409 FINAL "You are registered already." "Sie sind schon angemeldet."
        "The resident has a place at this date, or waits for one."
        "Show the registration that there is.";
    "place-not-kept" 409 FINAL "No place is kept for you, or not any more." "Es ist kein Platz (mehr) für Sie reserviert."
        "A place that becomes free is kept for a while for the first who waits; without an answer it goes to the next."
        "Read the registration again.";
    "choose-organisation" 409 FINAL "Please say for which organisation you act." "Bitte sagen Sie, für welche Organisation Sie handeln."
        "The person works for several. `errors` lists them: the id in `code`, the name in `detail`."
        "Send the sign-in again with `organisation_id`.";
    "last-second-factor" 409 FINAL "This is your last second factor." "Das ist Ihr letzter zweiter Faktor."
        "Without it only the password would be left, and nobody signs in with that alone."
        "Add another passkey first.";
    "passkeys-unavailable" 409 FINAL "There are no passkeys at this address." "Unter dieser Adresse gibt es keine Passkeys."
        "Passkeys are bound to the name of a server, and this one is reached by a bare IP address."
        "Use a code from an app, or ask the operator to give the server a name.";
    "push-unavailable" 409 FINAL "This server does not wake phones." "Dieser Server weckt keine Handys."
        "The operator has not switched pushes on. `GET /v1/server` says so: `push` is absent there."
        "Ask for what is new when the app is opened.";
    "birth-date-differs" 409 FINAL "The practice knows this patient with another birth date." "Die Praxis kennt diese Patientin oder diesen Patienten mit einem anderen Geburtsdatum."
        "The patient's number and the birth date do not belong together. Nothing was done, because findings must not reach the wrong person."
        "Check number and birth date in the practice's own system.";
    "invitation-blocked" 409 LATER "Too many codes for this patient were used up." "Für diese Person wurden zu viele Codes verbraucht."
        "Several codes were burnt by wrong tries. Until the time in `detail` no new one is printed."
        "Wait, and speak with the patient in person.";
    "invitation-not-open" 409 FINAL "This invitation is not open any more." "Diese Einladung ist nicht mehr offen."
        "Only an open invitation can be printed. `detail` names its state."
        "Make a new invitation.";
    "replaces-other-patient" 409 FINAL "The finding to replace belongs to another patient." "Der zu ersetzende Befund gehört zu einer anderen Person."
        "A new version must belong to the same patient as the old one. Nothing was stored."
        "Check the patient's number and `replaces`.";
    "older-version" 409 FINAL "A newer version of this report is already here." "Eine neuere Fassung dieses Befunds liegt schon vor."
        "Versions of a report must arrive in order. Nothing was stored."
        "Do not send this one again.";
    "cursor-expired" 410 FINAL "That is too long ago to say what changed." "Das ist zu lange her, um zu sagen, was sich geändert hat."
        "`since` was given out more than thirty days ago, or before the server was restored."
        "Delete what the app keeps and ask without `since`.";
    "recalled" 410 FINAL "The practice has taken this finding back." "Die Praxis hat diesen Befund zurückgenommen."
        "The finding was recalled, for instance because it belonged to somebody else. Its content is not shown any more."
        "Show the sentence, delete what the device keeps of it, and let the person ask the practice.";
    "too-large" 413 FINAL "This is too large." "Das ist zu groß."
        "The body, the file or one part is larger than allowed. `detail` names the limit."
        "Make it smaller, or send it in several findings.";
    "uri-too-long" 414 FINAL "The address is too long." "Die Adresse ist zu lang."
        "Path and query have 8 KiB at most."
        "Shorten the query.";
    "unsupported-media-type" 415 FINAL "This kind of body is not read here." "Diese Art von Inhalt wird hier nicht gelesen."
        "The header `Content-Type` is missing or names something that this operation does not take."
        "Compare it with the API's documentation.";
    "range-not-satisfiable" 416 FINAL "The document has no such range." "Diesen Ausschnitt hat das Dokument nicht."
        "The requested bytes begin behind the end. The header `Content-Range` names the size."
        "Ask for the whole document, or go on from where it was interrupted.";
    "invalid" 422 FINAL "Something in the request is not right." "In der Anfrage stimmt etwas nicht."
        "The request can be read, and some of its values cannot be right. `errors` names each place."
        "Correct them.";
    "consent-text-unknown" 422 FINAL "This consent text is not the published one." "Dieser Einwilligungstext ist nicht der veröffentlichte."
        "A consent names the exact version that the person has read. This one is not in force (any more)."
        "Fetch the current text, show it, and ask again.";
    "wrong-number" 422 FINAL "This is another number." "Das ist eine andere Nummer."
        "The number is not the one that is shown on the other side. Wrong numbers are counted."
        "Let the person read the number again.";
    "nothing-to-withdraw" 422 FINAL "No such report is here to be withdrawn." "Ein solcher Befund, der zurückzuziehen wäre, ist nicht da."
        "The report says that it was entered in error, and no earlier version of it has arrived."
        "Nothing needs to be done.";
    "file-too-demanding" 422 FINAL "Reading this file takes too much." "Diese Datei zu lesen ist zu aufwendig."
        "Every file is read first in a process of its own with limits; this one used up its memory or time, or made the reader fail. Nothing was stored."
        "Export the finding again or print it as PDF; if it stays, tell the operator the request id.";
    "file-malicious" 422 FINAL "The virus scanner does not let this file in." "Der Virenscanner lässt diese Datei nicht durch."
        "The operator's scanner knows the content of the file as malicious. Nothing was stored."
        "Do not send it again, and have the computer checked that it came from.";
    "idempotency-key-reused" 422 FINAL "This idempotency key was used for another request." "Dieser Idempotency-Key gehört zu einer anderen Anfrage."
        "A key stands for one request. The same key with another body would hide one of the two."
        "Make a new key for a new request.";
    "try-later" 429 LATER "Too many tries. Please wait." "Zu viele Versuche. Bitte warten Sie."
        "After several wrong tries there is a pause that grows. `Retry-After` says how long it lasts."
        "Wait. Trying earlier does not help, also not with the right secret.";
    "headers-too-large" 431 FINAL "The header fields are too large." "Die Kopfzeilen sind zu groß."
        "All header fields together have 64 KiB at most."
        "Send fewer of them.";
    "overloaded" 503 LATER "The server is busy. Please try again soon." "Der Server ist gerade ausgelastet. Bitte gleich noch einmal versuchen."
        "Something that the request needs is busy or does not answer. Nothing was done."
        "Wait as long as `Retry-After` says, then send the same request again.";
    "file-not-inspected" 503 LATER "The file could not be checked just now." "Die Datei konnte gerade nicht geprüft werden."
        "The virus scanner does not answer, or no process could be started to read the file. What was not checked is not taken; nothing was stored."
        "Keep the file, wait as long as `Retry-After` says, and send the same request again.";
    "not-ready" 503 LATER "The server is not ready." "Der Server ist nicht bereit."
        "The process is alive, and the database does not answer."
        "Send requests elsewhere, or wait.";
    "storage-full" 507 LATER "There is no room to store anything." "Es ist kein Platz mehr zum Speichern."
        "The disk or the database is full. Nothing was stored."
        "Tell the operator, and send the request again later.";
};
