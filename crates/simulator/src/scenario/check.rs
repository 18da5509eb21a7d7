use std::collections::BTreeSet;

use anyhow::{Context, bail, ensure};
use lwm2m_codec::Level;

use super::{Event, Group, Incident, Scenario};

/// Devices that one simulator runs.
pub(crate) const MOST_DEVICES: u32 = 20_000;

/// What every device has, so that it cannot be had once more.
const OF_EVERY_DEVICE: [u16; 7] = [0, 1, 3, 5, 7, 16, 21];

/// Error Codes that a device can have (LwM2M 1.1 Core App. E.4).
const ERROR_CODES: std::ops::RangeInclusive<i64> = 1..=32;

impl Scenario {
    /// What the form of the file leaves open.
    pub(crate) fn checked(self) -> anyhow::Result<Self> {
        ensure!(!self.groups.is_empty(), "groups: expected at least one");
        let mut names = BTreeSet::new();
        for (index, group) in self.groups.iter().enumerate() {
            let at = format!("groups[{index}]");
            ensure!(names.insert(group.name.as_str()), "{at}.name: there are two groups {:?}", group.name);
            check_group(&at, group)?;
        }
        let devices: u64 = self.groups.iter().map(|group| u64::from(group.count)).sum();
        ensure!(
            devices <= u64::from(MOST_DEVICES),
            "groups: expected at most {MOST_DEVICES} devices in all, got {devices}"
        );
        for (index, event) in self.events.iter().enumerate() {
            let at = format!("events[{index}]");
            if let Some(group) = &event.group
                && !names.contains(group.as_str())
            {
                let known: Vec<&str> = names.into_iter().collect();
                bail!("{at}.group: expected one of {}, got {group:?}", known.join(", "));
            }
            check_event(&at, event)?;
        }
        Ok(self)
    }
}

fn check_group(at: &str, group: &Group) -> anyhow::Result<()> {
    let Group { count, lifetime_s, awake_s, period_ms, .. } = *group;
    ensure!((1..=MOST_DEVICES).contains(&count), "{at}.count: expected 1 to {MOST_DEVICES}, got {count}");
    ensure!(lifetime_s > 0, "{at}.lifetime_s: expected at least 1, got 0");
    ensure!(awake_s > 0, "{at}.awake_s: expected at least 1, got 0");
    ensure!(
        (10..=86_400_000).contains(&period_ms),
        "{at}.period_ms: expected 10 to 86400000, got {period_ms}"
    );
    if let Some(transmission) = group.transmission {
        transmission.checked().with_context(|| format!("{at}.transmission"))?;
    }
    if let Some(prefix) = &group.prefix {
        check_prefix(prefix).map_err(|error| anyhow::anyhow!("{at}.prefix: {error}"))?;
    }
    ensure!(
        group.factory.is_none() || (group.bootstrap.is_none() && group.security.is_none()),
        "{at}.factory: expected neither bootstrap nor security beside it, as the file says both"
    );
    for object in &group.objects {
        ensure!(
            !OF_EVERY_DEVICE.contains(object),
            "{at}.objects: expected objects that a device does not have anyway, got {object}"
        );
    }
    Ok(())
}

fn check_event(at: &str, event: &Event) -> anyhow::Result<()> {
    ensure!(event.every_s != Some(0), "{at}.every_s: expected at least 1, got 0");
    match &event.incident {
        Incident::Spike { path, by, .. } | Incident::Step { path, by } => {
            ensure!(path.level() >= Level::Resource, "{at}.do.path: expected a resource, got {path}");
            ensure!(by.is_finite(), "{at}.do.by: expected a number, got {by}");
        }
        Incident::ErrorRaised { code } | Incident::ErrorCleared { code } => {
            let (low, high) = (ERROR_CODES.start(), ERROR_CODES.end());
            ensure!(ERROR_CODES.contains(code), "{at}.do.code: expected {low} to {high}, got {code}");
        }
        _ => {}
    }
    Ok(())
}

/// An Endpoint Client Name has at most 255 bytes and no control characters; the number needs some of them.
pub(crate) fn check_prefix(text: &str) -> Result<(), String> {
    const LONGEST: usize = 240;
    if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(format!("expected 1 to {LONGEST} bytes without control characters"));
    }
    Ok(())
}
