use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::binding::Binding;
use super::parameter_error::ParameterError;
use super::query::{Query, query};
use super::version::LwM2mVersion;
use crate::limits::DEFAULT_LIFETIME_S;

/// The parameters of Register (LwM2M Core §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterParameters {
    /// Required in 1.0; later the identity of the security layer may stand in for it.
    pub endpoint: Option<String>,
    pub lifetime_s: u32,
    pub version: LwM2mVersion,
    pub binding: Binding,
    pub queue_mode: bool,
    pub sms_number: Option<String>,
    pub profile_ids: Vec<String>,
    /// Parameters the standard does not know.
    pub additional: Vec<(String, Option<String>)>,
}

/// What a client means that gives no parameter at all.
impl Default for RegisterParameters {
    fn default() -> Self {
        Self {
            endpoint: None,
            lifetime_s: DEFAULT_LIFETIME_S,
            version: LwM2mVersion::default(),
            binding: Binding::default(),
            queue_mode: false,
            sms_number: None,
            profile_ids: Vec::new(),
            additional: Vec::new(),
        }
    }
}

impl RegisterParameters {
    /// Reads the Uri-Query options, one `name=value` each, in any order.
    ///
    /// # Errors
    /// When a parameter is malformed, given twice, or names a version that we do not speak.
    pub fn parse<'a>(queries: impl Iterator<Item = &'a str>) -> Result<Self, ParameterError> {
        let query = Query::parse(queries)?;
        // A version that we do not speak may have other rules for everything else, so it is looked at first.
        let version = query.version()?.unwrap_or_default();
        let binding = query.binding(version)?.unwrap_or_default();
        Ok(Self {
            endpoint: query.endpoint()?,
            lifetime_s: query.lifetime_s()?.unwrap_or(DEFAULT_LIFETIME_S),
            version,
            queue_mode: query.queue_mode()?.unwrap_or_default() || binding.queue_mode(),
            binding,
            sms_number: query.sms_number()?,
            profile_ids: query.profile_ids()?,
            additional: query.additional(),
        })
    }

    /// The Uri-Query options of a client. Queue mode is a letter of the binding in 1.0 and a flag later.
    #[must_use]
    pub fn write(&self) -> Vec<String> {
        let mut queries = Vec::new();
        queries.extend(self.endpoint.as_ref().map(|endpoint| format!("ep={endpoint}")));
        queries.push(format!("lt={}", self.lifetime_s));
        queries.push(format!("lwm2m={}", self.version));
        queries.extend(written_binding(Some(&self.binding), Some(self.queue_mode), self.version));
        queries.extend(self.sms_number.as_ref().map(|number| format!("sms={number}")));
        queries.extend(self.profile_ids.iter().map(|profile_id| format!("pid={profile_id}")));
        queries.extend(self.additional.iter().map(query));
        queries
    }
}

/// The parameters of Update (LwM2M Core §6.2.2): what has changed. None at all keeps the registration alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateParameters {
    pub lifetime_s: Option<u32>,
    pub binding: Option<Binding>,
    pub queue_mode: Option<bool>,
    pub sms_number: Option<String>,
    pub profile_ids: Vec<String>,
    /// Not a parameter of Update; given so that it can be compared with the registration.
    pub endpoint: Option<String>,
    /// Not a parameter of Update; given so that it can be compared with the registration.
    pub version: Option<LwM2mVersion>,
    /// Parameters the standard does not know.
    pub additional: Vec<(String, Option<String>)>,
}

impl UpdateParameters {
    /// Reads the Uri-Query options by the rules of the version that was registered.
    ///
    /// # Errors
    /// When a parameter is malformed or given twice.
    pub fn parse<'a>(
        queries: impl Iterator<Item = &'a str>,
        version: LwM2mVersion,
    ) -> Result<Self, ParameterError> {
        let query = Query::parse(queries)?;
        let binding = query.binding(version)?;
        let queue_mode = match (query.queue_mode()?, &binding) {
            (flag, Some(binding)) if binding.queue_mode() || version == LwM2mVersion::V1_0 => {
                Some(binding.queue_mode() || flag == Some(true))
            }
            (flag, _) => flag,
        };
        Ok(Self {
            lifetime_s: query.lifetime_s()?,
            binding,
            queue_mode,
            sms_number: query.sms_number()?,
            profile_ids: query.profile_ids()?,
            endpoint: query.endpoint()?,
            version: query.version()?,
            additional: query.additional(),
        })
    }

    /// The Uri-Query options of a client that registered with `version`. Endpoint and version are not sent.
    #[must_use]
    pub fn write(&self, version: LwM2mVersion) -> Vec<String> {
        let mut queries = Vec::new();
        queries.extend(self.lifetime_s.map(|lifetime_s| format!("lt={lifetime_s}")));
        queries.extend(written_binding(self.binding.as_ref(), self.queue_mode, version));
        queries.extend(self.sms_number.as_ref().map(|number| format!("sms={number}")));
        queries.extend(self.profile_ids.iter().map(|profile_id| format!("pid={profile_id}")));
        queries.extend(self.additional.iter().map(query));
        queries
    }
}

/// The binding, and queue mode in the way of the version.
fn written_binding(
    binding: Option<&Binding>,
    queue_mode: Option<bool>,
    version: LwM2mVersion,
) -> Vec<String> {
    let mut queries = Vec::new();
    match binding {
        Some(binding) if version == LwM2mVersion::V1_0 && queue_mode == Some(true) => {
            queries.push(format!("b={}", binding.with_queue_mode()));
        }
        Some(binding) => queries.push(format!("b={binding}")),
        None => {}
    }
    let said = binding.is_some_and(Binding::queue_mode);
    if version > LwM2mVersion::V1_0 && queue_mode == Some(true) && !said {
        queries.push(String::from("Q"));
    }
    queries
}
