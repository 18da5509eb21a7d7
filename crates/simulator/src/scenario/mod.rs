//! Scenario files: groups of devices, and what happens to them.

mod check;
mod incident;
mod transmission;

use std::{
    fs,
    path::{Path as FilePath, PathBuf},
    time::Duration,
};

use anyhow::Context;
use serde::Deserialize;

use crate::{
    arguments::Enabler,
    objects::Fault,
    profile::Profile,
    security::{Security, of_endpoint},
    server_address::ServerAddress,
};

pub(crate) use check::{MOST_DEVICES, check_prefix};
pub(crate) use incident::Incident;
pub(crate) use transmission::Transmission;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    #[serde(default = "default_seed")]
    pub(crate) seed: u64,
    pub(crate) groups: Vec<Group>,
    #[serde(default)]
    pub(crate) events: Vec<Event>,
}

/// Devices that have much in common.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) name: String,
    #[serde(default = "default_count")]
    pub(crate) count: u32,
    #[serde(default)]
    pub(crate) profile: Profile,
    #[serde(default)]
    pub(crate) lwm2m: Enabler,
    #[serde(default = "default_lifetime_s")]
    pub(crate) lifetime_s: u32,
    /// The devices sleep while they have nothing to say.
    #[serde(default)]
    pub(crate) queue_mode: bool,
    /// How long they listen in Queue Mode after each message.
    #[serde(default = "default_awake_s")]
    pub(crate) awake_s: u32,
    /// How often values move while they are observed.
    #[serde(default = "default_period_ms")]
    pub(crate) period_ms: u64,
    /// For the endpoint names: PREFIX1, PREFIX2 and so on.
    #[serde(default)]
    pub(crate) prefix: Option<String>,
    /// By default one that follows from the seed of the scenario and the place of the group.
    #[serde(default)]
    pub(crate) seed: Option<u64>,
    /// Objects of the registry that the devices have besides those of their profile.
    #[serde(default)]
    pub(crate) objects: Vec<u16>,
    /// The exact endpoint name, where there is one device.
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
    /// The Bootstrap-Server that tells the devices their servers.
    #[serde(default)]
    pub(crate) bootstrap: Option<ServerAddress>,
    /// Factory data: the accounts that the devices have from the start, in place of `bootstrap` and `security`.
    #[serde(default)]
    pub(crate) factory: Option<PathBuf>,
    /// The image of the smartcard in the slot of a device, whether it is there or not; `%` in the name stands for the
    /// endpoint name.
    #[serde(default)]
    pub(crate) smartcard: Option<PathBuf>,
    /// What the devices connect with to their server, or to the Bootstrap-Server. Without it they use no security.
    #[serde(default)]
    pub(crate) security: Option<Security>,
    #[serde(default)]
    pub(crate) firmware_fault: Option<Fault>,
    /// By default what RFC 7252 says.
    #[serde(default)]
    pub(crate) transmission: Option<Transmission>,
}

/// Something that happens to all devices of a group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    /// After the start of the fleet.
    pub(crate) at_s: u32,
    /// It happens again and again.
    #[serde(default)]
    pub(crate) every_s: Option<u32>,
    /// Of which group; by default of all.
    #[serde(default)]
    pub(crate) group: Option<String>,
    #[serde(rename = "do")]
    pub(crate) incident: Incident,
}

impl Scenario {
    pub(crate) fn read(path: &FilePath) -> anyhow::Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        Self::parse(&text).with_context(|| format!("{shown} is no scenario"))
    }

    /// An error names line and column of what is no scenario at all, and the field of what makes none.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let scenario: Self = serde_json::from_str(text)?;
        scenario.checked()
    }

    pub(crate) fn devices(&self) -> u32 {
        self.groups.iter().map(|group| group.count).sum()
    }

    /// The dice of a group's devices.
    pub(crate) fn seed_of(&self, group: usize) -> u64 {
        let own = self.groups.get(group).and_then(|group| group.seed);
        own.unwrap_or_else(|| self.seed.wrapping_add(u64::try_from(group).unwrap_or(0)))
    }
}

impl Group {
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            count: default_count(),
            profile: Profile::default(),
            lwm2m: Enabler::default(),
            lifetime_s: default_lifetime_s(),
            queue_mode: false,
            awake_s: default_awake_s(),
            period_ms: default_period_ms(),
            prefix: None,
            seed: None,
            objects: Vec::new(),
            endpoint: None,
            bootstrap: None,
            factory: None,
            smartcard: None,
            security: None,
            firmware_fault: None,
            transmission: None,
        }
    }

    /// Whether the devices find their servers out by themselves, and are not just given one.
    pub(crate) fn follows_sequence(&self) -> bool {
        self.bootstrap.is_some() || self.factory.is_some() || self.smartcard.is_some()
    }

    pub(crate) fn smartcard_of(&self, endpoint: &str) -> Option<PathBuf> {
        Some(of_endpoint(&self.smartcard.as_ref()?.to_string_lossy(), endpoint).into())
    }

    pub(crate) fn period(&self) -> Duration {
        Duration::from_millis(self.period_ms)
    }
}

impl Event {
    /// Whether it concerns a group.
    pub(crate) fn concerns(&self, group: &Group) -> bool {
        self.group.as_ref().is_none_or(|name| *name == group.name)
    }
}

fn default_seed() -> u64 {
    1
}

fn default_count() -> u32 {
    1
}

fn default_lifetime_s() -> u32 {
    300
}

/// MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2)
fn default_awake_s() -> u32 {
    93
}

fn default_period_ms() -> u64 {
    1000
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../../assets/scenarios/town.json");

    #[test]
    fn the_example_is_a_scenario() {
        let scenario = Scenario::parse(EXAMPLE).unwrap();
        assert!(scenario.groups.len() >= 4 && scenario.events.len() >= 6);
        assert_ne!(scenario.seed_of(0), scenario.seed_of(1));
        Scenario::parse(include_str!("../../../../assets/scenarios/demo.json")).unwrap();
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let scenario = Scenario::parse(r#"{"groups":[{"name":"all"}]}"#).unwrap();
        let group = &scenario.groups[0];
        assert_eq!((group.count, group.lifetime_s, group.period_ms), (1, 300, 1000));
        assert_eq!((group.profile, group.lwm2m, scenario.seed), (Profile::Demo, Enabler::V1_1, 1));
    }

    #[test]
    fn errors_name_the_line_or_the_field() {
        let group = r#"{"groups":[{"name":"a"}],"events":["#;
        for (text, expected) in [
            ("{\n\"groups\": [\n{\"name\": \"a\", \"cuont\": 3}]}", "unknown field `cuont`"),
            ("{\n\"groups\": [\n{\"name\": \"a\", \"cuont\": 3}]}", "line 3"),
            (r#"{"groups":[]}"#, "groups: expected at least one"),
            (r#"{"groups":[{"name":"a"},{"name":"a"}]}"#, "groups[1].name"),
            (r#"{"groups":[{"name":"a","count":0}]}"#, "groups[0].count: expected 1 to 20000, got 0"),
            (r#"{"groups":[{"name":"a","profile":"toaster"}]}"#, "unknown variant `toaster`"),
            (r#"{"groups":[{"name":"a","objects":[3]}]}"#, "groups[0].objects"),
            (
                &format!(r#"{group}{{"at_s":1,"group":"b","do":"reboot"}}]}}"#),
                "events[0].group: expected one of a",
            ),
            (&format!(r#"{group}{{"at_s":1,"do":"explode"}}]}}"#), "unknown variant `explode`"),
            (&format!(r#"{group}{{"at_s":1,"do":{{"step":{{"path":"3303/x","by":1}}}}}}]}}"#), "line 1"),
            (
                &format!(r#"{group}{{"at_s":1,"do":{{"step":{{"path":"/3303","by":1}}}}}}]}}"#),
                "events[0].do.path",
            ),
            (&format!(r#"{group}{{"at_s":1,"do":{{"error-raised":{{"code":0}}}}}}]}}"#), "events[0].do.code"),
            (&format!(r#"{group}{{"at_s":1,"every_s":0,"do":"reboot"}}]}}"#), "events[0].every_s"),
        ] {
            let error = format!("{:#}", Scenario::parse(text).unwrap_err());
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
