use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::attribute::{Attribute, AttributeClass};
use super::attribute_error::AttributeError;
use super::notification_attributes::NotificationAttributes;
use super::validity::{AttributeTarget, Violation};
use super::value::AttributeValue;
use crate::error::quoted;

/// The parameters of a Write-Attributes (LwM2M Core §6.3.4): what is set and what is unset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteAttributes {
    /// `None` unsets.
    changes: BTreeMap<Attribute, Option<AttributeValue>>,
    /// The parameter `cancel` of drafts before 1.0: the observations at and below the path end.
    pub cancel: bool,
}

impl WriteAttributes {
    /// Reads the Uri-Query options of a request.
    ///
    /// # Errors
    /// When a name is unknown, read-only or given twice, or a value is no value of its attribute.
    pub fn parse<'a>(queries: impl IntoIterator<Item = &'a str>) -> Result<Self, AttributeError> {
        let mut write = Self::default();
        for query in queries {
            let (name, value) = match query.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (query, None),
            };
            if query == "cancel" {
                write.cancel = true;
                continue;
            }
            let attribute =
                Attribute::from_name(name).ok_or_else(|| AttributeError::Unknown { got: quoted(query) })?;
            if attribute.class() != AttributeClass::Notification {
                return Err(AttributeError::ReadOnly { attribute });
            }
            // A name without a value unsets the attribute.
            let value = value.map(|text| AttributeValue::parse(attribute, text)).transpose()?;
            if write.changes.insert(attribute, value).is_some() {
                return Err(AttributeError::Duplicate { attribute });
            }
        }
        Ok(write)
    }

    /// Sets what `attributes` has and touches nothing else.
    #[must_use]
    pub fn setting(attributes: &NotificationAttributes) -> Self {
        let changes = attributes.iter().map(|(attribute, value)| (attribute, Some(value))).collect();
        Self { changes, cancel: false }
    }

    /// What makes `new` of `old`: only attributes that differ (LwM2M Core §6.3.4).
    #[must_use]
    pub fn between(old: &NotificationAttributes, new: &NotificationAttributes) -> Self {
        let differing =
            Attribute::ALL.into_iter().filter(|attribute| old.get(*attribute) != new.get(*attribute));
        Self { changes: differing.map(|attribute| (attribute, new.get(attribute))).collect(), cancel: false }
    }

    /// Unsets `attribute` as well. One of class properties cannot be written and is left out.
    #[must_use]
    pub fn unsetting(mut self, attribute: Attribute) -> Self {
        if attribute.class() == AttributeClass::Notification {
            self.changes.insert(attribute, None);
        }
        self
    }

    /// What is set (`Some`) and unset (`None`), in the order of the standard's table.
    pub fn iter(&self) -> impl Iterator<Item = (Attribute, Option<AttributeValue>)> + '_ {
        self.changes.iter().map(|(attribute, value)| (*attribute, *value))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.cancel
    }

    /// The Uri-Query options, `pmin=10` to set and `pmin` to unset. `cancel` is never sent: no released version of
    /// the standard has it.
    #[must_use]
    pub fn to_queries(&self) -> Vec<String> {
        self.iter()
            .map(|(attribute, value)| match value {
                Some(value) => format!("{attribute}={value}"),
                None => attribute.to_string(),
            })
            .collect()
    }
}

impl NotificationAttributes {
    /// What this set becomes when `write` is performed on a node. All of it or nothing.
    ///
    /// # Errors
    /// Everything that is wrong with the write or with the set it would lead to.
    pub fn apply(&self, write: &WriteAttributes, target: &AttributeTarget) -> Result<Self, Vec<Violation>> {
        let mut attributes = *self;
        let mut set = Self::default();
        for (attribute, value) in write.iter() {
            match value {
                Some(value) => {
                    attributes.set(attribute, value);
                    set.set(attribute, value);
                }
                // Taking away never breaks a rule, not even an attribute that cannot be here.
                None => attributes.unset(attribute),
            }
        }
        let mut violations = target.violations_of_each(&set);
        violations.extend(attributes.inconsistencies().into_iter().map(Violation::Inconsistent));
        if violations.is_empty() { Ok(attributes) } else { Err(violations) }
    }
}
