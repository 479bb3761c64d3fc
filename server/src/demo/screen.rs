//! The page that the demo prints: where it is, who can sign in, and commands to copy.

use std::path::Path;

use super::district::{DISTRICT, Resident, StaffLogin, Standing};

/// Whose findings the commands look at: someone who reads German and has values, letters and a mail address.
const SHOWN: &str = "de30babade30babade30babade300010";

/// Where the demo is.
pub(super) struct Place<'a> {
    /// Its address.
    pub(super) url: &'a str,
    /// Its data.
    pub(super) folder: &'a Path,
    /// Its mails.
    pub(super) mail: &'a Path,
}

/// The whole page.
pub(super) fn page(place: &Place<'_>) -> String {
    let mut lines = vec![
        String::new(),
        format!("Nahraum demo: the district {}. Everyone here is invented.", DISTRICT.quarter),
        String::new(),
        format!("  address      {}", place.url),
        format!("  API          {}/v1/openapi.json", place.url),
        format!("  data         {}   (begin anew: nahraum demo --fresh)", place.folder.display()),
        format!("  mails        {}", place.mail.display()),
        String::new(),
        String::from("Practices (login, password):"),
    ];
    for practice in DISTRICT.practices {
        lines.push(format!("  {}, {}", practice.name, practice.specialty));
        lines.push(format!("    {}, {}", practice.address, practice.contact));
        lines.extend(practice.staff.iter().map(staff_line));
    }
    lines.push(format!("  {}", DISTRICT.kiosk.name));
    lines.extend(DISTRICT.kiosk.staff.iter().map(staff_line));
    lines.push(format!("  {}", DISTRICT.office.name));
    lines.extend(DISTRICT.office.staff.iter().map(staff_line));
    lines.push(String::new());
    lines.push(String::from("Residents (device secret, PIN):"));
    lines.extend(DISTRICT.residents.iter().flat_map(resident_lines));
    lines.push(String::new());
    lines.extend(DISTRICT.residents.iter().find(|r| r.device_secret == SHOWN).map(|r| commands(place.url, r)));
    lines.push(String::new());
    lines.push(String::from("It runs until you press Ctrl-C."));
    lines.join("\n")
}

fn staff_line(person: &StaffLogin) -> String {
    format!("    {:<10}  {:<32}  {} ({})", person.login, person.password, person.display_name, person.duty)
}

fn resident_lines(resident: &Resident) -> [String; 2] {
    let key = match resident.standing {
        Standing::Activated => format!("{}  {}", resident.device_secret, resident.pin),
        Standing::PaperConsent | Standing::InvitedOnly => String::from("not activated yet"),
    };
    [
        format!(
            "  {} {}, *{}, {}: {} ({})",
            resident.given_name,
            resident.family_name,
            resident.birth_date,
            resident.language,
            resident.story,
            resident.phone
        ),
        format!("    {key}"),
    ]
}

/// The commands. Each runs as it stands, in the order of the page, with curl, grep and sed.
fn commands(url: &str, resident: &Resident) -> String {
    let login = DISTRICT.practices.first().and_then(|practice| practice.staff.first());
    let (user, password) = login.map_or(("", ""), |person| (person.login, person.password));
    let reference = resident.patients.first().map_or("", |patient| patient.reference);
    let upload = UPLOAD.replace("{reference}", reference).replace("{birth_date}", &resident.birth_date.to_string());
    COMMANDS
        .replace("{upload}", upload.trim())
        .replace("{url}", url)
        .replace("{login}", user)
        .replace("{password}", password)
        .replace("{given_name}", resident.given_name)
        .replace("{device_secret}", resident.device_secret)
        .replace("{pin}", resident.pin)
}

const COMMANDS: &str = r#"# try it
url={url}
json='Content-Type: application/json'

# The practice signs in.
staff=$(curl -sS --fail-with-body "$url/v1/sessions/staff" -H "$json" \
  -d '{"login":"{login}","password":"{password}"}' | sed -E 's/.*"access_token":"([^"]+)".*/\1/')

# It makes a credential for its software, which can upload and nothing else.
software=$(curl -sS --fail-with-body "$url/v1/practice/upload-credentials" -H "Authorization: Bearer $staff" \
  -H "$json" -d '{"label":"My first software"}' | sed -E 's/.*"token":"([^"]+)".*/\1/')

# The software uploads a laboratory report (FHIR R4). The answer is the receipt.
curl -sS --fail-with-body "$url/v1/practice/findings" -H "Authorization: Bearer $software" \
  -H 'Content-Type: application/fhir+json' -H "Idempotency-Key: try-it-$(date +%s)" -d '{upload}' ; echo

# {given_name} signs in on the phone.
phone=$(curl -sS --fail-with-body "$url/v1/sessions/resident" -H "$json" \
  -d '{"device_secret":"{device_secret}","pin":"{pin}"}' | sed -E 's/.*"access_token":"([^"]+)".*/\1/')

# The new finding is on top of the list …
curl -sS --fail-with-body "$url/v1/findings?limit=3" -H "Authorization: Bearer $phone" | tee list.json ; echo

# … and can be opened: every number as the laboratory wrote it.
new=$(sed -E 's/^\{"items":\[\{"id":"([^"]+)".*/\1/' list.json)
curl -sS --fail-with-body "$url/v1/findings/$new" -H "Authorization: Bearer $phone" ; echo

# What the district offers, in Turkish, to everybody: no sign-in, and the search stands in no address.
curl -sS --fail-with-body "$url/v1/offer-searches" -H "$json" -d '{"words":"tansiyon","lang":"tr"}' ; echo

# The newest letter is a PDF.
letter=$(curl -sS --fail-with-body "$url/v1/findings?kind=letter&limit=1" -H "Authorization: Bearer $phone" |
  sed -E 's/^\{"items":\[\{"id":"([^"]+)".*/\1/')
curl -sS --fail-with-body "$url/v1/findings/$letter/content" -H "Authorization: Bearer $phone" -o letter.pdf
ls -l letter.pdf

# Who has seen what? Every access is in {given_name}'s own log.
curl -sS --fail-with-body "$url/v1/access-log?limit=5" -H "Authorization: Bearer $phone" | grep -o '"sentence":"[^"]*"'
# end"#;

const UPLOAD: &str = r##"
{ "resourceType": "DiagnosticReport", "status": "final",
  "contained": [
    { "resourceType": "Patient", "id": "p", "identifier": [{ "value": "{reference}" }], "birthDate": "{birth_date}" },
    { "resourceType": "Observation", "id": "o", "status": "final", "subject": { "reference": "#p" },
      "code": { "coding": [{ "system": "http://loinc.org", "code": "2160-0" }], "text": "Kreatinin" },
      "valueQuantity": { "value": 1.10, "unit": "mg/dl", "system": "http://unitsofmeasure.org", "code": "mg/dL" },
      "referenceRange": [{ "high": { "value": 0.90, "unit": "mg/dl" } }],
      "interpretation": [{ "coding": [{ "code": "H" }] }] } ],
  "code": { "text": "Laborbefund" },
  "category": [{ "coding": [{ "system": "http://dvmd.de/fhir/CodeSystem/kdl", "code": "LB120107" }] }],
  "subject": { "reference": "#p" }, "result": [{ "reference": "#o" }],
  "effectiveDateTime": "'"$(date +%Y-%m-%d)"'" }
"##;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_every_login_and_one_block_of_commands_without_gaps() {
        let place = Place {
            url: "http://127.0.0.1:8080",
            folder: Path::new("nahraum-demo"),
            mail: Path::new("nahraum-demo/mail"),
        };
        let page = page(&place);
        let staff = DISTRICT.staff();
        assert!(staff.clone().all(|person| page.contains(person.password)));
        for resident in DISTRICT.residents {
            assert_eq!(page.contains(resident.pin), resident.standing == Standing::Activated);
        }
        let (_, block) = page.split_once("\n# try it\n").unwrap();
        let (block, _) = block.split_once("\n# end\n").unwrap();
        for gap in ["{url}", "{login}", "{password}", "{pin}", "{device_secret}", "{reference}", "{birth_date}"] {
            assert!(!block.contains(gap), "{gap}");
        }
        assert!(block.contains("url=http://127.0.0.1:8080\n"));
    }
}
