use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::attribute::Attribute;
use super::attribute_error::AttributeError;
use super::notification_attributes::NotificationAttributes;
use super::value::AttributeValue;
use crate::error::quoted;
use crate::registration::is_number;

/// The attributes of one link of a Discover answer (LwM2M Core §6.3.2).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkAttributes {
    /// Those that are attached to the node or, where the answer shows it, inherited by it.
    pub notification: NotificationAttributes,
    /// Dimension: how many instances a multiple resource has.
    pub dim: Option<u8>,
    /// The server account that an instance belongs to.
    pub ssid: Option<u16>,
    /// The server an instance of the Security object points to.
    pub uri: Option<String>,
    /// The version of an object, `major.minor`.
    pub ver: Option<String>,
    /// The version of the enabler, `major.minor`.
    pub lwm2m: Option<String>,
    /// What the standard does not know, kept as it came.
    pub additional: Vec<(String, Option<String>)>,
}

impl LinkAttributes {
    /// Reads the attributes of a link. Whatever cannot be read is told and left out: a client that errs in one
    /// attribute is still worth listening to in the others.
    #[must_use]
    pub fn parse(attributes: &[(String, Option<String>)]) -> (Self, Vec<AttributeError>) {
        let mut read = Self::default();
        let mut errors = Vec::new();
        for (name, value) in attributes {
            match Attribute::from_name(name) {
                None => read.additional.push((name.clone(), value.clone())),
                Some(attribute) => errors.extend(read.read(attribute, value.as_deref()).err()),
            }
        }
        (read, errors)
    }

    fn read(&mut self, attribute: Attribute, value: Option<&str>) -> Result<(), AttributeError> {
        let expected = AttributeValue::expected(attribute);
        let text = value.ok_or(AttributeError::NoValue { attribute, expected })?;
        let malformed = || AttributeError::Malformed { attribute, expected, got: quoted(text) };
        match attribute {
            Attribute::Dim => self.dim = Some(decimal(text).ok_or_else(malformed)?),
            Attribute::Ssid => {
                let ssid = decimal(text).filter(|ssid| (1..=65534).contains(ssid));
                self.ssid = Some(ssid.ok_or_else(malformed)?);
            }
            Attribute::Uri => self.uri = Some(text.to_string()),
            Attribute::Ver => self.ver = Some(version(text).ok_or_else(malformed)?),
            Attribute::Lwm2m => self.lwm2m = Some(version(text).ok_or_else(malformed)?),
            _ => self.notification.set(attribute, AttributeValue::parse(attribute, text)?),
        }
        Ok(())
    }

    /// The attributes for a link, properties first as in the examples of the standard.
    #[must_use]
    pub fn to_link(&self) -> Vec<(String, Option<String>)> {
        let properties = [
            (Attribute::Lwm2m, self.lwm2m.clone()),
            (Attribute::Ver, self.ver.clone()),
            (Attribute::Ssid, self.ssid.map(|ssid| ssid.to_string())),
            (Attribute::Uri, self.uri.clone()),
            (Attribute::Dim, self.dim.map(|dim| dim.to_string())),
        ];
        let properties = properties.into_iter().filter_map(|(attribute, text)| Some((attribute, text?)));
        let notification = self.notification.iter().map(|(attribute, value)| (attribute, value.to_text()));
        let known =
            properties.chain(notification).map(|(attribute, text)| (attribute.to_string(), Some(text)));
        known.chain(self.additional.iter().cloned()).collect()
    }
}

fn decimal<T: core::str::FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn version(text: &str) -> Option<String> {
    let (major, minor) = text.split_once('.')?;
    (is_number(major) && is_number(minor)).then(|| text.to_string())
}
