use std::collections::BTreeMap;

use lwm2m_codec::{Operations, ValueType};

use super::columns::{Columns, UrnForm};
use super::{CompactError, MAGIC, SEPARATOR};
use crate::definition::{ObjectDefinition, ResourceDefinition};
use crate::registry::Registry;

impl Registry {
    /// The compact form. Descriptions are left out.
    ///
    /// # Errors
    /// When a text has the character U+0000, or an object more than 65,535 resources.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CompactError> {
        let mut writer = Writer::default();
        self.definitions()
            .flat_map(|object| &object.resources)
            .for_each(|resource| writer.resource(resource));
        for object in self.definitions() {
            writer.object(object)?;
        }
        writer.finish()
    }
}

#[derive(Default)]
struct Writer<'a> {
    columns: Columns<'a>,
    names: Table<&'a str>,
    words: Table<&'a str>,
    resources: Table<Shared<'a>>,
    last_resource: u16,
    last_object: u16,
}

/// What makes two resources the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Shared<'a> {
    id: u16,
    name: &'a str,
    flags: u8,
    value_type: u8,
    range: &'a str,
    units: &'a str,
}

impl<'a> Writer<'a> {
    fn object(&mut self, object: &'a ObjectDefinition) -> Result<(), CompactError> {
        let count = u16::try_from(object.resources.len())
            .map_err(|_| CompactError::new("at most 65535 resources of an object", object.resources.len()))?;
        let (urn, form) = urn(object);
        let columns = &mut self.columns;
        columns.object_ids.push(object.id.saturating_sub(self.last_object));
        self.last_object = object.id;
        columns.object_versions.push((object.version.major, object.version.minor));
        columns.object_flags.push(u8::from(object.multiple) | u8::from(object.mandatory) << 1);
        columns.object_names.push(self.names.code(&object.name));
        columns.lwm2m_versions.push(self.words.position(&object.lwm2m_version));
        columns.licences.push(self.words.position(&object.licence));
        columns.copyrights.push(self.words.position(&object.copyright));
        columns.urns.push(self.words.position(urn));
        columns.urn_forms.push(form as u8);
        columns.resource_counts.push(count);
        Ok(())
    }

    fn resource(&mut self, resource: &'a ResourceDefinition) {
        let shared = Shared {
            id: resource.id,
            name: &resource.name,
            flags: flags(resource),
            value_type: value_type(resource.value_type),
            range: &resource.range,
            units: &resource.units,
        };
        let code = self.resources.code(shared);
        self.columns.uses.push(code);
        if code == 0 {
            let columns = &mut self.columns;
            columns.resource_ids.push(shared.id.wrapping_sub(self.last_resource));
            self.last_resource = shared.id;
            columns.resource_flags.push(shared.flags);
            columns.types.push(shared.value_type);
            columns.resource_names.push(self.names.code(shared.name));
            columns.ranges.push(self.words.position(shared.range));
            columns.units.push(self.words.position(shared.units));
        }
    }

    fn finish(self) -> Result<Vec<u8>, CompactError> {
        let (names, words) = (self.names.text()?, self.words.text()?);
        let columns = Columns { names: &names, words: &words, ..self.columns };
        postcard::to_extend(&columns, MAGIC.to_vec())
            .map_err(|error| CompactError::new("a registry that can be written", error))
    }
}

/// Things in the order of their first use.
struct Table<T> {
    positions: BTreeMap<T, u32>,
    order: Vec<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { positions: BTreeMap::new(), order: Vec::new() }
    }
}

impl<T: Copy + Ord> Table<T> {
    fn position(&mut self, thing: T) -> u32 {
        let next = self.len();
        *self.positions.entry(thing).or_insert_with(|| {
            self.order.push(thing);
            next
        })
    }

    /// 0: a new one; n: the one n before the next new one.
    fn code(&mut self, thing: T) -> u32 {
        let next = self.len();
        next - self.position(thing)
    }

    fn len(&self) -> u32 {
        u32::try_from(self.order.len()).unwrap_or(u32::MAX)
    }
}

impl Table<&str> {
    fn text(&self) -> Result<String, CompactError> {
        match self.order.iter().find(|text| text.contains(SEPARATOR)) {
            Some(text) => Err(CompactError::new("texts without U+0000", format!("{text:?}"))),
            None => Ok(self.order.join(&SEPARATOR.to_string())),
        }
    }
}

fn urn(object: &ObjectDefinition) -> (&str, UrnForm) {
    let class = object.urn.split(':').nth(3).unwrap_or_default();
    let short = format!("urn:oma:lwm2m:{class}:{}", object.id);
    if object.urn == short {
        (class, UrnForm::WithoutVersion)
    } else if object.urn == format!("{short}:{}", object.version) {
        (class, UrnForm::WithVersion)
    } else {
        (&object.urn, UrnForm::Whole)
    }
}

fn flags(resource: &ResourceDefinition) -> u8 {
    let Operations { read, write, execute } = resource.operations;
    let bits = [read, write, execute, resource.multiple, resource.mandatory];
    bits.into_iter().rev().fold(0, |flags, bit| flags << 1 | u8::from(bit))
}

fn value_type(value_type: Option<ValueType>) -> u8 {
    let position = ValueType::ALL.iter().position(|known| Some(*known) == value_type);
    position.and_then(|position| u8::try_from(position + 1).ok()).unwrap_or_default()
}
