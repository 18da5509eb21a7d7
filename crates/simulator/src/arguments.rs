use std::time::Duration;

use clap::{Parser, ValueEnum};
use lwm2m_codec::registration::LwM2mVersion;

use crate::{profile::Kind, server_address::ServerAddress};

/// A fleet of simulated LwM2M devices. They register, move their values and answer the server.
#[derive(Clone, Debug, Parser)]
#[command(name = "lwm2m-simulator", version)]
pub(crate) struct Arguments {
    /// The LwM2M Server
    #[arg(long, default_value = "coap://127.0.0.1:5683", value_name = "URI")]
    pub(crate) server: ServerAddress,

    /// How many devices to simulate
    #[arg(long, default_value_t = 24, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(crate) clients: u32,

    /// Name the devices PREFIX1, PREFIX2 and so on, instead of by serial number, IMEI or UUID
    #[arg(long, value_name = "PREFIX", value_parser = prefix)]
    pub(crate) prefix: Option<String>,

    /// How often the values of a device move, in milliseconds
    #[arg(long, default_value_t = 1000, value_name = "MS", value_parser = clap::value_parser!(u64).range(10..=86_400_000))]
    pub(crate) period_ms: u64,

    /// Lifetime of a registration in seconds
    #[arg(long, default_value_t = 300, value_name = "S", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) lifetime: u32,

    /// Which LwM2M the devices speak
    #[arg(long, default_value = "1.1", value_name = "VERSION")]
    pub(crate) lwm2m: Enabler,

    /// Another seed makes other devices; the same seed makes the same ones
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    pub(crate) seed: u64,

    /// Vanish at the end, as if the power had failed, instead of de-registering
    #[arg(long)]
    pub(crate) no_deregister: bool,

    /// What kind of devices: a mixed demo fleet, or all of one kind
    #[arg(long, default_value = "demo")]
    pub(crate) profile: FleetProfile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Enabler {
    #[value(name = "1.0")]
    V1_0,
    #[value(name = "1.1")]
    V1_1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FleetProfile {
    Demo,
    Sensor,
    Meter,
    Tracker,
    Light,
}

impl Arguments {
    pub(crate) fn period(&self) -> Duration {
        Duration::from_millis(self.period_ms)
    }
}

impl Enabler {
    pub(crate) fn version(self) -> LwM2mVersion {
        match self {
            Self::V1_0 => LwM2mVersion::V1_0,
            Self::V1_1 => LwM2mVersion::V1_1,
        }
    }
}

impl FleetProfile {
    /// The kind of the device with this number.
    pub(crate) fn kind(self, number: u32) -> Kind {
        const DEMO: [Kind; 8] = [
            Kind::Sensor,
            Kind::Tracker,
            Kind::Meter,
            Kind::Sensor,
            Kind::Light,
            Kind::Sensor,
            Kind::Meter,
            Kind::Tracker,
        ];
        match self {
            Self::Demo => DEMO[number as usize % DEMO.len()],
            Self::Sensor => Kind::Sensor,
            Self::Meter => Kind::Meter,
            Self::Tracker => Kind::Tracker,
            Self::Light => Kind::Light,
        }
    }
}

/// An Endpoint Client Name has at most 255 bytes and no control characters; the number needs some of them.
fn prefix(text: &str) -> Result<String, String> {
    const LONGEST: usize = 240;
    if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(format!("expected 1 to {LONGEST} bytes without control characters"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_demo_fleet_is_mixed() {
        let kinds: Vec<Kind> = (0..8).map(|number| FleetProfile::Demo.kind(number)).collect();
        for kind in [Kind::Sensor, Kind::Meter, Kind::Tracker, Kind::Light] {
            assert!(kinds.contains(&kind));
        }
        assert_eq!(FleetProfile::Meter.kind(5), Kind::Meter);
    }

    #[test]
    fn bad_arguments_are_refused() {
        for bad in [
            &["--clients", "0"][..],
            &["--server", "coaps://host"],
            &["--lwm2m", "2.0"],
            &["--lifetime", "0"],
            &["--period-ms", "5"],
            &["--profile", "toaster"],
            &["--prefix", ""],
        ] {
            let arguments = ["lwm2m-simulator"].iter().chain(bad);
            assert!(Arguments::try_parse_from(arguments).is_err(), "{bad:?}");
        }
    }
}
