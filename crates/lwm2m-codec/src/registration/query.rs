//! The query of Register and Update, sorted by parameter and checked for what both have in common.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::binding::Binding;
use super::parameter_error::ParameterError;
use super::version::{LwM2mVersion, VersionError};
use crate::error::quoted;
use crate::limits::{ENDPOINT_MAX, PARAMETER_MAX, PARAMETERS_MAX, PROFILE_IDS_MAX};

/// Parameters by name; the value is `None` for a flag (`Q`).
pub(super) struct Query<'a> {
    parameters: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Query<'a> {
    pub(super) fn parse(queries: impl Iterator<Item = &'a str>) -> Result<Self, ParameterError> {
        let mut parameters: Vec<(&str, Option<&str>)> = Vec::new();
        for query in queries {
            if parameters.len() == PARAMETERS_MAX {
                return Err(ParameterError::TooMany { max: PARAMETERS_MAX });
            }
            if query.len() > PARAMETER_MAX {
                return Err(ParameterError::TooLong { max: PARAMETER_MAX, got: query.len() });
            }
            let (name, value) = match query.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (query, None),
            };
            if name.is_empty() {
                return Err(ParameterError::Unnamed { got: quoted(query) });
            }
            // LwM2M Core 1.2 §6.2.1: only the profile may be given several times.
            if name != "pid" && parameters.iter().any(|(earlier, _)| *earlier == name) {
                return Err(ParameterError::Duplicate { name: quoted(name) });
            }
            parameters.push((name, value));
        }
        Ok(Self { parameters })
    }

    /// The value of a parameter that is not a flag.
    fn value(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(own, _)| *own == name).map(|(_, value)| value.unwrap_or_default())
    }

    pub(super) fn endpoint(&self) -> Result<Option<String>, ParameterError> {
        let expected = "a name of 1 to 255 bytes without control characters";
        self.text("ep", expected, ENDPOINT_MAX)
    }

    /// An MSISDN, since 1.2 also an external identifier; anything printable is kept as it is.
    pub(super) fn sms_number(&self) -> Result<Option<String>, ParameterError> {
        self.text("sms", "a number without control characters", PARAMETER_MAX)
    }

    fn text(
        &self,
        name: &'static str,
        expected: &'static str,
        max: usize,
    ) -> Result<Option<String>, ParameterError> {
        let Some(value) = self.value(name) else { return Ok(None) };
        if value.is_empty() || value.len() > max || value.chars().any(char::is_control) {
            return Err(ParameterError::Malformed { name, expected, got: quoted(value) });
        }
        Ok(Some(value.to_string()))
    }

    pub(super) fn lifetime_s(&self) -> Result<Option<u32>, ParameterError> {
        let Some(value) = self.value("lt") else { return Ok(None) };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        match value.parse::<u32>() {
            Ok(lifetime_s) if digits && lifetime_s > 0 => Ok(Some(lifetime_s)),
            _ => {
                let expected = "seconds from 1 to 4294967295";
                Err(ParameterError::Malformed { name: "lt", expected, got: quoted(value) })
            }
        }
    }

    pub(super) fn version(&self) -> Result<Option<LwM2mVersion>, ParameterError> {
        let Some(value) = self.value("lwm2m") else { return Ok(None) };
        value.parse().map(Some).map_err(|error| match error {
            VersionError::Unsupported => ParameterError::UnsupportedVersion { got: quoted(value) },
            VersionError::Malformed => {
                ParameterError::Malformed { name: "lwm2m", expected: "major.minor", got: quoted(value) }
            }
        })
    }

    pub(super) fn binding(&self, version: LwM2mVersion) -> Result<Option<Binding>, ParameterError> {
        self.value("b").map(|letters| Binding::parse(letters, version)).transpose()
    }

    /// A flag without a value; the spelled-out forms occur in practice.
    pub(super) fn queue_mode(&self) -> Result<Option<bool>, ParameterError> {
        match self.value("Q") {
            None => Ok(None),
            Some("" | "true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(other) => {
                let expected = "no value, true or false";
                Err(ParameterError::Malformed { name: "Q", expected, got: quoted(other) })
            }
        }
    }

    /// All profiles: the parameter may be repeated, and may hold a list with commas, in quotes or not.
    pub(super) fn profile_ids(&self) -> Result<Vec<String>, ParameterError> {
        let mut profile_ids = Vec::new();
        for (_, value) in self.parameters.iter().filter(|(name, _)| *name == "pid") {
            let value = value.unwrap_or_default();
            let list = value.strip_prefix('"').and_then(|list| list.strip_suffix('"')).unwrap_or(value);
            for profile_id in list.split(',').map(str::trim) {
                if profile_id.is_empty() || profile_id.chars().any(|c| c.is_control() || c == '"') {
                    let expected = "profile identifiers separated by commas";
                    return Err(ParameterError::Malformed { name: "pid", expected, got: quoted(value) });
                }
                if profile_ids.len() == PROFILE_IDS_MAX {
                    return Err(ParameterError::TooMany { max: PROFILE_IDS_MAX });
                }
                profile_ids.push(profile_id.to_string());
            }
        }
        Ok(profile_ids)
    }

    /// What the standard does not know, kept as it came.
    pub(super) fn additional(&self) -> Vec<(String, Option<String>)> {
        let known = ["ep", "lt", "lwm2m", "b", "Q", "sms", "pid"];
        let unknown = self.parameters.iter().filter(|(name, _)| !known.contains(name));
        unknown.map(|(name, value)| (name.to_string(), value.map(ToString::to_string))).collect()
    }
}

/// `name=value`, or the name of a flag.
pub(super) fn query((name, value): &(String, Option<String>)) -> String {
    match value {
        Some(value) => format!("{name}={value}"),
        None => name.clone(),
    }
}
