use lwm2m_codec::{ContentFormat, Level, Node, Path, Record, Value, ValueType, encode, encode_node};
use lwm2m_model::{Range, ResourceDefinition};

use super::range;
use super::text::{Notation, Zone, from_input, to_input};
use crate::live::Content;

/// What is typed for one Resource or Resource Instance. It stays when a Write fails.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draft {
    pub(crate) value_type: ValueType,
    /// The registry says the type; otherwise the operator does.
    pub(crate) defined: bool,
    pub(crate) multiple: bool,
    pub(crate) notation: Notation,
    /// Of a multiple Resource: instances that are not given stay.
    pub(crate) partial: bool,
    pub(crate) entries: Vec<Entry>,
}

/// One value; a multiple Resource has any number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Entry {
    /// Resource Instance ID; empty for a single value.
    pub(crate) id: String,
    pub(crate) text: String,
}

/// What goes to the device.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Payload {
    pub(crate) format: ContentFormat,
    pub(crate) bytes: Vec<u8>,
}

/// Why a draft is no payload yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Index of the entry.
    pub(crate) entry: usize,
    pub(crate) message: String,
}

impl Draft {
    /// A form with the current value filled in.
    pub(crate) fn new(
        path: &Path,
        definition: Option<&ResourceDefinition>,
        current: Option<&Content>,
        zone: Zone,
    ) -> Self {
        let known = definition.and_then(|definition| definition.value_type);
        let seen = match current {
            Some(Content::Single(value)) => value.value_type(),
            Some(Content::Multiple(values)) => values.iter().find_map(|(_, value)| value.value_type()),
            _ => None,
        };
        let multiple = path.level() == Level::Resource
            && (definition.is_some_and(|definition| definition.multiple)
                || current.is_some_and(|content| content.instances().is_some()));
        let notation = Notation::default();
        let entries = match current {
            Some(Content::Multiple(values)) => values
                .iter()
                .map(|(id, value)| Entry { id: id.to_string(), text: to_input(value, notation, zone) })
                .collect(),
            Some(Content::Single(value)) => {
                vec![Entry { id: String::new(), text: to_input(value, notation, zone) }]
            }
            _ if multiple => vec![Entry { id: "0".into(), text: String::new() }],
            _ => vec![Entry::default()],
        };
        // Raw bytes are shown as bytes: nobody knows what else they are.
        let raw = current.is_some_and(|content| matches!(content, Content::Single(Value::Raw(_))));
        let fallback = if raw { ValueType::Opaque } else { ValueType::String };
        Self {
            value_type: known.or(seen).unwrap_or(fallback),
            defined: known.is_some(),
            multiple,
            notation,
            partial: false,
            entries,
        }
    }

    /// The smallest Resource Instance ID that is free.
    pub(crate) fn add_entry(&mut self) {
        let taken: Vec<u16> = self.entries.iter().filter_map(|entry| entry.id.trim().parse().ok()).collect();
        let id = (0..u16::MAX).find(|id| !taken.contains(id)).unwrap_or_default();
        self.entries.push(Entry { id: id.to_string(), text: String::new() });
    }

    /// The same bytes in another notation. What cannot be read stays as it is, and so does everything when there
    /// are bytes that are no text.
    pub(crate) fn renotate(&mut self, notation: Notation, zone: Zone) {
        let read = |entry: &Entry| from_input(ValueType::Opaque, &entry.text, self.notation, zone).ok();
        let is_text = |value: &Value| match value {
            Value::Opaque(bytes) => std::str::from_utf8(bytes).is_ok(),
            _ => true,
        };
        let values: Vec<Option<Value>> = self.entries.iter().map(read).collect();
        if notation == Notation::Text && !values.iter().flatten().all(is_text) {
            return;
        }
        for (entry, value) in self.entries.iter_mut().zip(values) {
            if let Some(value) = value {
                entry.text = to_input(&value, notation, zone);
            }
        }
        self.notation = notation;
    }

    /// In the `chosen` Content-Format; by default text for a single value, opaque for bytes, and for a multiple
    /// Resource the one that the client takes for `several` values.
    pub(crate) fn encode(
        &self,
        path: &Path,
        (chosen, several): (Option<ContentFormat>, ContentFormat),
        zone: Zone,
    ) -> Result<Payload, Problem> {
        let records = self.records(path, zone)?;
        let usual = match (self.multiple, self.value_type) {
            (true, _) => several,
            (false, ValueType::Opaque) => ContentFormat::OPAQUE,
            (false, _) => ContentFormat::TEXT,
        };
        let format = chosen.unwrap_or(usual);
        let bytes = if records.is_empty() {
            let mut none = Node::default();
            none.insert_empty(path);
            encode_node(format, path, &none)
        } else {
            encode(format, path, &records)
        };
        let bytes = bytes.map_err(|error| Problem { entry: 0, message: error.to_string() })?;
        Ok(Payload { format, bytes })
    }

    pub(crate) fn records(&self, path: &Path, zone: Zone) -> Result<Vec<Record>, Problem> {
        let mut records: Vec<Record> = Vec::with_capacity(self.entries.len());
        for (index, entry) in self.entries.iter().enumerate() {
            let problem = |message: String| Problem { entry: index, message };
            let value = from_input(self.value_type, &entry.text, self.notation, zone).map_err(problem)?;
            let path = if self.multiple { instance(path, &entry.id).map_err(problem)? } else { *path };
            if records.iter().any(|record| record.path == path) {
                return Err(problem(format!("Resource Instance {} is there twice", entry.id)));
            }
            records.push(Record::new(path, value));
        }
        Ok(records)
    }

    /// A remark about the definition's range, for the first entry outside of it.
    pub(crate) fn remark(&self, range: Range, zone: Zone) -> Option<String> {
        let values = self
            .entries
            .iter()
            .filter_map(|entry| from_input(self.value_type, &entry.text, self.notation, zone).ok());
        values.into_iter().find_map(|value| range::remark(range, &value))
    }
}

fn instance(resource: &Path, id: &str) -> Result<Path, String> {
    let id = id.trim();
    let wrong = || format!("expected a Resource Instance ID from 0 to 65534, got “{id}”");
    let number = id.parse().ok().filter(|id| *id < u16::MAX).ok_or_else(wrong)?;
    resource.child(number).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::Operations;

    use super::*;

    const PATH: Path = Path::resource(3, 0, 6);

    const USUAL: (Option<ContentFormat>, ContentFormat) = (None, ContentFormat::TLV);

    fn utc(_: i64) -> i32 {
        0
    }

    fn definition(value_type: ValueType, multiple: bool) -> ResourceDefinition {
        ResourceDefinition {
            id: 6,
            name: "x".into(),
            operations: Operations { read: true, write: true, execute: false },
            multiple,
            mandatory: false,
            value_type: Some(value_type),
            range: String::new(),
            units: String::new(),
            description: String::new(),
        }
    }

    #[test]
    fn a_single_value_goes_as_text_and_bytes_as_opaque() {
        let current = Content::Single(Value::Integer(7));
        let mut draft = Draft::new(&PATH, Some(&definition(ValueType::Integer, false)), Some(&current), utc);
        assert_eq!(draft.entries[0].text, "7");
        draft.entries[0].text = "8".into();
        let payload = draft.encode(&PATH, USUAL, utc).unwrap();
        assert_eq!((payload.format, payload.bytes.as_slice()), (ContentFormat::TEXT, b"8".as_slice()));
        draft.entries[0].text = "8x".into();
        assert_eq!(draft.encode(&PATH, USUAL, utc).unwrap_err().entry, 0);

        let mut draft = Draft::new(&PATH, Some(&definition(ValueType::Opaque, false)), None, utc);
        draft.entries[0].text = "0a0b".into();
        draft.renotate(Notation::Base64, utc);
        assert_eq!(draft.entries[0].text, "Cgs=");
        draft.renotate(Notation::Text, utc);
        assert_eq!(draft.entries[0].text, "\n\u{b}");
        draft.renotate(Notation::Hex, utc);
        draft.entries[0].text = "ff".into();
        draft.renotate(Notation::Text, utc);
        assert_eq!(draft.notation, Notation::Hex, "no text");
        draft.entries[0].text = "0a0b".into();
        let payload = draft.encode(&PATH, USUAL, utc).unwrap();
        assert_eq!((payload.format, payload.bytes.as_slice()), (ContentFormat::OPAQUE, [10, 11].as_slice()));
    }

    #[test]
    fn a_multiple_resource_goes_as_tlv() {
        let current = Content::Multiple(vec![(0, Value::Integer(5)), (2, Value::Integer(7))]);
        let mut draft = Draft::new(&PATH, Some(&definition(ValueType::Integer, true)), Some(&current), utc);
        assert_eq!(draft.encode(&PATH, USUAL, utc).unwrap().bytes, [0x86, 6, 0x41, 0, 5, 0x41, 2, 7]);
        draft.add_entry();
        assert_eq!(draft.entries[2].id, "1");
        assert_eq!(draft.encode(&PATH, USUAL, utc).unwrap_err().entry, 2);
        draft.entries[2] = Entry { id: "2".into(), text: "1".into() };
        assert!(draft.encode(&PATH, USUAL, utc).unwrap_err().message.contains("twice"));
        draft.entries[2].id = "65535".into();
        assert!(draft.encode(&PATH, USUAL, utc).is_err());
        draft.entries.clear();
        assert!(draft.encode(&PATH, USUAL, utc).is_ok(), "no instance is a value, too");
    }

    #[test]
    fn without_a_definition_the_operator_chooses() {
        let draft = Draft::new(&PATH, None, Some(&Content::Single(Value::Raw([1].into()))), utc);
        assert_eq!((draft.value_type, draft.defined), (ValueType::Opaque, false));
        assert_eq!(draft.entries[0].text, "01");
        let draft = Draft::new(&PATH, None, None, utc);
        assert_eq!((draft.value_type, draft.multiple), (ValueType::String, false));
    }

    #[test]
    fn the_range_is_a_remark() {
        let mut draft = Draft::new(&PATH, Some(&definition(ValueType::Integer, false)), None, utc);
        let range = Range::Integers { low: 0, high: 100 };
        draft.entries[0].text = "101".into();
        assert!(draft.remark(range, utc).is_some() && draft.encode(&PATH, USUAL, utc).is_ok());
        draft.entries[0].text = "x".into();
        assert_eq!(draft.remark(range, utc), None);
    }
}
