use std::sync::Arc;

use lwm2m_codec::{ObjectLink, Path, Value, ValueType};
use lwm2m_core::client::{ObjectTree, Template, TreeError};
use lwm2m_model::{ObjectDefinition, Range, Registry, ResourceDefinition};

use super::{Behaviour, Moment, Values, insert_all, whole};
use crate::{
    dice::Dice,
    signal::{self, Wander},
};

/// Any object of the registry, with values that its definition allows. Those that only the device sets move.
#[derive(Debug)]
pub(crate) struct RegistryObject {
    executable: Vec<Path>,
    constant: Values,
    moving: Vec<Moving>,
}

/// A number that wanders, or a time that is now.
#[derive(Debug)]
struct Moving {
    path: Path,
    value_type: ValueType,
    low: f64,
    high: f64,
    wander: Wander,
}

/// Where a definition sets no limits.
const DEFAULT_RANGE: (f64, f64) = (0.0, 100.0);
/// Instances of a multiple resource.
const RESOURCE_INSTANCES: u16 = 2;

impl RegistryObject {
    pub(crate) fn new(dice: &mut Dice, definition: &ObjectDefinition) -> Self {
        let mut object = Self { executable: Vec::new(), constant: Values::new(), moving: Vec::new() };
        for resource in &definition.resources {
            let path = Path::resource(definition.id, 0, resource.id);
            let Some(value_type) = resource.value_type else {
                object.executable.push(path);
                continue;
            };
            let instances = (0..RESOURCE_INSTANCES).filter_map(|id| path.child(id));
            let paths: Vec<Path> = if resource.multiple { instances.collect() } else { vec![path] };
            for path in paths {
                if resource.operations.write {
                    object.constant.push((path, initial(dice, resource, value_type)));
                } else {
                    object.add_read_only(dice, path, resource, value_type);
                }
            }
        }
        object
    }

    /// What a server creates further instances from, where the object may have several. They keep their first values.
    pub(crate) fn template(
        &self,
        registry: &Registry,
        definition: &ObjectDefinition,
    ) -> Result<Option<Arc<Template>>, TreeError> {
        if !definition.multiple {
            return Ok(None);
        }
        let executable = self.executable.iter().filter_map(Path::resource_id);
        Template::new(registry, definition.id, self.values(), executable).map(Arc::new).map(Some)
    }

    fn values(&self) -> impl Iterator<Item = (Path, Value)> + '_ {
        let moving = self.moving.iter().map(|moving| (moving.path, moving.at(0.0)));
        self.constant.iter().cloned().chain(moving)
    }

    fn add_read_only(
        &mut self,
        dice: &mut Dice,
        path: Path,
        resource: &ResourceDefinition,
        value_type: ValueType,
    ) {
        let moves = matches!(
            value_type,
            ValueType::Integer | ValueType::Unsigned | ValueType::Float | ValueType::Time
        );
        if moves {
            let (low, high) = bounds(resource);
            let wander = Wander::new(dice, 1.0, 600.0);
            self.moving.push(Moving { path, value_type, low, high, wander });
        } else {
            self.constant.push((path, initial(dice, resource, value_type)));
        }
    }
}

impl Behaviour for RegistryObject {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        insert_all(tree, self.values())?;
        self.executable.iter().try_for_each(|path| tree.insert_executable(*path))
    }

    fn advance(&mut self, moment: Moment) -> Values {
        self.moving.iter().map(|moving| (moving.path, moving.at(moment.unix_s))).collect()
    }
}

impl Moving {
    fn at(&self, unix_s: f64) -> Value {
        let share = (1.0 + self.wander.at(unix_s)) / 2.0;
        let number = self.low + (self.high - self.low) * share;
        let positive = u64::try_from(whole(number)).unwrap_or(0);
        match self.value_type {
            ValueType::Float => Value::Float(signal::round(number, 0.001).clamp(self.low, self.high)),
            ValueType::Unsigned => Value::Unsigned(positive),
            ValueType::Time => Value::Time(whole(unix_s.floor())),
            _ => Value::Integer(whole(number)),
        }
    }
}

/// A value to begin with.
fn initial(dice: &mut Dice, resource: &ResourceDefinition, value_type: ValueType) -> Value {
    let (low, high) = bounds(resource);
    let number = whole(dice.between(low, high));
    match value_type {
        ValueType::String => Value::string(fitting(resource, &resource.name)),
        ValueType::CoreLink => Value::CoreLink(fitting(resource, "</3/0>").into()),
        ValueType::Integer => Value::Integer(number),
        ValueType::Unsigned => Value::Unsigned(u64::try_from(number).unwrap_or(0)),
        ValueType::Float => Value::Float(signal::round(dice.between(low, high), 0.001).clamp(low, high)),
        ValueType::Boolean => Value::Boolean(dice.below(2) == 0),
        ValueType::Time => Value::Time(0),
        ValueType::Opaque => {
            let length = fitting(resource, "4444").len();
            Value::opaque(dice.bytes().into_iter().cycle().take(length).collect::<Vec<u8>>())
        }
        ValueType::ObjectLink => Value::ObjectLink(ObjectLink { object: 3, instance: 0 }),
    }
}

/// A text cut or filled up to a length that the definition allows.
fn fitting(resource: &ResourceDefinition, text: &str) -> String {
    let Some(Range::Length { low, high }) = resource.value_range() else { return text.to_owned() };
    let [low, high] = [low, high].map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let ascii = text.chars().filter(char::is_ascii).chain(std::iter::repeat('x'));
    ascii.take(text.len().clamp(low.min(MOST_BYTES), high)).collect()
}

/// However long a definition wants a text to be.
const MOST_BYTES: usize = 1024;
/// However large a definition lets a number be; such a range is that of its type and means nothing.
const MOST: f64 = 1e9;

fn bounds(resource: &ResourceDefinition) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "what is that large is cut anyway")]
    let (low, high) = match resource.value_range() {
        Some(Range::Integers { low, high }) => (low as f64, high as f64),
        Some(Range::Decimals { low, high }) => (low, high),
        _ => DEFAULT_RANGE,
    };
    (low.max(-MOST).min(high), high.min(MOST).max(low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::registry;

    #[test]
    fn every_object_of_the_registry_can_be_simulated() {
        let registry = registry();
        for definition in registry.objects() {
            let mut object = RegistryObject::new(&mut Dice::new(1, definition.id.into()), definition);
            let mut tree = ObjectTree::new(registry.clone());
            // Both check every value against its definition.
            object.insert_into(&mut tree).unwrap_or_else(|error| panic!("{} {error}", definition.name));
            object
                .template(&registry, definition)
                .unwrap_or_else(|error| panic!("{} {error}", definition.name));
            for hour in 1..4 {
                let moment = Moment { unix_s: 1_760_000_000.0 + 3600.0 * f64::from(hour), elapsed_s: 3600.0 };
                for (path, value) in object.advance(moment) {
                    tree.set(path, value).unwrap_or_else(|error| panic!("{} {error}", definition.name));
                }
            }
        }
    }

    #[test]
    fn what_only_the_device_sets_moves() {
        let registry = registry();
        let temperature = registry.object(3303).unwrap();
        let mut object = RegistryObject::new(&mut Dice::new(1, 1), temperature);
        let value = |values: &Values| {
            let wanted = Path::resource(3303, 0, 5700);
            values.iter().find(|(path, _)| *path == wanted).map(|(_, value)| value.clone())
        };
        let first = value(&object.advance(Moment { unix_s: 0.0, elapsed_s: 0.0 }));
        let second = value(&object.advance(Moment { unix_s: 60.0, elapsed_s: 60.0 }));
        assert!(first.is_some() && first != second);
    }
}
