//! Lists of areas as an operator loads them: CSV (RFC 4180) with a head, one area a line.

/// The head of such a file.
const HEAD: [&str; 6] = ["scheme", "key", "name", "parent_scheme", "parent_key", "population"];

/// One line that is good by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaLine {
    /// Which line of the file.
    pub line: u64,
    /// Whose key it is, and the key.
    pub name_in_scheme: (String, String),
    /// What people call it.
    pub name: String,
    /// The area it is a part of, by scheme and key.
    pub parent: Option<(String, String)>,
    /// How many live there.
    pub population: Option<i32>,
}

/// A line with what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// Which line of the file.
    pub line: u64,
    /// What is wrong.
    pub why: AreaFault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AreaFault {
    /// Not the head that is expected.
    #[error("the first line has to be scheme,key,name,parent_scheme,parent_key,population")]
    Head,
    /// No CSV, no UTF-8, or another number of columns.
    #[error("the line is no CSV in UTF-8 with six columns")]
    Unreadable,
    /// No scheme.
    #[error("a scheme has 1 to 20 of a-z, 0-9, hyphen and underscore")]
    Scheme,
    /// No key.
    #[error("a key has 1 to 40 visible characters without spaces")]
    Key,
    /// No name.
    #[error("a name has 1 to 120 characters on one line")]
    Name,
    /// One without the other.
    #[error("parent_scheme and parent_key come together or not at all")]
    Parent,
    /// No number.
    #[error("population is a whole number from 0 up, or empty")]
    Population,
    /// Twice in the file.
    #[error("the area is in the file twice")]
    Doubled,
    /// Neither in the file nor known.
    #[error("the area it is a part of is neither in the file nor known")]
    NoParent,
    /// It is a part of itself, by one step or several.
    #[error("the area is a part of itself")]
    Circle,
}

/// Reads a file.
///
/// # Errors
/// Every line that is wrong, with what is wrong with it.
pub fn read_areas(bytes: &[u8]) -> Result<Vec<AreaLine>, Vec<LineFault>> {
    // What spreadsheets put before UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    if reader.headers().map_or(true, |head| head != HEAD[..]) {
        return Err(vec![LineFault { line: 1, why: AreaFault::Head }]);
    }
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                match area(line, &record) {
                    Ok(area) => lines.push(area),
                    Err(why) => faults.push(LineFault { line, why }),
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.push(LineFault { line, why: AreaFault::Unreadable });
            }
        }
    }
    let mut known = std::collections::BTreeSet::new();
    let twice = lines.iter().filter(|area: &&AreaLine| !known.insert(&area.name_in_scheme));
    faults.extend(twice.map(|area| LineFault { line: area.line, why: AreaFault::Doubled }));
    faults.sort_by_key(|fault| fault.line);
    if faults.is_empty() { Ok(lines) } else { Err(faults) }
}

fn area(line: u64, record: &csv::StringRecord) -> Result<AreaLine, AreaFault> {
    let column = |at: usize| record.get(at).unwrap_or_default();
    let name_in_scheme = key(column(0), column(1))?;
    let name = column(2);
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        return Err(AreaFault::Name);
    }
    let parent = match (column(3), column(4)) {
        ("", "") => None,
        ("", _) | (_, "") => return Err(AreaFault::Parent),
        (scheme, own) => Some(key(scheme, own)?),
    };
    let population = match column(5) {
        "" => None,
        number => Some(number.parse().ok().filter(|number| *number >= 0).ok_or(AreaFault::Population)?),
    };
    Ok(AreaLine { line, name_in_scheme, name: name.to_owned(), parent, population })
}

fn key(scheme: &str, key: &str) -> Result<(String, String), AreaFault> {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !(1..=20).contains(&scheme.len()) || !scheme.chars().all(is_word) {
        return Err(AreaFault::Scheme);
    }
    if !(1..=40).contains(&key.chars().count()) || key.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(AreaFault::Key);
    }
    Ok((scheme.to_owned(), key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "scheme,key,name,parent_scheme,parent_key,population\n";

    fn faults(lines: &str) -> Vec<(u64, AreaFault)> {
        let read = read_areas(format!("{FILE}{lines}").as_bytes());
        read.unwrap_err().into_iter().map(|fault| (fault.line, fault.why)).collect()
    }

    #[test]
    fn a_list_from_a_spreadsheet_is_read() {
        let list = format!(
            "\u{feff}{FILE}custom,billstedt,\"Billstedt, im Osten\",custom,mitte,71000\r\ncustom,mitte,Mitte,,,\r\n"
        );
        let lines = read_areas(list.as_bytes()).unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].line, lines[0].name.as_str()), (2, "Billstedt, im Osten"));
        assert_eq!(lines[0].parent, Some(("custom".to_owned(), "mitte".to_owned())));
        assert_eq!((lines[0].population, lines[1].population), (Some(71_000), None));
    }

    #[test]
    fn every_line_that_is_wrong_is_named() {
        use AreaFault as F;
        let broken = "Custom,a,A,,,\ncustom,,A,,,\ncustom,a,,,,\ncustom,a,A,custom,,\ncustom,a,A,,,viele\ncustom,a,A,,,-1\n\
                      custom,b,B,,\ncustom,c,C,,,1\ncustom,c,C,,,1\n";
        let expected = [F::Scheme, F::Key, F::Name, F::Parent, F::Population, F::Population, F::Unreadable];
        let mut expected: Vec<(u64, F)> = (2..).zip(expected).collect();
        expected.push((10, F::Doubled));
        assert_eq!(faults(broken), expected);
        assert_eq!(read_areas(b"key,name\n"), Err(vec![LineFault { line: 1, why: F::Head }]));
        assert_eq!(read_areas(b"").unwrap_err().len(), 1);
    }
}
