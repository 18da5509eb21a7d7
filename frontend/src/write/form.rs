use lwm2m_codec::{ContentFormat, Node, Path, Record, encode, encode_node};
use lwm2m_model::{ObjectDefinition, ResourceDefinition};

use super::draft::{Draft, Payload, Problem};
use super::formats::Formats;
use super::text::Zone;
use crate::live::Content;

/// Values of several Resources, written with one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    pub(crate) kind: FormKind,
    /// The Object Instance, the Object of a Create, or the root.
    pub(crate) base: Path,
    pub(crate) lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FormKind {
    /// Write to an Object Instance. A Replace takes away what is not given.
    Write {
        replace: bool,
    },
    /// The id that the new Object Instance is to have; empty leaves it to the client.
    Create {
        id: String,
    },
    Composite,
}

/// One Resource of a form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) path: Path,
    pub(crate) definition: Option<ResourceDefinition>,
    /// It is part of what is sent.
    pub(crate) included: bool,
    pub(crate) draft: Draft,
    /// As it was filled in.
    original: Draft,
    /// A value was there.
    known: bool,
}

/// Why a form is no payload yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormProblem {
    /// Index of the line; none when it is about the whole.
    pub(crate) line: Option<usize>,
    pub(crate) message: String,
}

impl Line {
    fn new(
        path: Path,
        definition: Option<&ResourceDefinition>,
        current: Option<&Content>,
        zone: Zone,
    ) -> Self {
        let draft = Draft::new(&path, definition, current, zone);
        let known = current.is_some_and(|content| !matches!(content, Content::Undecodable(_)));
        let definition = definition.cloned();
        Self { path, definition, included: false, original: draft.clone(), draft, known }
    }

    pub(crate) fn is_mandatory(&self) -> bool {
        self.definition.as_ref().is_some_and(|definition| definition.mandatory)
    }

    /// What is typed counts as wanted.
    pub(crate) fn edit(&mut self, draft: Draft) {
        self.included |= draft.entries != self.draft.entries;
        self.draft = draft;
    }
}

impl Form {
    /// The writable Resources of an Object Instance with their values.
    pub(crate) fn write<'a>(
        base: Path,
        object: &ObjectDefinition,
        content: impl Fn(&Path) -> Option<&'a Content>,
        zone: Zone,
    ) -> Self {
        let writable = object.resources.iter().filter(|resource| resource.operations.write);
        let lines = writable.filter_map(|resource| {
            let path = base.child(resource.id)?;
            Some(Line::new(path, Some(resource), content(&path), zone))
        });
        Self { kind: FormKind::Write { replace: false }, base, lines: lines.collect() }
    }

    /// A new instance: what is mandatory is asked for, and comes first (LwM2M Core §6.3.6). What only the client
    /// writes is its own affair.
    pub(crate) fn create(object: &ObjectDefinition, zone: Zone) -> Self {
        let base = Path::object(object.id);
        let writable = object.resources.iter().filter(|resource| resource.operations.write);
        let mut lines: Vec<Line> = writable
            .map(|resource| {
                let path = Path::resource(object.id, NEW_INSTANCE, resource.id);
                let line = Line::new(path, Some(resource), None, zone);
                Line { included: resource.mandatory, ..line }
            })
            .collect();
        lines.sort_by_key(|line| !line.is_mandatory());
        Self { kind: FormKind::Create { id: String::new() }, base, lines }
    }

    /// Without a definition nothing can be asked for.
    pub(crate) fn create_unknown(object: u16) -> Self {
        let kind = FormKind::Create { id: String::new() };
        Self { kind, base: Path::object(object), lines: Vec::new() }
    }

    /// Values of chosen Resources and Resource Instances.
    pub(crate) fn composite<'a>(
        chosen: impl Iterator<Item = (Path, Option<&'a ResourceDefinition>, Option<&'a Content>)>,
        zone: Zone,
    ) -> Self {
        let line = |(path, definition, content)| {
            let line = Line::new(path, definition, content, zone);
            Line { included: true, ..line }
        };
        Self { kind: FormKind::Composite, base: Path::ROOT, lines: chosen.map(line).collect() }
    }

    /// A Replace starts with everything that is there, a Partial Update with what was changed.
    pub(crate) fn set_replace(&mut self, replace: bool) {
        self.kind = FormKind::Write { replace };
        for line in &mut self.lines {
            let changed = line.draft.entries != line.original.entries;
            line.included = changed || (replace && (line.known || line.is_mandatory()));
        }
    }

    /// Values that a Replace takes away.
    pub(crate) fn removed(&self) -> usize {
        let replaces = self.kind == FormKind::Write { replace: true };
        self.lines.iter().filter(|line| replaces && line.known && !line.included).count()
    }

    pub(crate) fn encode(
        &self,
        formats: &Formats,
        chosen: Option<ContentFormat>,
        zone: Zone,
    ) -> Result<Payload, FormProblem> {
        let mut given = Given::default();
        for (index, line) in self.lines.iter().enumerate().filter(|(_, line)| line.included) {
            let problem = |problem: Problem| FormProblem { line: Some(index), message: problem.message };
            let records = line.draft.records(&line.path, zone).map_err(problem)?;
            if records.is_empty() {
                given.empty.push(line.path);
            }
            given.records.extend(records);
        }
        self.payload(given, formats, chosen).map_err(|message| FormProblem { line: None, message })
    }

    fn payload(
        &self,
        given: Given,
        formats: &Formats,
        chosen: Option<ContentFormat>,
    ) -> Result<Payload, String> {
        let nothing = given.records.is_empty() && given.empty.is_empty();
        match &self.kind {
            FormKind::Write { replace: false } if nothing => Err("nothing is changed yet".into()),
            FormKind::Write { .. } => given.payload(chosen.unwrap_or(formats.of_several()), &self.base),
            FormKind::Composite if nothing => Err("nothing is chosen to be written".into()),
            FormKind::Composite => given.payload(chosen.unwrap_or(formats.of_composite()), &self.base),
            FormKind::Create { id } => self.new_instance(id, given, chosen.unwrap_or(formats.of_several())),
        }
    }

    fn new_instance(&self, id: &str, mut given: Given, format: ContentFormat) -> Result<Payload, String> {
        let object = self.base.object_id().unwrap_or_default();
        if id.trim().is_empty() {
            // Only TLV can leave the id to the client (LwM2M Core §7.4.5).
            return match format.canonical() {
                _ if given.records.is_empty() => Ok(Payload { format, bytes: Vec::new() }),
                ContentFormat::TLV => given.payload(format, &Path::instance(object, NEW_INSTANCE)),
                _ => {
                    Err(format!("in {format} the new instance needs an id; only TLV leaves it to the client"))
                }
            };
        }
        let id = id.trim().parse().ok().filter(|id| *id < u16::MAX);
        let id = id.ok_or("expected an Object Instance ID from 0 to 65534, or nothing")?;
        given.move_to(id);
        if given.records.is_empty() {
            given.empty.push(Path::instance(object, id));
            return given.payload(ContentFormat::TLV, &self.base);
        }
        given.payload(format, &self.base)
    }
}

/// Stands for the id of an instance that is not there yet.
const NEW_INSTANCE: u16 = 0;

/// What a form has to send.
#[derive(Default)]
struct Given {
    records: Vec<Record>,
    /// Multiple Resources without instances, which only TLV can say.
    empty: Vec<Path>,
}

impl Given {
    fn payload(self, format: ContentFormat, base: &Path) -> Result<Payload, String> {
        let bytes = if self.empty.is_empty() {
            encode(format, base, &self.records)
        } else {
            let mut node =
                Node::from_records(self.records).map_err(|path| format!("{path} has two values"))?;
            self.empty.iter().for_each(|path| node.insert_empty(path));
            encode_node(format, base, &node)
        };
        Ok(Payload { format, bytes: bytes.map_err(|error| error.to_string())? })
    }

    fn move_to(&mut self, instance: u16) {
        for record in &mut self.records {
            record.path = moved(&record.path, instance);
        }
        for path in &mut self.empty {
            *path = moved(path, instance);
        }
    }
}

fn moved(path: &Path, instance: u16) -> Path {
    let ids = path.ids().iter().enumerate();
    ids.fold(Path::ROOT, |moved, (position, id)| {
        moved.child(if position == 1 { instance } else { *id }).unwrap_or(moved)
    })
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::{Operations, Value, ValueType};

    use super::*;
    use crate::fleet::client;

    fn utc(_: i64) -> i32 {
        0
    }

    fn resource(id: u16, value_type: ValueType, multiple: bool, mandatory: bool) -> ResourceDefinition {
        ResourceDefinition {
            id,
            name: format!("resource {id}"),
            operations: Operations { read: true, write: true, execute: false },
            multiple,
            mandatory,
            value_type: Some(value_type),
            range: String::new(),
            units: String::new(),
            description: String::new(),
        }
    }

    fn object() -> ObjectDefinition {
        ObjectDefinition {
            id: 16,
            name: "Portfolio".into(),
            version: "1.0".parse().unwrap(),
            lwm2m_version: String::new(),
            urn: String::new(),
            multiple: true,
            mandatory: false,
            description: String::new(),
            description2: String::new(),
            licence: String::new(),
            copyright: String::new(),
            resources: vec![
                resource(0, ValueType::Integer, false, false),
                resource(1, ValueType::Integer, true, true),
            ],
        }
    }

    fn hex(form: &Form) -> String {
        let payload = form.encode(&Formats::of(&client("a", &[])), None, utc);
        console_api::hex_encode(&payload.map_err(|problem| problem.message).unwrap().bytes)
    }

    #[test]
    fn a_partial_update_sends_what_was_changed_and_a_replace_all() {
        let known = Content::Single(Value::Integer(7));
        let base = Path::instance(16, 0);
        let mut form =
            Form::write(base, &object(), |path| (path.resource_id() == Some(0)).then_some(&known), utc);
        let unchanged = form.encode(&Formats::of(&client("a", &[])), None, utc).unwrap_err();
        assert!(unchanged.message.contains("changed"));
        let mut typed = form.lines[1].draft.clone();
        typed.entries[0].text = "5".into();
        form.lines[1].edit(typed);
        assert_eq!(hex(&form), "8301410005");
        form.set_replace(true);
        assert_eq!((hex(&form).as_str(), form.removed()), ("c100078301410005", 0));
        form.lines[0].included = false;
        assert_eq!(form.removed(), 1);
        form.lines[1].draft.entries.clear();
        assert_eq!(hex(&form), "8001");
    }

    #[test]
    fn a_new_instance_has_an_id_or_leaves_it_to_the_client() {
        let mut form = Form::create(&object(), utc);
        assert_eq!((form.lines[0].path, form.lines[0].included), (Path::resource(16, 0, 1), true));
        assert!(!form.lines[1].included);
        assert_eq!(form.encode(&Formats::of(&client("a", &[])), None, utc).unwrap_err().line, Some(0));
        form.lines[0].draft.entries[0].text = "5".into();
        assert_eq!(hex(&form), "8301410005");
        let senml = form.encode(&Formats::of(&client("a", &[])), Some(ContentFormat::SENML_JSON), utc);
        assert!(senml.unwrap_err().message.contains("needs an id"));
        form.kind = FormKind::Create { id: "3".into() };
        assert_eq!(hex(&form), "05038301410005");
        form.lines[0].included = false;
        assert_eq!(hex(&form), "0003");
        form.kind = FormKind::Create { id: "65535".into() };
        assert!(form.encode(&Formats::of(&client("a", &[])), None, utc).is_err());
    }

    #[test]
    fn a_composite_names_every_value_by_its_whole_path() {
        let (path, definition) = (Path::resource(3, 0, 15), resource(15, ValueType::String, false, false));
        let utc_zone = Content::Single(Value::String("UTC".into()));
        let form = Form::composite(std::iter::once((path, Some(&definition), Some(&utc_zone))), utc);
        let formats = Formats::of(&client("a", &[]));
        let payload = form.encode(&formats, Some(ContentFormat::SENML_JSON), utc).unwrap();
        assert!(String::from_utf8(payload.bytes).unwrap().contains("UTC"));
        assert!(form.encode(&formats, Some(ContentFormat::TEXT), utc).is_err());
    }
}
