//! The objects of LDT 3: fields between a field 8002 and the field 8003 of the same name, and objects in objects.

use super::XdtRefusal;
use super::line::Line;
use super::record::Record;
use crate::refusal::Position;

/// Real reports nest five deep.
const MAX_DEPTH: usize = 16;

/// An object with what is in it, in the order of the file.
pub(super) struct Object<'a> {
    /// Its name, e.g. `Obj_0045`.
    pub(super) name: &'a [u8],
    /// The field in front of it, which says what it is for; 0 if there is none.
    pub(super) attribute: u16,
    /// The number of its first line.
    pub(super) line: usize,
    pub(super) items: Vec<Item<'a>>,
}

/// A part of an object.
pub(super) enum Item<'a> {
    Field(&'a Line<'a>),
    Object(Box<Object<'a>>),
}

impl<'a> Object<'a> {
    /// Reads a record from the line after its first one to its end, the field 8001.
    pub(super) fn of(record: &Record<'a, 'a>) -> Result<Self, XdtRefusal> {
        let mut open = vec![Self { name: b"", attribute: 0, line: record.line(), items: Vec::new() }];
        let mut attribute = 0;
        let mut last = record.line();
        for line in record.lines.iter().skip(1) {
            last = line.number;
            match line.field {
                8001 => return ended(open, record, line),
                8002 if open.len() > MAX_DEPTH => return Err(XdtRefusal::TooDeep(line.position())),
                8002 => open.push(Self { name: line.content, attribute, line: line.number, items: Vec::new() }),
                8003 => close(&mut open, line)?,
                _ => {
                    if let Some(object) = open.last_mut() {
                        object.items.push(Item::Field(line));
                    }
                }
            }
            attribute = if matches!(line.field, 8100..8300) { line.field } else { 0 };
        }
        Err(XdtRefusal::Truncated(Position::at_line(last)))
    }

    /// The fields directly in it.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Line<'a>> {
        self.items.iter().filter_map(|item| match item {
            Item::Field(line) => Some(*line),
            Item::Object(_) => None,
        })
    }

    /// The objects directly in it.
    pub(super) fn objects(&self) -> impl DoubleEndedIterator<Item = &Self> {
        self.items.iter().filter_map(|item| match item {
            Item::Field(_) => None,
            Item::Object(object) => Some(&**object),
        })
    }

    /// The first such field directly in it.
    pub(super) fn field(&self, field: u16) -> Option<&Line<'a>> {
        self.fields().find(|line| line.field == field)
    }

    /// Every object of this name, however deep.
    pub(super) fn all(&self, name: &[u8]) -> Vec<&Self> {
        self.every().filter(|object| object.name == name).collect()
    }

    /// It, and every object in it, in the order of the file.
    pub(super) fn every(&self) -> impl Iterator<Item = &Self> {
        let mut todo = vec![self];
        std::iter::from_fn(move || {
            let object = todo.pop()?;
            todo.extend(object.objects().rev());
            Some(object)
        })
    }
}

fn close(open: &mut Vec<Object<'_>>, line: &Line<'_>) -> Result<(), XdtRefusal> {
    let closed = open.pop_if(|object| object.name == line.content && !object.name.is_empty());
    let (Some(closed), Some(outer)) = (closed, open.last_mut()) else {
        return Err(XdtRefusal::WrongEnd(line.position()));
    };
    outer.items.push(Item::Object(Box::new(closed)));
    Ok(())
}

fn ended<'a>(mut open: Vec<Object<'a>>, record: &Record<'_, '_>, line: &Line<'_>) -> Result<Object<'a>, XdtRefusal> {
    let code = record.lines.first().map_or(&b""[..], |first| first.content);
    let is_last = record.lines.last().is_some_and(|last| last.number == line.number);
    let whole = open.pop().filter(|_| open.is_empty() && line.content == code && is_last);
    whole.ok_or_else(|| XdtRefusal::WrongEnd(line.position()))
}

#[cfg(test)]
mod tests {
    use super::super::line::split;
    use super::super::record::records;
    use super::*;
    use crate::read::Warnings;

    fn of(lines: &[&str]) -> Result<(usize, usize), XdtRefusal> {
        let text: String = lines.iter().map(|line| format!("{:03}{line}\r\n", line.len() + 5)).collect();
        let lines = split(text.as_bytes(), &mut Warnings::default()).unwrap();
        let records = records(&lines, text.len()).unwrap();
        Object::of(&records[0]).map(|object| (object.fields().count(), object.every().count()))
    }

    #[test]
    fn objects_nest_and_end_by_name() {
        assert_eq!(of(&["80008205", "8145Patient", "8002Obj_0045", "30001", "8003Obj_0045", "80018205"]), Ok((1, 2)));
        assert_eq!(
            of(&["80008205", "8002Obj_0045", "8003Obj_0047", "80018205"]),
            Err(XdtRefusal::WrongEnd(Position::at_line(3)))
        );
        assert_eq!(of(&["80008205", "8003Obj_0047", "80018205"]), Err(XdtRefusal::WrongEnd(Position::at_line(2))));
        assert_eq!(of(&["80008205", "8002Obj_0045", "80018205"]), Err(XdtRefusal::WrongEnd(Position::at_line(3))));
        assert_eq!(of(&["80008205", "80018220"]), Err(XdtRefusal::WrongEnd(Position::at_line(2))));
        assert_eq!(
            of(&["80008205", "80018205", "84201"]),
            Err(XdtRefusal::WrongEnd(Position::at_line(2))),
            "nothing stands behind the end"
        );
        assert_eq!(of(&["80008205", "8002Obj_0045"]), Err(XdtRefusal::Truncated(Position::at_line(2))));
    }

    #[test]
    fn the_depth_has_an_end() {
        let nested = |depth: usize| {
            let mut lines = vec!["80008205"];
            lines.extend(vec!["8002Obj_0001"; depth]);
            lines.extend(vec!["8003Obj_0001"; depth]);
            lines.push("80018205");
            of(&lines)
        };
        assert_eq!(nested(16), Ok((0, 17)));
        assert_eq!(nested(17), Err(XdtRefusal::TooDeep(Position::at_line(18))));
    }
}
