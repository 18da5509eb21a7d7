use std::slice;

use lwm2m_codec::{Operations, ValueType};

use super::columns::{Columns, UrnForm};
use super::{CompactError, MAGIC, SEPARATOR};
use crate::definition::{ObjectDefinition, ResourceDefinition};
use crate::limits::{COMPACT_MAX, COMPACT_RESOURCES_MAX, COMPACT_TEXT_MAX};
use crate::registry::Registry;
use crate::version::ObjectVersion;

impl Registry {
    /// Reads the compact form.
    ///
    /// # Errors
    /// When the bytes are something else than [`Registry::to_bytes`] gives, or large beyond reason.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CompactError> {
        if bytes.len() > COMPACT_MAX {
            return Err(CompactError::new(format!("at most {COMPACT_MAX} bytes"), bytes.len()));
        }
        let record = bytes
            .strip_prefix(MAGIC)
            .ok_or_else(|| CompactError::new("bytes that begin with LwM2M-1", "something else"))?;
        let (columns, rest): (Columns, _) =
            postcard::take_from_bytes(record).map_err(|error| CompactError::new("whole columns", error))?;
        if !rest.is_empty() {
            return Err(CompactError::new("nothing behind the columns", format!("{} bytes", rest.len())));
        }
        if columns.uses.len() > COMPACT_RESOURCES_MAX {
            let expected = format!("at most {COMPACT_RESOURCES_MAX} resources");
            return Err(CompactError::new(expected, columns.uses.len()));
        }
        let mut texts = Texts::new(&columns);
        let resources = resources(&columns, &mut texts)?;
        let definitions = objects(&columns, &resources, &mut texts)?;
        Self::from_ascending(definitions)
            .ok_or_else(|| CompactError::new("objects and versions in ascending order", "another order"))
    }
}

fn resources(columns: &Columns, texts: &mut Texts) -> Result<Vec<ResourceDefinition>, CompactError> {
    let mut flags = Column::new("resource flags", &columns.resource_flags);
    let mut types = Column::new("types", &columns.types);
    let mut names = Column::new("resource names", &columns.resource_names);
    let mut ranges = Column::new("ranges", &columns.ranges);
    let mut units = Column::new("units", &columns.units);
    let mut resources = Vec::new();
    let mut id = 0_u16;
    for step in &columns.resource_ids {
        id = id.wrapping_add(*step);
        if id == u16::MAX {
            return Err(CompactError::new("resource ids from 0 to 65534", id));
        }
        let [read, write, execute, multiple, mandatory] = bits(flags.next()?)?;
        resources.push(ResourceDefinition {
            id,
            name: texts.name(names.next()?)?,
            operations: Operations { read, write, execute },
            multiple,
            mandatory,
            value_type: value_type(types.next()?)?,
            range: texts.word(ranges.next()?)?,
            units: texts.word(units.next()?)?,
            description: String::new(),
        });
    }
    flags.end().and(types.end()).and(names.end()).and(ranges.end()).and(units.end())?;
    Ok(resources)
}

fn objects(
    columns: &Columns,
    resources: &[ResourceDefinition],
    texts: &mut Texts,
) -> Result<Vec<ObjectDefinition>, CompactError> {
    let mut versions = Column::new("object versions", &columns.object_versions);
    let mut flags = Column::new("object flags", &columns.object_flags);
    let mut names = Column::new("object names", &columns.object_names);
    let mut lwm2m_versions = Column::new("LwM2M versions", &columns.lwm2m_versions);
    let mut licences = Column::new("licences", &columns.licences);
    let mut copyrights = Column::new("copyright notices", &columns.copyrights);
    let mut urns = Column::new("URNs", &columns.urns);
    let mut urn_forms = Column::new("URN forms", &columns.urn_forms);
    let mut counts = Column::new("resource counts", &columns.resource_counts);
    let mut uses = Uses { codes: Column::new("uses of resources", &columns.uses), resources, next: 0 };
    let mut objects = Vec::new();
    let mut id = 0_u16;
    for step in &columns.object_ids {
        id = id
            .checked_add(*step)
            .filter(|id| *id != u16::MAX)
            .ok_or_else(|| CompactError::new("object ids from 0 to 65534", "a larger one"))?;
        let (major, minor) = versions.next()?;
        let version = ObjectVersion { major, minor };
        let [multiple, mandatory, false, false, false] = bits(flags.next()?)? else {
            return Err(CompactError::new("two object flags", "more"));
        };
        let urn = texts.word(urns.next()?)?;
        objects.push(ObjectDefinition {
            id,
            name: texts.name(names.next()?)?,
            version,
            lwm2m_version: texts.word(lwm2m_versions.next()?)?,
            urn: match urn_form(urn_forms.next()?)? {
                UrnForm::Whole => urn,
                UrnForm::WithoutVersion => format!("urn:oma:lwm2m:{urn}:{id}"),
                UrnForm::WithVersion => format!("urn:oma:lwm2m:{urn}:{id}:{version}"),
            },
            multiple,
            mandatory,
            description: String::new(),
            description2: String::new(),
            licence: texts.word(licences.next()?)?,
            copyright: texts.word(copyrights.next()?)?,
            resources: uses.of_object(counts.next()?, texts)?,
        });
    }
    versions.end().and(flags.end()).and(names.end()).and(lwm2m_versions.end()).and(licences.end())?;
    copyrights.end().and(urns.end()).and(urn_forms.end()).and(counts.end()).and(uses.codes.end())?;
    Ok(objects)
}

/// Which resources objects have.
struct Uses<'a> {
    codes: Column<'a, u32>,
    resources: &'a [ResourceDefinition],
    next: usize,
}

impl Uses<'_> {
    fn of_object(&mut self, count: u16, texts: &mut Texts) -> Result<Vec<ResourceDefinition>, CompactError> {
        let mut own: Vec<ResourceDefinition> = Vec::new();
        for _ in 0..count {
            let position = position(self.codes.next()?, &mut self.next);
            let resource = position.and_then(|position| self.resources.get(position));
            let resource =
                resource.ok_or_else(|| CompactError::new("a use of a resource that is there", "another"))?;
            if own.last().is_some_and(|last| last.id >= resource.id) {
                return Err(CompactError::new("resources of an object in ascending order", resource.id));
            }
            texts.spend(resource.name.len() + resource.range.len() + resource.units.len())?;
            own.push(resource.clone());
        }
        Ok(own)
    }
}

/// The position that a code means: 0 the next one, n the one n before it.
fn position(code: u32, next: &mut usize) -> Option<usize> {
    if code > 0 {
        return next.checked_sub(usize::try_from(code).ok()?);
    }
    let position = *next;
    *next += 1;
    Some(position)
}

/// The tables of texts.
struct Texts<'a> {
    names: Vec<&'a str>,
    next_name: usize,
    words: Vec<&'a str>,
    /// Bytes that may still be handed out, so that a small file cannot become a large registry.
    left: usize,
}

impl<'a> Texts<'a> {
    fn new(columns: &Columns<'a>) -> Self {
        Self {
            names: columns.names.split(SEPARATOR).collect(),
            next_name: 0,
            words: columns.words.split(SEPARATOR).collect(),
            left: COMPACT_TEXT_MAX,
        }
    }

    fn name(&mut self, code: u32) -> Result<String, CompactError> {
        let name = position(code, &mut self.next_name).and_then(|position| self.names.get(position).copied());
        self.take(name.ok_or_else(|| CompactError::new("the code of a name that is there", code))?)
    }

    fn word(&mut self, position: u32) -> Result<String, CompactError> {
        let word = usize::try_from(position).ok().and_then(|position| self.words.get(position).copied());
        self.take(word.ok_or_else(|| CompactError::new("the position of a text that is there", position))?)
    }

    fn take(&mut self, text: &str) -> Result<String, CompactError> {
        self.spend(text.len())?;
        Ok(text.to_owned())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), CompactError> {
        let left = self.left.checked_sub(bytes);
        self.left = left
            .ok_or_else(|| CompactError::new(format!("texts of at most {COMPACT_TEXT_MAX} bytes"), "more"))?;
        Ok(())
    }
}

/// One column, read from top to bottom.
struct Column<'a, T> {
    name: &'static str,
    values: slice::Iter<'a, T>,
}

impl<'a, T: Copy> Column<'a, T> {
    fn new(name: &'static str, values: &'a [T]) -> Self {
        Self { name, values: values.iter() }
    }

    fn next(&mut self) -> Result<T, CompactError> {
        self.values
            .next()
            .copied()
            .ok_or_else(|| CompactError::new(format!("more {}", self.name), "their end"))
    }

    fn end(&self) -> Result<(), CompactError> {
        match self.values.len() {
            0 => Ok(()),
            more => Err(CompactError::new(format!("the end of the {}", self.name), format!("{more} more"))),
        }
    }
}

/// The five lowest bits, from the lowest.
fn bits(flags: u8) -> Result<[bool; 5], CompactError> {
    if flags >= 1 << 5 {
        return Err(CompactError::new("flags below 32", flags));
    }
    Ok([0, 1, 2, 3, 4].map(|bit| flags & (1 << bit) != 0))
}

fn value_type(code: u8) -> Result<Option<ValueType>, CompactError> {
    match usize::from(code).checked_sub(1) {
        None => Ok(None),
        Some(position) => match ValueType::ALL.get(position) {
            Some(value_type) => Ok(Some(*value_type)),
            None => Err(CompactError::new("types from 0 to 9", code)),
        },
    }
}

fn urn_form(code: u8) -> Result<UrnForm, CompactError> {
    let form = UrnForm::ALL.into_iter().find(|form| *form as u8 == code);
    form.ok_or_else(|| CompactError::new("forms of URNs from 0 to 2", code))
}
